// The peer of `npm run bench:service`: @c15t/backend from the bench's own package, in a process of its own, and the consents that its browser
// package would send it, each of a new subject.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import { SHOP_ORIGIN } from '../test/fixtures/site.ts'

/** A running back end: where it is, whose processor time and memory to read, and how to end it. */
export interface RunningC15t {
  url: string
  pid: number
  stop(): Promise<void>
}

/** What to send it. */
export interface C15tRequest {
  path: string
  method: 'POST'
  headers: Record<string, string>
  body: string
}

const here = import.meta.dirname
const COUNT = 'select count(distinct subject.id) as count from subject join consent on consent."subjectId" = subject.id'

/** The version that the bench's package pins. */
export function readC15tVersion(): string {
  return JSON.parse(readFileSync(join(here, 'node_modules/@c15t/backend/package.json'), 'utf8')).version
}

/** Starts it over an empty database, a PostgreSQL URL or the path of a SQLite file, and waits until it listens. */
export async function startC15t(database: string): Promise<RunningC15t> {
  const child = fork(join(here, 'peers/c15t-backend/serve.js'), [database, SHOP_ORIGIN], { env: { ...process.env, NODE_ENV: 'production' } })
  const ended = once(child, 'exit')
  const url = await Promise.race([once(child, 'message').then(([message]) => String(message)), ended.then(([code]) => failStart(code))])
  return { url, pid: child.pid!, stop: () => stop(child, ended) }
}

function failStart(code: number | null): never {
  throw new Error(`@c15t/backend ended with exit code ${code} before it listened.`)
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM')
  await ended
}

/** The consent of the `i`th subject: the fields that the package c15t sends when somebody accepts some purposes on a banner. */
export function makeC15tRequest(i: number): C15tRequest {
  const body = JSON.stringify({
    type: 'cookie_banner',
    domain: new URL(SHOP_ORIGIN).hostname,
    preferences: { necessary: true, functionality: false, experience: false, measurement: true, marketing: false },
    // Base58, which knows no zero, and as long as its own.
    subjectId: `sub_${String(i).padStart(27, 'A').replaceAll('0', 'B')}`,
    jurisdiction: 'GDPR',
    jurisdictionModel: 'opt-in',
    givenAt: Date.now(),
    uiSource: 'banner',
    consentAction: 'custom',
  })
  return { path: '/api/c15t/subjects', method: 'POST', headers: { 'content-type': 'application/json', origin: SHOP_ORIGIN }, body }
}

/** How many subjects with a consent the database holds. */
export async function countC15tConsents(database: string): Promise<number> {
  if (!/^postgres(ql)?:/.test(database)) {
    const sqlite = new Database(database, { readonly: true })
    const { count } = sqlite.prepare(COUNT).get() as { count: number }
    sqlite.close()
    return count
  }
  const client = new Client({ connectionString: database })
  await client.connect()
  const { rows: [row] } = await client.query<{ count: string }>(COUNT)
  await client.end()
  return Number(row!.count)
}
