// The SQL store on a SQLite file: the contract of every store, and what a file adds to it.
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hashText } from '../../core/hash.ts'
import type { Tables } from '../../server/store-rows.ts'
import { createSqlStore, openSqlite } from '../../server/store-sql.ts'
import type { Store } from '../../server/store.ts'
import { describeStore } from '../contract/store-contract.ts'
import {
  sampleBatch, sampleContact, sampleErasure, sampleEvent, sampleLink, sampleMail, sampleNotice, sampleOptIn, sampleSession, sampleSite, timeAt,
} from '../contract/store-samples.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sayso-store-'))
  path = join(folder, 'sayso.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const open = async () => createSqlStore(await openSqlite(path))

describeStore('SQLite', open)

function appendInProcess(name: string): Promise<string> {
  const script = `
    import { createSqlStore, openSqlite } from './server/store-sql.ts'
    import { sampleBatch, sampleEvent } from './test/contract/store-samples.ts'
    const store = createSqlStore(await openSqlite(${JSON.stringify(path)}))
    process.stdout.write(String(await store.append(sampleBatch(0, [sampleEvent('${name}')]))))
    await store.close()`
  return new Promise((resolve, reject) => execFile(process.execPath, ['--input-type=module-typescript', '--eval', script], (error, output) =>
    error ? reject(error) : resolve(output)))
}

async function fill(store: Store): Promise<void> {
  await store.saveSite(sampleSite('shop'))
  const { id } = await store.ensureContact(sampleContact('ada@example.com'))
  await store.addLink(sampleLink('token', id))
  await store.addSession(sampleSession('visit', 'token'))
  await store.append(sampleBatch(0, [sampleNotice('{}'), sampleEvent('a')], { optIns: [sampleOptIn(id, 'hash')], mails: [sampleMail('mail')] }))
}

async function readEverything(store: Store): Promise<unknown[]> {
  return [
    await store.listSites(), await store.readHead('shop'), await store.readLeaves('shop', 0, 10), await store.readTiles('shop', [{ level: 0, index: 0 }]),
    await store.findCheckpoint('shop', 2), await store.findEvent('event-a'), await store.findContactByEmail('shop', 'ADA@example.com'),
    await store.readOptIns('contact-ada@example.com'), await store.findLink('token'), await store.findSession('handle-visit'),
  ]
}

describe('a SQLite file', () => {
  test('after closing and opening again everything is still there, and the log goes on', async () => {
    const before = await open()
    await fill(before)
    const written = await readEverything(before)
    await before.close()

    const after = await open()
    expect(await readEverything(after)).toEqual(written)
    expect(await after.leaseMails(timeAt(0), timeAt(1), 5)).toEqual([sampleMail('mail')])
    expect(await after.append(sampleBatch(2, [sampleEvent('b')]))).toBe(true)
    await after.close()
  })

  test('several processes at once make one set of tables, and of their appends onto one size exactly one is written', async () => {
    const printed = await Promise.all(['a', 'b', 'c'].map(appendInProcess))
    expect(printed.sort()).toEqual(['false', 'false', 'true'])
    const store = await open()
    expect((await store.readHead('shop')).size).toBe(1)
    await store.close()
  })

  test('commits reach the disk, and rows that refer to nothing are refused', async () => {
    const db = await openSqlite(path)
    const pragma = async (name: string) => (await db.executeQuery<Record<string, unknown>>({
      sql: `pragma ${name}`, parameters: [], query: { kind: 'RawNode', sqlFragments: [], parameters: [] }, queryId: { queryId: name },
    })).rows[0]
    expect(await pragma('journal_mode')).toEqual({ journal_mode: 'wal' })
    expect(await pragma('synchronous')).toEqual({ synchronous: 2 })
    expect(await pragma('foreign_keys')).toEqual({ foreign_keys: 1 })
    await db.destroy()
  })

  test('of what was erased no byte is left in any file of the database, in the middle of much else', async () => {
    const store = await open()
    const names = Array.from({ length: 3000 }, (_, i) => `${hashText(`name ${i}`)}`)
    const events = names.map((name) => sampleEvent(name, { recordId: `record-${name}` }))
    await store.append(sampleBatch(0, events, { tiles: [] }))
    const gone = names.map((name, index) => ({ name, index, email: `${name}@example.com` })).filter(({ index }) => index % 100 === 50)
    for (const { name, email } of gone) {
      await store.ensureContact(sampleContact(email))
      await store.addLink(sampleLink(`link-${name}`, `contact-${email}`))
      await store.queueMail(sampleMail(`mail-${name}`, { recipient: { email }, details: {} }))
    }
    for (const [i, { index, email }] of gone.entries()) {
      await store.append(sampleBatch(3000 + i, [sampleErasure(events[index]!)], { tiles: [], erasure: { indices: [index], contactIds: [`contact-${email}`] } }))
    }
    const findTraces = () => {
      const files = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'latin1'))
      return gone.filter(({ name }) => files.some((text) => text.includes(name)))
    }
    expect(findTraces().length).toBeGreaterThan(0)
    expect(await store.scrub()).toBe(true)
    expect(findTraces()).toEqual([])
    expect(await store.findEvent(`event-${names[51]}`)).toBeDefined()
    await store.close()
  })

  test('while somebody reads, clearing the files says that it could not', async () => {
    const store = await open()
    await store.append(sampleBatch(0, [sampleEvent('a')]))
    const reader = new Database(path)
    reader.exec('begin; select * from leaf')
    reader.prepare('select * from leaf').all()
    await store.append(sampleBatch(1, [sampleErasure(sampleEvent('a'))], { erasure: { indices: [0], contactIds: [] } }))
    expect(await store.scrub()).toBe(false)
    reader.close()
    expect(await store.scrub()).toBe(true)
    await store.close()
  })

  test('a file that is no database is refused and left as it is', async () => {
    const letter = 'This is a letter, and no database at all.'.repeat(100)
    writeFileSync(path, letter)
    await expect(openSqlite(path)).rejects.toThrow('file is not a database')
    expect(readFileSync(path, 'utf8')).toBe(letter)
  })

  test('that a newer version has changed is refused with its name, and left as it is', async () => {
    await (await open()).close()
    const newer = new Database(path)
    newer.exec("insert into kysely_migration (name, timestamp) values ('9999-of-tomorrow', '2030-01-01')")
    newer.close()
    const before = readFileSync(path)
    await expect(openSqlite(path)).rejects.toMatchObject({ errors: [{ code: 'newer_tables', detail: expect.stringContaining('9999-of-tomorrow') as string }] })
    expect(readFileSync(path).equals(before)).toBe(true)
  })
})

// A log only grows, so a statement that reads a whole table gets slower for good.
test('no statement but the list of sites reads a whole table', async () => {
  await (await open()).close()
  const sqlite = new Database(path)
  const statements = new Set<string>()
  const db = new Kysely<Tables>({
    dialect: new SqliteDialect({ database: sqlite }),
    log: ({ query }) => void (/^(select|update|delete|insert)/.test(query.sql) && statements.add(query.sql)),
  })
  const store = createSqlStore(db)
  await fill(store)
  await readEverything(store)
  await store.findFirstCheckpoint('shop', 0)
  await store.findEventByHash('shop', sampleEvent('a').hash)
  await store.readRecord('shop', 'record')
  await store.findRecordSite('record')
  await store.findNotice('shop', sampleNotice('{}').hash)
  await store.addCosignature({ site: 'shop', size: 2, witness: 'w', line: 'line' })
  await store.readCosignatures('shop', 2)
  await store.findCosignedSize('shop', 1)
  await store.addStamp({ site: 'shop', size: 2, token: 'token', stampedAt: timeAt(1) })
  await store.findStamp('shop')
  await store.findContact('contact-ada@example.com')
  await store.confirmOptIns('contact-ada@example.com', timeAt(1))
  await store.revokeRequestedLinks('contact-ada@example.com', '', timeAt(1))
  await store.deleteSessions(timeAt(0))
  await store.leaseMails(timeAt(0), timeAt(1), 5)
  await store.postponeMail('mail', timeAt(1))
  await store.deleteMail('mail')
  await store.findRecordStart('shop', 'record')
  await store.findContactByRecord('record')
  await store.readKeys('shop')
  await store.append(sampleBatch(2, [sampleErasure(sampleEvent('a'))], { erasure: { indices: [1], contactIds: ['contact-ada@example.com'] } }))
  await store.findErased('event-a')
  await store.readErased('shop', 'record')
  await store.findErasureLeaf('shop', sampleEvent('a').hash)

  const scanning = [...statements].filter((statement) => {
    const plan = sqlite.prepare(`explain query plan ${statement}`)
    const steps = plan.all(...Array.from({ length: statement.split('?').length - 1 }, () => null)) as { detail: string }[]
    return steps.some(({ detail }) => /^SCAN (?!\d+-ROW VALUES)/.test(detail))
  })
  expect(statements.size).toBeGreaterThan(30)
  expect(scanning).toEqual(['select * from "site"'])
  await store.close()
})
