// One audit in a process of its own, as `sayso verify` does it; prints what it took as JSON. audit.ts FILE VKEY
import { createReadStream } from 'node:fs'
import { parseNoteKey } from '../core/checkpoint.ts'
import { splitLines } from '../core/export.ts'
import { verifyExport } from '../core/verify.ts'
import { createColumnFolder } from '../server/node/column-file.ts'
import { createReadPool } from '../server/node/read-pool.ts'

const [path, vkey] = process.argv.slice(2) as [string, string]
const startMs = performance.now()
const pool = createReadPool()
const folder = createColumnFolder()
const pieces = createReadStream(path, { encoding: 'utf8', highWaterMark: 256 * 1024 })
const report = await verifyExport(splitLines(pieces), { keys: [parseNoteKey(vkey)] }, { ...pool, createColumn: folder.createColumn })
folder.close()
await pool.close()
const { isValid, leaves } = report
const { user, system } = process.cpuUsage()
console.log(JSON.stringify({ isValid, leaves, seconds: (performance.now() - startMs) / 1000, cpuSeconds: (user + system) / 1e6, peakMegabytes: process.resourceUsage().maxRSS / 1024 }))
