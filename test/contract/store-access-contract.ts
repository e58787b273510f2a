// The part of the store contract that is about logs of accesses: the same as of any log, beside the site's own, and never mixed.
import { describe, expect, test } from 'vitest'
import type { Store } from '../../server/store.ts'
import { sampleAccess, sampleBatch, sampleErasure, sampleEvent, sampleKey, sampleNotice, sampleSite, timeAt } from './store-samples.ts'

/** Describes logs of accesses in the store that `current` gives, a new and empty one for each test. */
export function describeAccesses(current: () => Store): void {
  describe('logs of accesses', () => {
    const site = 'shop.access'

    test('their leaves come back in order with their entries, and the site’s own log is another', async () => {
      const store = current()
      const leaves = [sampleKey('{"kty":"OKP"}'), sampleAccess('{"v":1,"name":"Ünïcode"}', 1), sampleAccess('second', 2)]
      await store.append(sampleBatch(0, [sampleEvent('a')]))
      expect(await store.append(sampleBatch(0, leaves.slice(0, 2), { site }))).toBe(true)
      expect(await store.append(sampleBatch(0, leaves.slice(2), { site }))).toBe(false)
      expect(await store.append(sampleBatch(2, leaves.slice(2), { site }))).toBe(true)
      expect(await store.readLeaves(site, 0, 9)).toEqual(leaves.map((leaf, index) => ({ index, ...leaf })))
      expect(await store.readHead(site)).toEqual({ size: 3, checkpoint: 'checkpoint of 3', lastReceivedAt: timeAt(2) })
      expect((await store.readHead('shop')).size).toBe(1)
      expect((await store.readKeys(site)).map(({ index }) => index)).toEqual([0])
      expect(await store.findFirstCheckpoint(site, 2)).toEqual({ size: 3, note: 'checkpoint of 3' })
      await store.addCosignature({ site, size: 3, witness: 'w', line: '— w\n' })
      expect([(await store.readCosignatures(site, 3)).length, (await store.readCosignatures('shop', 3)).length]).toEqual([1, 0])
    })

    test('they take accesses and keys alone, and no other log takes an access', async () => {
      const store = current()
      const event = sampleEvent('a')
      for (const leaf of [event, sampleNotice('{}'), sampleErasure(event)]) await expect(store.append(sampleBatch(0, [leaf], { site }))).rejects.toThrow('no place in this log')
      await expect(store.append(sampleBatch(0, [sampleAccess('entry')]))).rejects.toThrow('no place in this log')
      expect([(await store.readHead(site)).size, (await store.readHead('shop')).size]).toEqual([0, 0])
    })

    test('they are no sites', async () => {
      const store = current()
      await store.saveSite(sampleSite('shop'))
      await store.append(sampleBatch(0, [sampleAccess('entry')], { site }))
      expect((await store.listSites()).map((one) => one.site)).toEqual(['shop'])
      expect(await store.findSite(site)).toBeUndefined()
    })
  })
}
