// What Node knows of its own process, under the names that Prometheus clients give it.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type Family, readGauge } from '../metrics.ts'

const NS = 1e9

/** What `sayso_build_info` tells. */
export interface Build {
  version: string
  /** The widget build that is served. */
  widget: string
}

/** Starts watching the event loop. Each reading tells of the time since the one before; `stop` ends the watching. */
export function watchProcess({ version, widget }: Build): { read: () => Family[]; stop: () => void } {
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()
  // Nothing was measured yet: Node says NaN.
  const seconds = (ns: number) => (Number.isFinite(ns) ? ns / NS : 0)

  function read(): Family[] {
    const { rss, heapUsed } = process.memoryUsage()
    const { user, system } = process.cpuUsage()
    const families: Family[] = [
      readGauge('sayso_build_info', 'What is running; always 1.', [{ labels: { version, widget, node: process.version }, value: 1 }]),
      readGauge('process_start_time_seconds', 'When the process started, since 1970.', performance.timeOrigin / 1000),
      readGauge('process_resident_memory_bytes', 'Memory of the process.', rss),
      { name: 'process_cpu_seconds_total', help: 'Processor time of the process.', type: 'counter', samples: [{ labels: {}, value: (user + system) / 1e6 }] },
      readGauge('nodejs_heap_size_used_bytes', 'Memory that JavaScript uses.', heapUsed),
      readGauge('nodejs_eventloop_lag_p50_seconds', 'Half of the turns of the event loop since the last reading took at most this.', seconds(delay.percentile(50))),
      readGauge('nodejs_eventloop_lag_p99_seconds', '99 in 100 turns of the event loop since the last reading took at most this.', seconds(delay.percentile(99))),
      readGauge('nodejs_eventloop_lag_max_seconds', 'The longest turn of the event loop since the last reading.', delay.count === 0 ? 0 : seconds(delay.max)),
    ]
    delay.reset()
    return families
  }

  return { read, stop: () => void delay.disable() }
}
