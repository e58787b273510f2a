// The part of the store contract that is about what others say of checkpoints: cosignatures and stamps.
import { beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../../server/store.ts'
import { sampleBatch, sampleEvent, timeAt } from './store-samples.ts'

/** Describes cosignatures and stamps in the store that `current` gives, a new and empty one for each test. */
export function describeVouchers(current: () => Store): void {
  const cosignature = (size: number, witness: string, site = 'shop') => ({ site, size, witness, line: `— ${witness} of ${size}\n` })
  const stamp = (size: number, site = 'shop') => ({ site, size, token: `token of ${size}`, stampedAt: timeAt(size) })

  describe('what others say of checkpoints', () => {
    let store: Store
    beforeEach(async () => {
      store = current()
      for (let size = 0; size < 4; size += 1) await store.append(sampleBatch(size, [sampleEvent(`e${size}`)]))
      await store.append(sampleBatch(0, [sampleEvent('other')], { site: 'bakery' }))
    })

    describe('cosignatures', () => {
      test('come back with their checkpoint alone, in the order of witnesses', async () => {
        for (const one of [cosignature(3, 'w2'), cosignature(3, 'w1'), cosignature(2, 'w3'), cosignature(1, 'w4', 'bakery')]) await store.addCosignature(one)
        expect(await store.readCosignatures('shop', 3)).toEqual([cosignature(3, 'w1'), cosignature(3, 'w2')])
        expect(await store.readCosignatures('shop', 4)).toEqual([])
        expect(await store.readCosignatures('bakery', 1)).toEqual([cosignature(1, 'w4', 'bakery')])
      })

      test('the first of a witness for a checkpoint stays', async () => {
        await store.addCosignature(cosignature(3, 'w1'))
        await store.addCosignature({ ...cosignature(3, 'w1'), line: 'another' })
        expect(await store.readCosignatures('shop', 3)).toEqual([cosignature(3, 'w1')])
      })

      test('of a checkpoint that was never published are refused', async () => {
        await expect(store.addCosignature(cosignature(5, 'w1'))).rejects.toThrow()
        await expect(store.addCosignature(cosignature(2, 'w1', 'bakery'))).rejects.toThrow()
        expect(await store.readCosignatures('shop', 5)).toEqual([])
      })

      test('tell the newest checkpoint that so many witnesses cosigned', async () => {
        for (const one of [cosignature(1, 'w1'), cosignature(2, 'w1'), cosignature(2, 'w2'), cosignature(3, 'w2')]) await store.addCosignature(one)
        expect(await Promise.all([1, 2, 3].map((atLeast) => store.findCosignedSize('shop', atLeast)))).toEqual([3, 2, undefined])
        expect(await store.findCosignedSize('bakery', 1)).toBeUndefined()
      })
    })

    describe('stamps', () => {
      test('the newest comes back, or the newest up to a size', async () => {
        expect(await store.findStamp('shop')).toBeUndefined()
        for (const size of [1, 3]) await store.addStamp(stamp(size))
        expect(await store.findStamp('shop')).toEqual(stamp(3))
        expect(await store.findStamp('shop', 2)).toEqual(stamp(1))
        expect(await store.findStamp('shop', 0)).toBeUndefined()
        expect(await store.findStamp('bakery')).toBeUndefined()
      })

      test('the first of a checkpoint stays; of one that was never published none is kept', async () => {
        await store.addStamp(stamp(2))
        await store.addStamp({ ...stamp(2), token: 'another' })
        expect(await store.findStamp('shop')).toEqual(stamp(2))
        await expect(store.addStamp(stamp(5))).rejects.toThrow()
      })
    })
  })
}
