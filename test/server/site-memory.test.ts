// A site is read anew every second, and at once where what is remembered would refuse.
import { expect, test, vi } from 'vitest'
import { createSiteMemory } from '../../server/site-memory.ts'
import { createMemoryStore } from '../../server/store-memory.ts'
import { createSite } from '../fixtures/site.ts'

test('within a second the store is asked once; after that, or where the old one does not suit, again', async () => {
  const store = createMemoryStore()
  await store.saveSite(createSite())
  const asked = vi.spyOn(store, 'findSite')
  let nowMs = 0
  const recall = createSiteMemory(store, () => nowMs)
  const known = await recall('shop', () => true)
  nowMs = 999
  expect(await recall('shop', () => true)).toBe(known)
  expect(asked).toHaveBeenCalledTimes(1)

  await store.saveSite(createSite({ origins: ['https://new.example'] }))
  const suits = ({ origins }: typeof known) => origins.includes('https://new.example')
  expect((await recall('shop', suits)).origins).toEqual(['https://new.example'])
  expect(asked).toHaveBeenCalledTimes(2)
  nowMs = 1999
  await recall('shop', () => true)
  expect(asked).toHaveBeenCalledTimes(3)
})

test('a site that is not there is refused, and found as soon as it is', async () => {
  const store = createMemoryStore()
  const recall = createSiteMemory(store, () => 0)
  await expect(recall('shop', () => true)).rejects.toThrow('No site of this name')
  await store.saveSite(createSite())
  expect((await recall('shop', () => true)).site).toBe('shop')
})
