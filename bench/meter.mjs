// Loaded before `sayso verify`: when that ends, it writes what it took to the file in SAYSO_METER, as JSON.
import { readFileSync, writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

/** The process's own peak, in kB. What getrusage counts begins with the peak of the process that started this one. */
function readPeakKilobytes() {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1])
  } catch {
    return process.resourceUsage().maxRSS
  }
}

if (isMainThread) {
  process.on('exit', () => {
    const { user, system } = process.cpuUsage()
    writeFileSync(process.env.SAYSO_METER, JSON.stringify({ seconds: performance.now() / 1000, cpuSeconds: (user + system) / 1e6, peakMegabytes: readPeakKilobytes() / 1024 }))
  })
}
