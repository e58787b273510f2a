// `npm run bench:service`: signed events accepted a second over HTTP, each with a key of its own, durable and answered with its proof,
// over SQLite and PostgreSQL, beside a peer and what this machine can do at most. Writes its section of docs/benchmarks.md.
import { availableParallelism, cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { buildAll, isBuildDue } from '../scripts/build.ts'
import { installPackages } from '../scripts/install.mjs'
import { createDevice } from '../test/fixtures/device.ts'
import { startPostgres } from '../test/fixtures/postgres.ts'
import { type Contender, nameOfPeer, readConsumption, startPeer, startSayso } from './contenders.ts'
import { loadAtRate, loadFully, type Measured } from './load.ts'
import { writeSection } from './section.ts'
import { measureYardsticks, ROWS_OF_A_COMMIT } from './yardsticks.ts'

const root = join(import.meta.dirname, '..')
const SECONDS = 8
const HALF_SECONDS = 48
/** Before anything is measured: until then much of the code is compiled while it runs. */
const WARM_SECONDS = 15
const BATCH = 100
const EVENTS = 320_000
/** How often memory is looked at under half of the most, in that time. */
const LOOKS = 6

const LOADS = [
  { name: '1 connection', connections: 1, batch: 1 }, { name: '10 connections', connections: 10, batch: 1 },
  { name: '50 connections', connections: 50, batch: 1 }, { name: '100 connections', connections: 100, batch: 1 },
  { name: `10 connections, batches of ${BATCH}`, connections: 10, batch: BATCH },
]

interface Row extends Measured {
  store: string
  load: string
  service: string
  events: number
  perSecond: number
  cpuMicroseconds: number
  peak: number
}

interface Memory {
  store: string
  service: string
  megabytes: number[]
}

async function measureLoad(store: string, { name, pid }: Contender, load: string, batch: number, run: () => Promise<Measured>): Promise<Row> {
  const before = readConsumption(pid)
  const measured = await run()
  const after = readConsumption(pid)
  const events = measured.requests * batch
  const row = { store, load, service: name, ...measured, events, perSecond: events / measured.seconds, cpuMicroseconds: ((after.cpu - before.cpu) / events) * 1e6, peak: after.peak }
  console.log(row)
  return row
}

/** At half of what it did at most, one event a request: latency then, and memory all along. */
async function measureHalf(store: string, contender: Contender, most: number): Promise<{ row: Row; memory: Memory }> {
  const { name, port, pid, next } = contender
  const megabytes: number[] = []
  const looking = setInterval(() => void megabytes.push(readConsumption(pid).memory), (HALF_SECONDS * 1000) / LOOKS)
  const row = await measureLoad(store, contender, `half of the most, ${Math.round(most / 2)} a second`, 1, () => loadAtRate(port, { perSecond: most / 2, seconds: HALF_SECONDS }, () => next(1)))
  clearInterval(looking)
  return { row, memory: { store, service: name, megabytes } }
}

/** Each load on each of them in turn, so that what else the machine does falls on all alike. `settle` is called before half of the most. */
async function measure(store: string, contenders: Contender[], settle = async () => {}): Promise<{ rows: Row[]; memories: Memory[] }> {
  const rows: Row[] = []
  const memories: Memory[] = []
  const warmed = new Map<string, number>()
  try {
    for (const { name, port, next } of contenders) warmed.set(name, (await loadFully(port, { connections: 50, seconds: WARM_SECONDS }, () => next(1))).requests)
    for (const { name: load, connections, batch } of LOADS) {
      for (const one of contenders.filter(({ takesBatches }) => takesBatches || batch === 1)) {
        rows.push(await measureLoad(store, one, load, batch, () => loadFully(one.port, { connections, seconds: SECONDS }, () => one.next(batch))))
      }
    }
    for (const one of contenders) {
      const most = Math.max(...rows.filter(({ service, load }) => service === one.name && load !== LOADS.at(-1)!.name).map(({ perSecond }) => perSecond))
      await settle()
      const { row, memory } = await measureHalf(store, one, most)
      rows.push(row)
      memories.push(memory)
    }
    for (const { name, count } of contenders) {
      const answered = rows.filter(({ service }) => service === name).reduce((sum, { events }) => sum + events, warmed.get(name)!)
      const stored = await count?.() ?? answered
      if (stored !== answered) throw new Error(`${name} answered ${answered} times, but stored ${stored} over ${store}.`)
    }
  } finally {
    for (const { stop } of contenders) await stop()
  }
  return { rows, memories }
}

/** What PostgreSQL does every five minutes: from then on it writes its log over old segments, and no longer fills new ones with zeros while commits wait. */
async function makeCheckpoint(url: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query('checkpoint')
  await client.end()
}

installPackages(import.meta.dirname)
if (isBuildDue(root)) await buildAll(root)
const PEER = nameOfPeer()
console.log(`signing ${EVENTS} events, a key each …`)
const events: string[] = []
for (let i = 0; i < EVENTS; i += 1) events.push(await (await createDevice()).decide({ analytics: 'given' }))
const yard = await measureYardsticks(root, events)
const sqlite = await measure('SQLite', [await startSayso({}, events), await startPeer()])
const server = await startPostgres()
let postgres: Awaited<ReturnType<typeof measure>>
try {
  const [ours, theirs] = [await server.createDatabase(), await server.createDatabase()]
  postgres = await measure('PostgreSQL', [await startSayso({ SAYSO_DATABASE_URL: ours }, events), await startPeer(theirs)], () => makeCheckpoint(ours))
} finally {
  await server.stop()
}
const rows = [...sqlite.rows, ...postgres.rows]

const number = (value: number) => Math.round(value).toLocaleString('en')
const text = `## The service

Written by \`npm run bench:service\`: signed events over HTTP, each with a key of its own, ${SECONDS} seconds a row, ${HALF_SECONDS} at half of the most,
after ${WARM_SECONDS} that do not count, the load from the same machine. An answer comes
when the event is on the disk (SQLite \`synchronous=FULL\`, PostgreSQL with its usual \`fsync\`), with leaf, proof and signed checkpoint. The latency of a
batch is the whole batch's; at half of the most, requests come at random times (Poisson) and their latency counts from when they were due; over PostgreSQL
after a checkpoint, as there is one every five minutes: before the first, commits wait now and then while a new segment of its log is filled with zeros.

| store | load | service | events a second | p50, ms | p95, ms | p99, ms | processor time of the service an event, µs | share of one core's parse-and-verify | peak memory, MB |
| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${rows.map((row) => `| ${row.store} | ${row.load} | ${row.service} | ${number(row.perSecond)} | ${row.p50.toFixed(1)} | ${row.p95.toFixed(1)} | ${row.p99.toFixed(1)} | ${number(row.cpuMicroseconds)} | ${row.service === PEER ? '–' : (row.perSecond / yard.reading).toFixed(2)} | ${number(row.peak)} |`).join('\n')}

**The peer.** @c15t/backend, set up after its documentation: Kysely with ten PostgreSQL connections at most, as many as here, or with SQLite under the
same \`journal_mode\` and \`synchronous\`; its own migrations; the same Hono server over it; logging and telemetry off. Its event is what its browser
package sends for a new subject who chooses on a banner. It stores a row for the subject and one for the consent, each with a commit of its own, and
answers with their ids: no signature is checked, no log kept, nothing proven. It takes no batches. Each load runs on both in turn; at the end its
database has to hold as many subjects with a consent as it answered.

| at half of the most: memory (\`VmRSS\`) after, MB | ${Array.from({ length: LOOKS }, (_, i) => `${Math.round((HALF_SECONDS / LOOKS) * (i + 1))} s`).join(' | ')} |
| --- | ${Array.from({ length: LOOKS }, () => '---:').join(' | ')} |
${[...sqlite.memories, ...postgres.memories].map(({ store, service, megabytes }) => `| ${service} over ${store} | ${Array.from({ length: LOOKS }, (_, i) => (megabytes[i] === undefined ? '–' : number(megabytes[i]))).join(' | ')} |`).join('\n')}

| this machine at most | a second |
| --- | ---: |
| \`openssl speed\` P-256 verifications, one core | ${number(yard.openssl)} |
| this code's parse and verify of events with fresh keys, one core | ${number(yard.reading)} |
| a bare Hono echo of the same size, 10 connections | ${number(yard.echo)} |
| raw SQLite, rows in commits of ${ROWS_OF_A_COMMIT} | ${number(yard.sqlite)} |

Machine: ${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, Node ${process.versions.node}, load ${loadavg()[0]!.toFixed(1)} at the end of the run. PostgreSQL runs on the same cores.
`
writeSection(join(root, 'docs/benchmarks.md'), 'service', text)
console.log(text)
