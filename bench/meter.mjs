// Loaded before `sayso verify`: when that ends, it writes what it took to the file in SAYSO_METER, as JSON.
import { writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

if (isMainThread) {
  process.on('exit', () => {
    const { user, system } = process.cpuUsage()
    const measured = { seconds: performance.now() / 1000, cpuSeconds: (user + system) / 1e6, peakMegabytes: process.resourceUsage().maxRSS / 1024 }
    writeFileSync(process.env.SAYSO_METER, JSON.stringify(measured))
  })
}
