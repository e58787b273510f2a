// What Node knows of its own process, under the names that Prometheus clients give it.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type Family, readGauge } from '../metrics.ts'

const NS = 1e9
/** How often the event loop is looked at. What a look comes later than that is the delay. */
const LOOK_MS = 10

/** What `sayso_build_info` tells. */
export interface Build {
  version: string
  /** The widget build that is served. */
  widget: string
}

/** Starts watching the event loop. Each reading tells of the time since the one before; `stop` ends the watching. */
export function watchProcess({ version, widget }: Build): { read: () => Family[]; stop: () => void } {
  const delay = monitorEventLoopDelay({ resolution: LOOK_MS })
  delay.enable()
  // Nothing was measured yet: Node says NaN.
  const seconds = (ns: number) => (Number.isFinite(ns) ? Math.max(0, ns / NS - LOOK_MS / 1000) : 0)

  function read(): Family[] {
    const { rss, heapUsed } = process.memoryUsage()
    const { user, system } = process.cpuUsage()
    const families: Family[] = [
      readGauge('sayso_build_info', 'What is running; always 1.', [{ labels: { version, widget, node: process.version }, value: 1 }]),
      readGauge('process_start_time_seconds', 'When the process started, since 1970.', performance.timeOrigin / 1000),
      readGauge('process_resident_memory_bytes', 'Memory of the process.', rss),
      { name: 'process_cpu_seconds_total', help: 'Processor time of the process.', type: 'counter', samples: [{ labels: {}, value: (user + system) / 1e6 }] },
      readGauge('nodejs_heap_size_used_bytes', 'Memory that JavaScript uses.', heapUsed),
      readGauge('nodejs_eventloop_lag_p50_seconds', 'Half of all timers since the last reading were at most so late.', seconds(delay.percentile(50))),
      readGauge('nodejs_eventloop_lag_p99_seconds', '99 in 100 timers since the last reading were at most so late.', seconds(delay.percentile(99))),
      readGauge('nodejs_eventloop_lag_max_seconds', 'The latest timer since the last reading.', delay.count === 0 ? 0 : seconds(delay.max)),
    ]
    delay.reset()
    return families
  }

  return { read, stop: () => void delay.disable() }
}
