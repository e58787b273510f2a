// `npm run bench:service`: signed events accepted a second over HTTP, each with a key of its own, durable and answered with its proof,
// over SQLite and PostgreSQL, beside what this machine can do at most. Writes its section of docs/benchmarks.md.
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process'
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
import { checkSignatureHere } from '../server/node/check-signature.ts'
import { useNative } from '../server/node/native.ts'
import { createDevice } from '../test/fixtures/device.ts'
import { startPostgres } from '../test/fixtures/postgres.ts'
import { createSite, SHOP_ORIGIN } from '../test/fixtures/site.ts'
import { writeSection } from './section.ts'

const root = join(import.meta.dirname, '..')
const MAIN = join(root, 'dist/server/main.js')
const SECONDS = 8
const BATCH = 100
const EVENTS = 60_000

interface Load {
  name: string
  connections: number
  batch: number
}

const LOADS: Load[] = [
  { name: '1 connection', connections: 1, batch: 1 }, { name: '10 connections', connections: 10, batch: 1 },
  { name: '100 connections', connections: 100, batch: 1 }, { name: `10 connections, batches of ${BATCH}`, connections: 10, batch: BATCH },
]

interface Measured {
  perSecond: number
  p50: number
  p95: number
  p99: number
}

function summarize(latencies: number[], events: number, seconds: number): Measured {
  const sorted = latencies.sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
  return { perSecond: events / seconds, p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

function post(agent: Agent, port: number, path: string, body: string, type: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ agent, port, host: '127.0.0.1', path, method: 'POST', headers: { 'content-type': type, 'content-length': Buffer.byteLength(body), origin: SHOP_ORIGIN } }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode!))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Sends for some seconds; `next` gives the next body. Every answer has to be one of success. */
async function load(port: number, { connections, batch }: Load, path: string, next: () => string | undefined): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const latencies: number[] = []
  const start = performance.now()
  await Promise.all(Array.from({ length: connections }, async () => {
    for (let body = next(); body !== undefined && performance.now() - start < SECONDS * 1000; body = next()) {
      const sentAt = performance.now()
      const status = await post(agent, port, path, body, batch === 1 ? 'text/plain' : 'application/json')
      if (status !== 201 && status !== 200) throw new Error(`answered ${status}`)
      latencies.push(performance.now() - sentAt)
    }
  }))
  const seconds = (performance.now() - start) / 1000
  agent.destroy()
  return summarize(latencies, latencies.length * batch, seconds)
}

interface Running {
  port: number
  child: ChildProcess
  folder: string
}

async function start(env: Record<string, string>): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'sayso-bench-'))
  const port = await findFreePort()
  const all = { ...process.env, SAYSO_PORT: String(port), SAYSO_BASE_URL: `http://localhost:${port}`, SAYSO_DATA: join(folder, 'data'), ...env }
  writeFileSync(join(folder, 'site.json'), JSON.stringify(createSite()))
  writeFileSync(join(folder, 'limits.json'), JSON.stringify({ eventsPerIp: 1e9, bodyBytes: 4e6 }))
  await promisify(execFile)(process.execPath, [MAIN, 'site', 'publish', join(folder, 'site.json')], { env: all })
  const child = spawn(process.execPath, [MAIN, 'serve', '--quiet', '--limits', join(folder, 'limits.json')], { env: all, stdio: 'ignore' })
  while (!(await fetch(`http://127.0.0.1:${port}/readyz`).then(({ ok }) => ok, () => false))) await new Promise((resolve) => setTimeout(resolve, 20))
  return { port, child, folder }
}

async function stop({ child, folder }: Running): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
  rmSync(folder, { recursive: true })
}

/** Processor time in seconds, and the peak of the memory in MB, of a process. */
function readProcess({ pid }: ChildProcess): { cpu: number; peak: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  const peak = Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024
  return { cpu: (Number(fields[11]) + Number(fields[12])) / 100, peak }
}

interface Row extends Measured {
  store: string
  load: string
  cpuMicroseconds: number
  peak: number
}

async function measure(store: string, env: Record<string, string>, events: string[]): Promise<Row[]> {
  const rows: Row[] = []
  const running = await start(env)
  let at = 0
  for (const one of LOADS) {
    const bodies = () => {
      if (at + one.batch > events.length) return undefined
      const part = events.slice(at, (at += one.batch))
      return one.batch === 1 ? part[0]! : JSON.stringify({ events: part.map((jws) => ({ jws })) })
    }
    const before = readProcess(running.child)
    const startAt = at
    const measured = await load(running.port, one, '/v1/sites/shop/events', bodies)
    const after = readProcess(running.child)
    rows.push({ store, load: one.name, ...measured, cpuMicroseconds: ((after.cpu - before.cpu) / (at - startAt)) * 1e6, peak: after.peak })
    console.log(rows.at(-1))
  }
  await stop(running)
  return rows
}

/** The same way with nothing at its end. */
async function measureEcho(): Promise<number> {
  const port = await findFreePort()
  const script = `import { serve } from '@hono/node-server'; import { Hono } from 'hono'; const app = new Hono(); app.post('/', async (c) => c.text(await c.req.text())); serve({ fetch: app.fetch, port: ${port} })`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { cwd: root, stdio: 'ignore' })
  while (!(await fetch(`http://127.0.0.1:${port}/`).then(() => true, () => false))) await new Promise((resolve) => setTimeout(resolve, 20))
  const { perSecond } = await load(port, { name: 'echo', connections: 10, batch: 1 }, '/', () => 'x'.repeat(1800))
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

if (isBuildDue(root)) await buildAll(root)
console.log(`signing ${EVENTS} events, a key each …`)
const events: string[] = []
for (let i = 0; i < EVENTS; i += 1) events.push(await (await createDevice()).decide({ analytics: 'given' }))
const postgres = await startPostgres()
const yard = { openssl: measureOpenssl(), reading: await measureReading(events), echo: await measureEcho(), sqlite: measureSqlite() }
const rows = [...await measure('SQLite', {}, events), ...await measure('PostgreSQL', { SAYSO_DATABASE_URL: await postgres.createDatabase() }, events)]
await postgres.stop()

const number = (value: number) => Math.round(value).toLocaleString('en')
const text = `## The service

Written by \`npm run bench:service\`: signed events over HTTP, each with a key of its own, ${SECONDS} seconds a row, the load from the same machine. An answer comes
when the event is on the disk (SQLite \`synchronous=FULL\`, PostgreSQL with its usual \`fsync\`), with leaf, proof and signed checkpoint. The latency of a
batch is the whole batch's.

| store | load | events a second | p50, ms | p95, ms | p99, ms | processor time of the service an event, µs | share of one core's parse-and-verify | peak memory, MB |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${rows.map((row) => `| ${row.store} | ${row.load} | ${number(row.perSecond)} | ${row.p50.toFixed(1)} | ${row.p95.toFixed(1)} | ${row.p99.toFixed(1)} | ${number(row.cpuMicroseconds)} | ${(row.perSecond / yard.reading).toFixed(2)} | ${number(row.peak)} |`).join('\n')}

| this machine at most | a second |
| --- | ---: |
| \`openssl speed\` P-256 verifications, one core | ${number(yard.openssl)} |
| this code's parse and verify of events with fresh keys, one core | ${number(yard.reading)} |
| a bare Hono echo of the same size, 10 connections | ${number(yard.echo)} |
| raw SQLite, rows in commits of ${BATCH} | ${number(yard.sqlite)} |

Machine: ${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, Node ${process.versions.node}, load ${loadavg()[0]!.toFixed(1)} at the end of the run. PostgreSQL, where measured, runs on the
same cores. Not measured: other products' backends.
`
writeSection(join(root, 'docs/benchmarks.md'), 'service', text)
console.log(text)
