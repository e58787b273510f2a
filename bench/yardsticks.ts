// What this machine can do at most, a second, of the parts of which taking an event consists.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { readEvent } from '../core/event.ts'
import { findFreePort } from '../scripts/demo-process.ts'
import { checkSignatureHere } from '../server/node/check-signature.ts'
import { useNative } from '../server/node/native.ts'
import { loadFully } from './load.ts'

/** All of them. */
export interface Yardsticks {
  openssl: number
  reading: number
  echo: number
  sqlite: number
}

/** Rows of one commit. */
export const ROWS_OF_A_COMMIT = 100

/** The same way with nothing at its end. */
async function measureEcho(root: string): Promise<number> {
  const port = await findFreePort()
  const script = `import { serve } from '@hono/node-server'; import { Hono } from 'hono'; const app = new Hono(); app.post('/', async (c) => c.text(await c.req.text())); serve({ fetch: app.fetch, port: ${port} })`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { cwd: root, stdio: 'ignore' })
  while (!(await fetch(`http://127.0.0.1:${port}/`).then(() => true, () => false))) await new Promise((resolve) => setTimeout(resolve, 20))
  const { requests, seconds } = await loadFully(port, { connections: 10, seconds: 5 }, () => ({ path: '/', headers: { 'content-type': 'text/plain' }, body: 'x'.repeat(1800) }))
  child.kill()
  return requests / seconds
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
    for (let i = 0; i < ROWS_OF_A_COMMIT; i += 1) insert.run('x'.repeat(1800))
  })
  const startMs = performance.now()
  let commits = 0
  for (; performance.now() - startMs < 4000; commits += 1) commit()
  const perSecond = (commits * ROWS_OF_A_COMMIT) / ((performance.now() - startMs) / 1000)
  db.close()
  rmSync(folder, { recursive: true })
  return perSecond
}

async function measureReading(events: readonly string[]): Promise<number> {
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

/** Measures them one after the other; the events are only read. */
export async function measureYardsticks(root: string, events: readonly string[]): Promise<Yardsticks> {
  return { openssl: measureOpenssl(), reading: await measureReading(events), echo: await measureEcho(root), sqlite: measureSqlite() }
}
