// `npm run bench`: how fast an export is audited, against what this machine's OpenSSL can do in the same minute, and
// in how much memory. Writes its section of docs/benchmarks.md. With --million also an export of 1,000,000 events (2 GB on disk).
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildAll, isBuildDue } from '../scripts/build.ts'
import { writeExportFile } from './export-file.ts'
import { writeSection } from './section.ts'

const cores = availableParallelism()
const root = join(import.meta.dirname, '..')
const sizes = [10_000, 30_000, 100_000, ...(process.argv.includes('--million') ? [1_000_000] : [])]

interface Yardstick {
  /** P-256 verifications a second on all cores, by the clock. */
  perSecond: number
  /** Processor time of one, in microseconds. */
  cpuMicroseconds: number
}

/** What `openssl speed` counts on all cores in 3 seconds, by the clock or, without `-elapsed`, in 3 seconds of processor time each. */
function countVerifications(...flags: string[]): number {
  const out = execFileSync('openssl', ['speed', ...flags, '-seconds', '3', '-multi', String(cores), 'ecdsap256'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  return Number(/([\d.]+)\s*$/.exec(out.trim())![1])
}

function measureOpenssl(): Yardstick {
  return { perSecond: countVerifications('-elapsed'), cpuMicroseconds: (cores / countVerifications()) * 1e6 }
}

interface Measured {
  events: number
  megabytes: number
  seconds: number
  eventsPerSecond: number
  cpuMicroseconds: number
  openssl: Yardstick
  peakMegabytes: number
}

/** `sayso verify` as it is built, start and end of the process included; it throws where the export does not hold. */
function verify(path: string, vkey: string, meterFile: string): { leaves: number; seconds: number; cpuSeconds: number; peakMegabytes: number } {
  const out = execFileSync(
    process.execPath, ['--import', join(import.meta.dirname, 'meter.mjs'), join(root, 'dist/server/main.js'), 'verify', path, '--key', vkey, '--json'],
    { encoding: 'utf8', env: { ...process.env, SAYSO_METER: meterFile } })
  return { leaves: (JSON.parse(out) as { leaves: number }).leaves, ...JSON.parse(readFileSync(meterFile, 'utf8')) }
}

async function measure(events: number, folder: string): Promise<Measured> {
  const path = join(folder, `${events}.ndjson`)
  console.log(`${events} events: writing…`)
  const vkey = await writeExportFile(path, events)
  const before = measureOpenssl()
  const audit = verify(path, vkey, join(folder, 'meter.json'))
  const after = measureOpenssl()
  const openssl = { perSecond: (before.perSecond + after.perSecond) / 2, cpuMicroseconds: (before.cpuMicroseconds + after.cpuMicroseconds) / 2 }
  if (audit.leaves !== events + 1) throw new Error(`the export of ${events} events does not hold`)
  const megabytes = statSync(path).size / 1e6
  rmSync(path)
  return { events, megabytes, seconds: audit.seconds, eventsPerSecond: events / audit.seconds, cpuMicroseconds: (audit.cpuSeconds / events) * 1e6, openssl, peakMegabytes: audit.peakMegabytes }
}

function describe(rows: readonly Measured[]): string {
  const number = (value: number) => Math.round(value).toLocaleString('en')
  return `## An audit

Written by \`npm run bench\` (\`-- --million\` for the last size), from \`bench/\`. An audit is what \`sayso verify\`, as it is built, does with
a site's export: read every line strictly, check every signature, rebuild the tree, check every anchor, predecessor
and notice. Keys sign four events each, records lie side by side, and an anchor is shared by an hour.

| events | file, MB | seconds | events a second | openssl P-256 verifications a second, all cores | share by the clock | processor time an event, µs | openssl a verification, µs | share by processor time | peak memory, MB |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${rows.map((row) => `| ${number(row.events)} | ${number(row.megabytes)} | ${row.seconds.toFixed(1)} | ${number(row.eventsPerSecond)} | ${number(row.openssl.perSecond)} | ${(row.eventsPerSecond / row.openssl.perSecond).toFixed(2)} | ${number(row.cpuMicroseconds)} | ${number(row.openssl.cpuMicroseconds)} | ${(row.openssl.cpuMicroseconds / row.cpuMicroseconds).toFixed(2)} | ${number(row.peakMegabytes)} |`).join('\n')}

Machine: ${cpus()[0]?.model ?? 'unknown'}, ${cores} cores, Node ${process.versions.node}, load ${loadavg()[0]!.toFixed(1)} at the end of the run.
\`openssl speed -multi ${cores} ecdsap256\` ran just before and just after each audit; its mean is the yardstick. It verifies one
signature under one key that is ready, again and again: reading each new key costs about as much again and is part of
an audit. The share by processor time has openssl without \`-elapsed\`. Both need the machine to themselves: beside other work
openssl takes several times as long for a verification, in processor time too, and where that column differs from row to row, or
is far above 120 µs, the shares of that row say nothing and are mostly too high. Peak memory is the process's, with all its
threads (\`VmHWM\`); what must be remembered of every leaf is in files.
`
}

if (isBuildDue(root)) await buildAll(root)
const folder = mkdtempSync(join(tmpdir(), 'sayso-bench-'))
try {
  const rows: Measured[] = []
  for (const size of sizes) rows.push(await measure(size, folder))
  const text = describe(rows)
  writeSection(join(root, 'docs/benchmarks.md'), 'audit', text)
  console.log(text)
} finally {
  rmSync(folder, { recursive: true })
}
