// The device's storage when its page ends in the middle of something: what was begun is given up, not left hanging.
import { clear, createStore } from 'idb-keyval'
import { afterEach, expect, test } from 'vitest'
import { openStorage } from '../../ui/storage.ts'

afterEach(() => clear(createStore('sayso', 'sayso')))

test('what a page was changing as it ended stays as it was, and the next page can go on', async () => {
  const storage = await openStorage()
  await storage.change('outbox', () => ['kept'])
  let hasBegun = false
  const begun = storage.change<string[]>('outbox', (old = []) => {
    hasBegun = true
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))
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
