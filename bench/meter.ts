// Loaded before `sayso verify`: writes to METER_FILE what the process took, as JSON, when it ends.
import { writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

process.on('exit', () => {
  if (!isMainThread) return
  const { user, system } = process.cpuUsage()
  writeFileSync(process.env['METER_FILE']!, JSON.stringify({
    seconds: performance.now() / 1000, cpuSeconds: (user + system) / 1e6, peakMegabytes: process.resourceUsage().maxRSS / 1024,
  }))
})
