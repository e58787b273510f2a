// The device's storage when its page ends in the middle of something: what was begun is given up, not left hanging.
import { clear, createStore } from 'idb-keyval'
import { afterEach, expect, test, vi } from 'vitest'
import { openStorage } from '../../ui/storage.ts'

const putAside = () => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))

/** Whether a database can be removed, as it can where no page has it open. */
const remove = (name: string) => new Promise<'removed' | 'blocked'>((resolve, reject) => {
  const request = indexedDB.deleteDatabase(name)
  request.onsuccess = () => resolve('removed')
  request.onblocked = () => resolve('blocked')
  request.onerror = () => reject(request.error!)
})

afterEach(() => clear(createStore('sayso', 'sayso')))
afterEach(() => void vi.restoreAllMocks())

test('what a page was changing as it ended stays as it was, and the next page can go on', async () => {
  const storage = await openStorage()
  await storage.change('outbox', () => ['kept'])
  let hasBegun = false
  const begun = storage.change<string[]>('outbox', (old = []) => {
    hasBegun = true
    putAside()
    return [...old, 'too late']
  })
  await expect(begun).rejects.toThrow()
  expect(hasBegun).toBe(true)
  const next = await openStorage()
  expect(await next.read('outbox')).toEqual(['kept'])
  expect(await next.change<string[]>('outbox', (old = []) => [...old, 'next'])).toEqual(['kept', 'next'])
})

test('a page that ends with nothing begun ends without a word', async () => {
  const storage = await openStorage()
  await storage.change('outbox', () => ['kept'])
  dispatchEvent(new PageTransitionEvent('pagehide'))
  expect(await storage.read('outbox')).toEqual(['kept'])
})

test('a page that is put aside has no database open; brought back, it goes on', async () => {
  const storage = await openStorage('aside')
  await storage.change('outbox', () => ['kept'])
  putAside()
  expect(await storage.read('outbox')).toEqual(['kept'])
  putAside()
  expect(await remove('aside')).toBe('removed')
  expect(await storage.read('outbox')).toBeUndefined()
  expect(await storage.change('outbox', () => ['new'])).toEqual(['new'])
  expect(await remove('aside'), 'while it is in use').toBe('blocked')
})

test('a page that is put aside while its database is being made has none open, and opens it when brought back', async () => {
  const make = IDBDatabase.prototype.createObjectStore
  const making = vi.spyOn(IDBDatabase.prototype, 'createObjectStore').mockImplementationOnce(function (this: IDBDatabase, name) {
    const made = make.call(this, name)
    // The transaction is over, and nobody has heard yet that the database is open.
    made.transaction.addEventListener('complete', putAside)
    return made
  })
  const storage = await openStorage('half-made')
  expect(making).toHaveBeenCalledOnce()
  expect(storage.isDurable).toBe(true)
  await storage.change('outbox', () => ['kept'])
  expect(await (await openStorage('half-made')).read('outbox')).toEqual(['kept'])
  putAside()
  expect(await remove('half-made')).toBe('removed')
})
