// The services that `npm run bench:service` puts under load, each in a process of its own over an empty database.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findFreePort } from '../scripts/demo-process.ts'
import { createSite, SHOP_ORIGIN } from '../test/fixtures/site.ts'
import { countC15tConsents, makeC15tRequest, readC15tVersion, startC15t } from './c15t-backend.ts'
import type { Post } from './connection.ts'

const MAIN = join(import.meta.dirname, '../dist/server/main.js')

/** A service under load. `next` gives what to send it next: a batch of so many events, or undefined when there are no more. */
export interface Contender {
  name: string
  port: number
  pid: number
  takesBatches: boolean
  next(batch: number): Post | undefined
  /** How many events it has stored, where that can be asked from outside. */
  count?(): Promise<number>
  stop(): Promise<void>
}

/** Sayso, and a shop; it takes the events in their order, each once. */
export async function startSayso(env: Record<string, string>, events: readonly string[]): Promise<Contender> {
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

/** What the peer is called, with its version. */
export const nameOfPeer = () => `@c15t/backend ${readC15tVersion()}`

/** The peer over an empty PostgreSQL, or over a SQLite file of its own. */
export async function startPeer(url?: string): Promise<Contender> {
  const folder = mkdtempSync(join(tmpdir(), 'sayso-bench-'))
  const database = url ?? join(folder, 'c15t.db')
  const c15t = await startC15t(database)
  let subjects = 0
  return {
    name: nameOfPeer(), port: Number(new URL(c15t.url).port), pid: c15t.pid, takesBatches: false,
    next: () => makeC15tRequest((subjects += 1)),
    count: () => countC15tConsents(database),
    async stop() {
      await c15t.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

/** What a process took: processor time in seconds, memory now and at its peak in MB. */
export interface Consumption {
  cpu: number
  memory: number
  peak: number
}

/** Reads it from the system. */
export function readConsumption(pid: number): Consumption {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const megabytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)![1]) / 1024
  return { cpu: (Number(fields[11]) + Number(fields[12])) / 100, memory: megabytes('VmRSS'), peak: megabytes('VmHWM') }
}
