// `npm run bench:service`: signed events accepted a second over HTTP, each with a key of its own, durable and answered with its proof,
// over SQLite and PostgreSQL, beside a peer and what this machine can do at most. Writes its section of docs/benchmarks.md.
import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import { readEvent } from '../core/event.ts'
import { buildAll, isBuildDue } from '../scripts/build.ts'
import { findFreePort } from '../scripts/demo-process.ts'
import { installPackages } from '../scripts/install.mjs'
import { checkSignatureHere } from '../server/node/check-signature.ts'
import { useNative } from '../server/node/native.ts'
import { createDevice } from '../test/fixtures/device.ts'
import { startPostgres } from '../test/fixtures/postgres.ts'
import { createSite, SHOP_ORIGIN } from '../test/fixtures/site.ts'
import { countC15tConsents, makeC15tRequest, readC15tVersion, startC15t } from './c15t-backend.ts'
import { writeSection } from './section.ts'

const root = join(import.meta.dirname, '..')
const MAIN = join(root, 'dist/server/main.js')
const SECONDS = 8
const BATCH = 100
const EVENTS = 120_000

interface Load {
  name: string
  connections: number
  batch: number
}

const LOADS: Load[] = [
  { name: '1 connection', connections: 1, batch: 1 }, { name: '10 connections', connections: 10, batch: 1 },
  { name: '50 connections', connections: 50, batch: 1 }, { name: '100 connections', connections: 100, batch: 1 },
  { name: `10 connections, batches of ${BATCH}`, connections: 10, batch: BATCH },
]

interface Measured {
  events: number
  perSecond: number
  p50: number
  p95: number
  p99: number
}

interface Post {
  path: string
  headers: Record<string, string>
  body: string
}

/** A service under load. `next` gives what to send it next: a batch of so many events, or undefined when there are no more. */
interface Contender {
  name: string
  port: number
  pid: number
  takesBatches: boolean
  next(batch: number): Post | undefined
  /** How many events it has stored, where that can be asked from outside. */
  count?(): Promise<number>
  stop(): Promise<void>
}

function summarize(latencies: number[], events: number, seconds: number): Measured {
  const sorted = latencies.sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
  return { events, perSecond: events / seconds, p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

function post(agent: Agent, port: number, { path, headers, body }: Post): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ agent, port, host: '127.0.0.1', path, method: 'POST', headers: { ...headers, 'content-length': Buffer.byteLength(body) } }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode!))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Sends for some seconds what `next` gives. Every answer has to be one of success. */
async function load(port: number, { connections, batch }: Load, next: () => Post | undefined): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const latencies: number[] = []
  const start = performance.now()
  await Promise.all(Array.from({ length: connections }, async () => {
    while (performance.now() - start < SECONDS * 1000) {
      const one = next()
      if (one === undefined) break
      const sentAt = performance.now()
      const status = await post(agent, port, one)
      if (status !== 201 && status !== 200) throw new Error(`answered ${status}`)
      latencies.push(performance.now() - sentAt)
    }
  }))
  const seconds = (performance.now() - start) / 1000
  agent.destroy()
  return summarize(latencies, latencies.length * batch, seconds)
}

async function startSayso(env: Record<string, string>, events: string[]): Promise<Contender> {
  const folder = mkdtempSync(join(tmpdir(), 'sayso-bench-'))
  const port = await findFreePort()
  const all = { ...process.env, SAYSO_PORT: String(port), SAYSO_BASE_URL: `http://localhost:${port}`, SAYSO_DATA: join(folder, 'data'), ...env }
  writeFileSync(join(folder, 'site.json'), JSON.stringify(createSite()))
  writeFileSync(join(folder, 'limits.json'), JSON.stringify({ eventsPerIp: 1e9, bodyBytes: 4e6 }))
  await promisify(execFile)(process.execPath, [MAIN, 'site', 'publish', join(folder, 'site.json')], { env: all })
  const child = spawn(process.execPath, [MAIN, 'serve', '--quiet', '--limits', join(folder, 'limits.json')], { env: all, stdio: 'ignore' })
  while (!(await fetch(`http://127.0.0.1:${port}/readyz`).then(({ ok }) => ok, () => false))) await new Promise((resolve) => setTimeout(resolve, 20))
  let at = 0
  return {
    name: 'Sayso', port, pid: child.pid!, takesBatches: true,
    next(batch) {
      if (at + batch > events.length) return undefined
      const part = events.slice(at, (at += batch))
      const body = batch === 1 ? part[0]! : JSON.stringify({ events: part.map((jws) => ({ jws })) })
      return { path: '/v1/sites/shop/events', headers: { 'content-type': batch === 1 ? 'text/plain' : 'application/json', origin: SHOP_ORIGIN }, body }
    },
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true })
    },
  }
}

/** The peer over an empty PostgreSQL, or over a SQLite file of its own. */
async function startPeer(url?: string): Promise<Contender> {
  const folder = mkdtempSync(join(tmpdir(), 'sayso-bench-'))
  const database = url ?? join(folder, 'c15t.db')
  const c15t = await startC15t(database)
  let subjects = 0
  return {
    name: PEER, port: Number(new URL(c15t.url).port), pid: c15t.pid, takesBatches: false,
    next: () => makeC15tRequest((subjects += 1)),
    count: () => countC15tConsents(database),
    async stop() {
      await c15t.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Processor time in seconds, and the peak of the memory in MB, of a process. */
function readProcess(pid: number): { cpu: number; peak: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  const peak = Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024
  return { cpu: (Number(fields[11]) + Number(fields[12])) / 100, peak }
}

interface Row extends Measured {
  store: string
  load: string
  service: string
  cpuMicroseconds: number
  peak: number
}

/** Each load on each of them in turn, so that what else the machine does falls on all alike. */
async function measure(store: string, contenders: Contender[]): Promise<Row[]> {
  const rows: Row[] = []
  try {
    for (const one of LOADS) {
      for (const { name, port, pid, next } of contenders.filter(({ takesBatches }) => takesBatches || one.batch === 1)) {
        const before = readProcess(pid)
        const measured = await load(port, one, () => next(one.batch))
        const after = readProcess(pid)
        rows.push({ store, load: one.name, service: name, ...measured, cpuMicroseconds: ((after.cpu - before.cpu) / measured.events) * 1e6, peak: after.peak })
        console.log(rows.at(-1))
      }
    }
    for (const { name, count } of contenders) {
      const answered = rows.filter(({ service }) => service === name).reduce((sum, { events }) => sum + events, 0)
      const stored = await count?.() ?? answered
      if (stored !== answered) throw new Error(`${name} answered ${answered} times, but stored ${stored} over ${store}.`)
    }
  } finally {
    for (const { stop } of contenders) await stop()
  }
  return rows
}

/** The same way with nothing at its end. */
async function measureEcho(): Promise<number> {
  const port = await findFreePort()
  const script = `import { serve } from '@hono/node-server'; import { Hono } from 'hono'; const app = new Hono(); app.post('/', async (c) => c.text(await c.req.text())); serve({ fetch: app.fetch, port: ${port} })`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { cwd: root, stdio: 'ignore' })
  while (!(await fetch(`http://127.0.0.1:${port}/`).then(() => true, () => false))) await new Promise((resolve) => setTimeout(resolve, 20))
  const { perSecond } = await load(port, { name: 'echo', connections: 10, batch: 1 }, () => ({ path: '/', headers: { 'content-type': 'text/plain' }, body: 'x'.repeat(1800) }))
  child.kill()
  return perSecond
}

/** Rows committed a second, a hundred at a time, each commit on the disk. */
function measureSqlite(): number {
  const folder = mkdtempSync(join(tmpdir(), 'sayso-bench-'))
  const db = new Database(join(folder, 'raw.db'))
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.exec('create table event (id integer primary key, jws text)')
  const insert = db.prepare('insert into event (jws) values (?)')
  const commit = db.transaction(() => {
    for (let i = 0; i < BATCH; i += 1) insert.run('x'.repeat(1800))
  })
  const startMs = performance.now()
  let commits = 0
  for (; performance.now() - startMs < 4000; commits += 1) commit()
  const perSecond = (commits * BATCH) / ((performance.now() - startMs) / 1000)
  db.close()
  rmSync(folder, { recursive: true })
  return perSecond
}

async function measureReading(events: string[]): Promise<number> {
  useNative()
  const startMs = performance.now()
  let count = 0
  for (; count < events.length && performance.now() - startMs < 4000; count += 1) await readEvent(events[count]!, checkSignatureHere)
  return count / ((performance.now() - startMs) / 1000)
}

function measureOpenssl(): number {
  const out = execFileSync('openssl', ['speed', '-elapsed', '-seconds', '3', 'ecdsap256'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  return Number(/([\d.]+)\s*$/.exec(out.trim())![1])
}

installPackages(import.meta.dirname)
if (isBuildDue(root)) await buildAll(root)
const PEER = `@c15t/backend ${readC15tVersion()}`
console.log(`signing ${EVENTS} events, a key each …`)
const events: string[] = []
for (let i = 0; i < EVENTS; i += 1) events.push(await (await createDevice()).decide({ analytics: 'given' }))
const yard = { openssl: measureOpenssl(), reading: await measureReading(events), echo: await measureEcho(), sqlite: measureSqlite() }
const rows = await measure('SQLite', [await startSayso({}, events), await startPeer()])
const postgres = await startPostgres()
try {
  const [ours, theirs] = [await postgres.createDatabase(), await postgres.createDatabase()]
  rows.push(...await measure('PostgreSQL', [await startSayso({ SAYSO_DATABASE_URL: ours }, events), await startPeer(theirs)]))
} finally {
  await postgres.stop()
}

const number = (value: number) => Math.round(value).toLocaleString('en')
const text = `## The service

Written by \`npm run bench:service\`: signed events over HTTP, each with a key of its own, ${SECONDS} seconds a row, the load from the same machine. An answer comes
when the event is on the disk (SQLite \`synchronous=FULL\`, PostgreSQL with its usual \`fsync\`), with leaf, proof and signed checkpoint. The latency of a
batch is the whole batch's.

| store | load | service | events a second | p50, ms | p95, ms | p99, ms | processor time of the service an event, µs | share of one core's parse-and-verify | peak memory, MB |
| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${rows.map((row) => `| ${row.store} | ${row.load} | ${row.service} | ${number(row.perSecond)} | ${row.p50.toFixed(1)} | ${row.p95.toFixed(1)} | ${row.p99.toFixed(1)} | ${number(row.cpuMicroseconds)} | ${row.service === PEER ? '–' : (row.perSecond / yard.reading).toFixed(2)} | ${number(row.peak)} |`).join('\n')}

**The peer.** @c15t/backend, set up after its documentation: Kysely with ten PostgreSQL connections at most, as many as here, or with SQLite under the
same \`journal_mode\` and \`synchronous\`; its own migrations; the same Hono server over it; logging and telemetry off. Its event is what its browser
package sends for a new subject who chooses on a banner. It stores a row for the subject and one for the consent, each with a commit of its own, and
answers with their ids: no signature is checked, no log kept, nothing proven. It takes no batches. Each load runs on both in turn; at the end its
database has to hold as many subjects with a consent as it answered.

| this machine at most | a second |
| --- | ---: |
| \`openssl speed\` P-256 verifications, one core | ${number(yard.openssl)} |
| this code's parse and verify of events with fresh keys, one core | ${number(yard.reading)} |
| a bare Hono echo of the same size, 10 connections | ${number(yard.echo)} |
| raw SQLite, rows in commits of ${BATCH} | ${number(yard.sqlite)} |

Machine: ${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, Node ${process.versions.node}, load ${loadavg()[0]!.toFixed(1)} at the end of the run. PostgreSQL runs on the same cores.
`
writeSection(join(root, 'docs/benchmarks.md'), 'service', text)
console.log(text)
