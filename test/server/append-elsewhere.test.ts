// A SQLite store whose batches are written by a thread of its own is a store like any other.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { isOutage } from '../../server/outage.ts'
import { appendElsewhere } from '../../server/node/append-elsewhere.ts'
import type { Store } from '../../server/store.ts'
import { createSqlStore, openSqlite } from '../../server/store-sql.ts'
import { describeStore } from '../contract/store-contract.ts'
import { sampleBatch, sampleContact, sampleEvent } from '../contract/store-samples.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sayso-store-'))
  path = join(folder, 'sayso.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function open(): Promise<Store> {
  const db = await openSqlite(path)
  return appendElsewhere(createSqlStore(db), { path, hold: (work) => db.connection().execute(work) })
}

describeStore('SQLite, written to by a thread of its own', open)

/** Appends, and changes a contact all the while, which looks first whether another has the address and writes then. */
async function writeBoth(store: Store, appends: number, pause: () => Promise<unknown>): Promise<void> {
  const { id } = await store.ensureContact(sampleContact('ada@example.com'))
  let isAppending = true
  const appendAll = async () => {
    for (let i = 0; i < appends; i += 1) expect(await store.append(sampleBatch(i, [sampleEvent(`event-${i}`)]))).toBe(true)
    isAppending = false
  }
  const changeOften = async () => {
    for (let i = 0; isAppending; i += 1) {
      expect(await store.updateContact(id, { email: `ada-${i}@example.com` })).toBe(true)
      await pause()
    }
  }
  await Promise.all([appendAll(), changeOften()])
  expect((await store.readHead('shop')).size).toBe(appends)
}

test('what else is written all the while does not keep batches waiting', async () => {
  const store = await open()
  await writeBoth(store, 300, () => new Promise(setImmediate))
  await store.close()
})

test('another process that writes in the middle of a transaction does not break it', async () => {
  // Without holding the connection this is as if the thread were another process.
  const store = appendElsewhere(createSqlStore(await openSqlite(path)), { path, hold: (work) => work() })
  await writeBoth(store, 50, () => new Promise((resolve) => setTimeout(resolve, 1)))
  await store.close()
})

test('an error keeps its code, by which a full disk is told from a mistake', async () => {
  const store = await open()
  await store.append(sampleBatch(0, [sampleEvent('a')]))
  const twice = store.append(sampleBatch(1, [sampleEvent('a')]))
  await expect(twice).rejects.toMatchObject({ message: expect.stringContaining('UNIQUE') as string, code: 'SQLITE_CONSTRAINT_UNIQUE' })
  expect(isOutage(await twice.catch((error: unknown) => error))).toBe(false)
  await store.close()
})

test('where its thread has ended, the next batch gets another', async () => {
  const posted = vi.spyOn(Worker.prototype, 'postMessage')
  const store = await open()
  await store.append(sampleBatch(0, [sampleEvent('a')]))
  await (posted.mock.contexts[0] as Worker).terminate()
  posted.mockRestore()
  expect(await store.append(sampleBatch(1, [sampleEvent('b')]))).toBe(true)
  expect((await store.readHead('shop')).size).toBe(2)
  await store.close()
})
