// The SQL store on PostgreSQL: the contract of every store, several services over one database, and the way there from SQLite.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMockService } from '../../api-mock/service.ts'
import { parseCheckpoint } from '../../core/checkpoint.ts'
import { findFreePort } from '../../scripts/demo-process.ts'
import { readEnvironment } from '../../server/cli/environment.ts'
import { openData } from '../../server/node/open-data.ts'
import { openPostgres } from '../../server/node/postgres.ts'
import { createSqlStore } from '../../server/store-sql.ts'
import { describeStore } from '../contract/store-contract.ts'
import { sampleBatch, sampleEvent } from '../contract/store-samples.ts'
import { describeService } from '../contract/service-contract.ts'
import { openStage } from '../contract/service-stage.ts'
import { sayso } from '../fixtures/command.ts'
import { createDevice } from '../fixtures/device.ts'
import { type PostgresServer, startPostgres } from '../fixtures/postgres.ts'
import { createSite } from '../fixtures/site.ts'

let server: PostgresServer | undefined
let url: string

beforeAll(async () => {
  server = await startPostgres()
  url = await server!.createDatabase()
}, 120_000)
afterAll(() => server?.stop(), 60_000)

/** The database as if it were new: its tables are there already. */
async function openEmpty() {
  const db = await openPostgres(url, () => {})
  const { rows } = await sql<{ name: string }>`select quote_ident(tablename) as name from pg_tables where schemaname = 'public' and tablename not like 'kysely%'`.execute(db)
  await sql.raw(`truncate ${rows.map(({ name }) => name).join(', ')} cascade`).execute(db)
  return db
}

const open = async () => createSqlStore(await openEmpty())

describeStore('PostgreSQL', open)

describeService('over PostgreSQL', async (options) => openStage({ store: await open(), connect: (app) => ({ send: (request) => app.fetch(request, { ip: '192.0.2.1' }) }) }, options))

function appendInProcess(name: string): Promise<string> {
  const script = `
    import { openPostgres } from './server/node/postgres.ts'
    import { createSqlStore } from './server/store-sql.ts'
    import { sampleBatch, sampleEvent } from './test/contract/store-samples.ts'
    const store = createSqlStore(await openPostgres(${JSON.stringify(url)}, () => {}))
    process.stdout.write(String(await store.append(sampleBatch(0, [sampleEvent('${name}')]))))
    await store.close()`
  return new Promise((resolve, reject) => execFile(process.execPath, ['--input-type=module-typescript', '--eval', script], (error, output) => error ? reject(error) : resolve(output)))
}

describe('several processes', () => {
  test('that append to one log at once: exactly one gets through', async () => {
    const store = await open()
    const outcomes = await Promise.all(['a', 'b', 'c', 'd'].map(appendInProcess))
    expect(outcomes.filter((outcome) => outcome === 'true')).toHaveLength(1)
    expect((await store.readHead('shop')).size).toBe(1)
    await store.close()
  })

  test('that start at once on an empty database agree on its tables', async () => {
    const fresh = await server!.createDatabase()
    const opened = await Promise.all(Array.from({ length: 4 }, () => openPostgres(fresh, () => {})))
    const stores = opened.map(createSqlStore)
    expect(await Promise.all(stores.map((store) => store.listSites()))).toEqual([[], [], [], []])
    await Promise.all(stores.map((store) => store.close()))
  })
})

test('groups of sites in schemas of one database: each has its tables, and its own site of a name', async () => {
  const base = await server!.createDatabase()
  const plain = await openPostgres(base, () => {})
  for (const schema of ['one', 'two']) await sql`create schema ${sql.id(schema)}`.execute(plain)
  await plain.destroy()
  for (const schema of ['one', 'two']) {
    const store = createSqlStore(await openPostgres(`${base}?options=-c%20search_path%3D${schema}`, () => {}))
    expect(await store.listSites()).toEqual([])
    await createMockService({ store, sites: [createSite()] })
    expect((await store.listSites()).map(({ site }) => site)).toEqual(['shop'])
    await store.close()
  }
})

test('tables of a newer version are refused with its name', async () => {
  const own = await server!.createDatabase()
  const db = await openPostgres(own, () => {})
  await sql`insert into kysely_migration (name, timestamp) values ('9999-of-tomorrow', '2030-01-01')`.execute(db)
  await db.destroy()
  await expect(openPostgres(own, () => {})).rejects.toMatchObject({ errors: [{ code: 'newer_tables', detail: expect.stringContaining('9999-of-tomorrow') as string }] })
})

test('what docs/scaling.md says of keys that lack the site is what the tables have', async () => {
  const db = await openPostgres(await server!.createDatabase(), () => {})
  const { rows } = await sql<{ name: string }>`
    select distinct t.relname as name from pg_index i join pg_class t on t.oid = i.indrelid join pg_namespace n on n.oid = t.relnamespace
    where n.nspname = 'public' and i.indisunique and t.relname not like 'kysely%' and not exists (
      select from pg_attribute a where a.attrelid = t.oid and a.attname = 'site' and a.attnum = any (i.indkey)) order by 1`.execute(db)
  await db.destroy()
  expect(rows.map(({ name }) => name)).toEqual(['build', 'build_file', 'code', 'contact', 'done', 'erased', 'event', 'link', 'mail', 'mailing', 'opt_in', 'session', 'token'])
})

test('a database that does not answer, or not to this user, is named in one line, without the password', async () => {
  const url = new URL(await server!.createDatabase())
  const [closed, stranger, other] = [new URL(url), new URL(url), new URL(url)]
  closed.port = String(await findFreePort())
  stranger.username = 'nobody'
  stranger.password = 'hunter2'
  other.pathname = '/elsewhere'
  for (const { href } of [closed, stranger, other]) {
    const { code, err } = await sayso(['serve'], { SAYSO_DATABASE_URL: href, SAYSO_PORT: '0' })
    expect([code, err]).toEqual([1, expect.stringMatching(/^SAYSO_DATABASE_URL: The database does not answer: .+\n$/)])
    expect(err).not.toContain('hunter2')
  }
})

test('connections that the server ends are replaced, and what failed meanwhile can be sent again', async () => {
  const lost: string[] = []
  const db = await openEmpty()
  await db.destroy()
  const store = createSqlStore(await openPostgres(url, ({ message }) => void lost.push(message)))
  await store.append(sampleBatch(0, [sampleEvent('a')]))
  await server!.cutConnections()
  const again = async (): Promise<boolean> => store.append(sampleBatch(1, [sampleEvent('b')])).catch(again)
  expect(await again()).toBe(true)
  expect((await store.readHead('shop')).size).toBe(2)
  await store.close()
})

describe('moving from SQLite', () => {
  test('takes everything, keeps every log as it was to the byte, and the service goes on there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sayso-move-'))
    const target = await server!.createDatabase()
    const sqlite = { SAYSO_DATA: join(folder, 'data'), SAYSO_BASE_URL: 'http://consent.example' }
    const postgres = { ...sqlite, SAYSO_DATABASE_URL: target }
    try {
      writeFileSync(join(folder, 'site.json'), JSON.stringify(createSite()))
      await sayso(['site', 'publish', join(folder, 'site.json')], sqlite)
      const before = await openData(readEnvironment(sqlite), 'http://consent.example')
      const parts = { sites: [], baseUrl: 'http://consent.example' }
      const device = await createDevice()
      const record = async (data: typeof before, jws: string) => {
        const { app } = await createMockService({ ...parts, store: data.store, signer: data.signer })
        return app.fetch(new Request('http://consent.example/v1/sites/shop/events', { method: 'POST', body: jws, headers: { 'content-type': 'text/plain' } }))
      }
      for (const state of ['given', 'withdrawn', 'given'] as const) expect((await record(before, await device.decide({ analytics: state }))).status).toBe(201)
      const checkpoint = await before.ledger.checkpoint('shop')
      await before.store.close()
      expect((await sayso(['export', '--site', 'shop'], sqlite)).code).toBe(0)

      const moved = await sayso(['database', 'move'], postgres)
      expect(moved).toMatchObject({ code: 0, out: expect.stringContaining(`shop: ${parseCheckpoint(checkpoint).size} leaves`) })
      expect(moved.out).toContain('shop.access: 3 leaves')
      const after = await openData(readEnvironment(postgres), 'http://consent.example')
      expect(await after.ledger.checkpoint('shop')).toBe(checkpoint)
      expect((await record(after, await device.decide({ analytics: 'refused' }))).status).toBe(201)
      expect(parseCheckpoint(await after.ledger.checkpoint('shop')).size).toBe(parseCheckpoint(checkpoint).size + 1)
      await after.store.close()

      const vkey = (await sayso(['key', '--site', 'shop'], postgres)).out.trim()
      writeFileSync(join(folder, 'shop.ndjson'), (await sayso(['export', '--site', 'shop'], postgres)).out)
      writeFileSync(join(folder, 'earlier'), checkpoint)
      expect((await sayso(['verify', join(folder, 'shop.ndjson'), '--key', vkey, '--checkpoint', join(folder, 'earlier')], postgres)).code).toBe(0)
      writeFileSync(join(folder, 'accesses.ndjson'), (await sayso(['export', '--site', 'shop', '--accesses'], postgres)).out)
      const accessKey = (await sayso(['key', '--site', 'shop', '--accesses'], postgres)).out.trim()
      expect(await sayso(['verify', join(folder, 'accesses.ndjson'), '--key', accessKey], postgres)).toMatchObject({ code: 0, out: expect.stringContaining('shop.access, 5 leaves') })
      expect(await sayso(['database', 'move'], postgres)).toMatchObject({ code: 1, err: expect.stringContaining('Only an empty database takes a copy') })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
