// The part of the store contract that is about logs: order, atomicity, and finding what was written.
import { beforeEach, describe, expect, test } from 'vitest'
import type { Append, Store, StoredEvent } from '../../server/store.ts'
import {
  sampleBatch, sampleContact, sampleErasure, sampleEvent, sampleKey, sampleMail, sampleNotice, sampleOptIn, timeAt,
} from './store-samples.ts'

/** Leases mails at a minute until another one; gives their ids. */
export type Lease = (minute?: number, until?: number, limit?: number) => Promise<string[]>

function placed(leaf: Append['leaves'][number], site: string, index: number): StoredEvent {
  if (leaf.body.type !== 'event') throw new Error('not an event')
  const { type: _type, ...body } = leaf.body
  return { site, index, leaf: leaf.text, hash: leaf.hash, ...body }
}

/** Describes logs of the store that `current` gives, a new and empty one for each test. */
export function describeLog(current: () => Store, lease: Lease): void {
  let store: Store
  beforeEach(() => {
    store = current()
  })

  const readSizes = async () => [await store.readHead('shop'), await store.readHead('bakery')].map((head) => head.size)

  describe('the log', () => {
    test('a log that nobody wrote to is empty', async () => {
      expect(await store.readHead('shop')).toEqual({ size: 0, checkpoint: null, lastReceivedAt: null })
      expect(await store.readLeaves('shop', 0, 10)).toEqual([])
      expect(await store.readTiles('shop', [{ level: 0, index: 0 }])).toEqual([undefined])
      expect(await store.findCheckpoint('shop', 0)).toBeUndefined()
      expect(await store.findFirstCheckpoint('shop', 0)).toBeUndefined()
    })

    test('leaves come back in order with their bodies, and the head moves on', async () => {
      const leaves = [sampleKey('{"kty":"EC"}'), sampleNotice('{"why":"ünïcode"}'), sampleEvent('a', { minutes: 1 }), sampleEvent('b', { minutes: 2 })]
      expect(await store.append(sampleBatch(0, leaves.slice(0, 3)))).toBe(true)
      expect(await store.append(sampleBatch(3, leaves.slice(3)))).toBe(true)
      expect(await store.readLeaves('shop', 0, 4)).toEqual(leaves.map((leaf, index) => ({ index, ...leaf })))
      expect(await store.readLeaves('shop', 1, 3)).toEqual([{ index: 1, ...leaves[1] }, { index: 2, ...leaves[2] }])
      expect(await store.readLeaves('shop', 3, 100)).toHaveLength(1)
      expect(await store.readLeaves('shop', 2, 2)).toEqual([])
      expect(await store.readHead('shop')).toEqual({ size: 4, checkpoint: 'checkpoint of 4', lastReceivedAt: timeAt(2) })
    })

    test('an erasure leaf has the hash of the leaf it erases, and does not hide it', async () => {
      const event = sampleEvent('a')
      await store.append(sampleBatch(0, [event, sampleErasure(event)]))
      expect((await store.readLeaves('shop', 1, 2))[0]).toEqual({ index: 1, ...sampleErasure(event) })
      expect(await store.findEventByHash('shop', event.hash)).toEqual(placed(event, 'shop', 0))
    })

    test('each site has a log of its own', async () => {
      await store.append(sampleBatch(0, [sampleEvent('a')]))
      await store.append(sampleBatch(0, [sampleEvent('b'), sampleEvent('c')], { site: 'bakery' }))
      expect(await readSizes()).toEqual([1, 2])
      expect((await store.readLeaves('shop', 0, 9)).map((leaf) => leaf.hash)).toEqual([sampleEvent('a').hash])
    })

    test('a batch for another size is turned away, and nothing of it is kept', async () => {
      await store.append(sampleBatch(0, [sampleEvent('a')]))
      const late = { mails: [sampleMail('late')], tiles: [{ level: 0, index: 7, hashes: new Uint8Array(32) }] }
      for (const size of [0, 2]) expect(await store.append(sampleBatch(size, [sampleEvent('b')], late))).toBe(false)
      expect(await store.readHead('shop')).toEqual({ size: 1, checkpoint: 'checkpoint of 1', lastReceivedAt: timeAt(0) })
      expect(await store.findEvent('event-b')).toBeUndefined()
      expect(await store.readTiles('shop', late.tiles)).toEqual([undefined])
      expect(await store.findCheckpoint('shop', 3)).toBeUndefined()
      expect(await lease()).toEqual([])
    })

    test('of several batches onto the same size exactly one is written', async () => {
      for (const size of [0, 1]) {
        const names = ['a', 'b', 'c', 'd'].map((letter) => `${letter}${size}`)
        const won = await Promise.all(names.map((letter) => store.append(sampleBatch(size, [sampleEvent(letter)]))))
        expect(won.filter(Boolean)).toHaveLength(1)
        const winner = sampleEvent(names[won.indexOf(true)]!)
        expect(await store.readLeaves('shop', size, size + 5)).toEqual([{ index: size, ...winner }])
      }
    })

    test('a large batch is written whole', async () => {
      const leaves = Array.from({ length: 2500 }, (_, i) => sampleEvent(`n${i}`))
      expect(await store.append(sampleBatch(0, leaves, { tiles: [] }))).toBe(true)
      expect((await store.readLeaves('shop', 0, 2500)).map((leaf) => leaf.text)).toEqual(leaves.map((leaf) => leaf.text))
    })

    test('a tile is replaced by its wider self; tiles come back in the order asked for', async () => {
      const tile = (index: number, width: number) => ({ level: index, index, hashes: new Uint8Array(32 * width).fill(index + 1) })
      await store.append(sampleBatch(0, [sampleEvent('a')], { tiles: [tile(0, 1), tile(1, 256)] }))
      await store.append(sampleBatch(1, [sampleEvent('b')], { tiles: [tile(0, 2)] }))
      const asked = [{ level: 1, index: 1 }, { level: 1, index: 9 }, { level: 0, index: 0 }, { level: 0, index: 1 }, { level: 0, index: 0 }]
      const found = await store.readTiles('shop', asked)
      expect(found).toEqual([tile(1, 256).hashes, undefined, tile(0, 2).hashes, undefined, tile(0, 2).hashes])
      expect(found[0]!.constructor).toBe(Uint8Array)
      expect(await store.readTiles('shop', [])).toEqual([])
      expect(await store.readTiles('bakery', [{ level: 0, index: 0 }])).toEqual([undefined])
    })

    test('checkpoints are found by their exact size, and by the first leaf they cover', async () => {
      await store.append(sampleBatch(0, [sampleEvent('a'), sampleEvent('b')]))
      await store.append(sampleBatch(2, [sampleEvent('c')]))
      const { size: _size, ...second } = sampleBatch(2, [sampleEvent('c')]).checkpoint
      expect(await store.findCheckpoint('shop', 3)).toEqual(second)
      expect(await store.findCheckpoint('shop', 1)).toBeUndefined()
      const first = await Promise.all([0, 1, 2, 3].map((index) => store.findFirstCheckpoint('shop', index)))
      expect(first).toEqual([2, 2, 3, undefined].map((size) => size && { size, note: `checkpoint of ${size}` }))
    })

    test('an empty log can have a checkpoint; a published one stays, and another root is refused', async () => {
      const empty = sampleBatch(0, [])
      expect(await store.append(empty)).toBe(true)
      expect(await store.readHead('shop')).toEqual({ size: 0, checkpoint: 'checkpoint of 0', lastReceivedAt: null })
      expect(await store.append({ ...empty, checkpoint: { ...empty.checkpoint, note: 'signed again' } })).toBe(true)
      await expect(store.append({ ...empty, checkpoint: { ...empty.checkpoint, root: 'another' } })).rejects.toThrow('another root')
      expect((await store.readHead('shop')).checkpoint).toBe('checkpoint of 0')
    })

    test('changing what was put in or handed out changes nothing that is stored', async () => {
      const batch = sampleBatch(0, [sampleNotice('{}'), sampleEvent('a')])
      const tile = batch.tiles[0]!
      const hashes = tile.hashes.slice()
      await store.append(batch)
      tile.hashes.fill(0)
      batch.leaves[0]!.text = 'changed'
      ;(await store.readTiles('shop', [tile]))[0]!.fill(0)
      ;(await store.readLeaves('shop', 0, 1))[0]!.body = null
      ;(await store.findEvent('event-a'))!.jws = 'changed'
      ;(await store.readRecord('shop', 'record'))[0]!.jws = 'changed'
      expect(await store.readTiles('shop', [tile])).toEqual([hashes])
      expect(await store.readLeaves('shop', 0, 2)).toEqual([{ index: 0, ...sampleNotice('{}') }, { index: 1, ...sampleEvent('a') }])
      expect(await store.findEvent('event-a')).toEqual(placed(sampleEvent('a'), 'shop', 1))
    })
  })

  describe('a batch that cannot be written whole', () => {
    const good = () => sampleBatch(1, [sampleEvent('new')], { mails: [sampleMail('new')] })
    const faults: [string, () => Append][] = [
      ['an event_id that this log has', () => ({ ...good(), ...sampleBatch(1, [sampleEvent('new'), sampleEvent('old')]) })],
      ['an event_id that another site has', () => sampleBatch(1, [sampleEvent('new'), sampleEvent('foreign')])],
      ['an event_id that stands twice', () => sampleBatch(1, [sampleEvent('new'), sampleEvent('new')])],
      ['a mail that waits already', () => ({ ...good(), mails: [sampleMail('new'), sampleMail('old')] })],
      ['a mail that stands twice', () => ({ ...good(), mails: [sampleMail('new'), sampleMail('new')] })],
      ['an opt-in of nobody', () => ({ ...good(), optIns: [sampleOptIn('nobody', 'hash')] })],
      ['an opt-in that is there already', () => ({ ...good(), optIns: [sampleOptIn('contact-old', 'old')] })],
      ['a checkpoint of another size', () => ({ ...good(), checkpoint: { ...good().checkpoint, size: 3 } })],
      ['a leaf whose text says another hash', () => ({ ...good(), leaves: [{ ...sampleEvent('new'), text: sampleEvent('other').text }] })],
      ['a leaf with a body of another kind', () => ({ ...good(), leaves: [{ ...sampleEvent('new'), body: { type: 'notice', json: '{}' } }] })],
      ['a payload that is not the one of the JWS', () => {
        const leaf = sampleEvent('new')
        return { ...good(), leaves: [{ ...leaf, body: { ...leaf.body, payloadPart: 'other' } as typeof leaf.body }] }
      }],
      ['a tile of half a hash', () => ({ ...good(), tiles: [{ level: 0, index: 0, hashes: new Uint8Array(48) }] })],
      ['a tile that stands twice', () => ({ ...good(), tiles: [1, 2].map((width) => ({ level: 0, index: 0, hashes: new Uint8Array(32 * width) })) })],
    ]

    beforeEach(async () => {
      await store.ensureContact(sampleContact('old'))
      await store.append(sampleBatch(0, [sampleEvent('old')], { mails: [sampleMail('old')], optIns: [sampleOptIn('contact-old', 'old')] }))
      await store.append(sampleBatch(0, [sampleEvent('foreign')], { site: 'bakery' }))
    })

    test.each(faults)('%s: it fails, nothing of it is kept, and the next batch is written', async (_fault, make) => {
      const tile = { level: 0, index: 1 }
      await expect(store.append(make())).rejects.toThrow()
      expect(await readSizes()).toEqual([1, 1])
      expect(await store.findEvent('event-new')).toBeUndefined()
      expect(await store.readTiles('shop', [tile])).toEqual([undefined])
      expect(await store.readOptIns('contact-old')).toHaveLength(1)
      expect(await lease()).toEqual(['old'])
      expect(await store.append(good())).toBe(true)
      expect(await readSizes()).toEqual([2, 1])
    })
  })

  describe('events and notices', () => {
    test('an event is found by its id in any site, and by its hash in its own', async () => {
      const event = sampleEvent('a')
      await store.append(sampleBatch(0, [sampleNotice('{}'), event]))
      expect(await store.findEvent('event-a')).toEqual(placed(event, 'shop', 1))
      expect(await store.findEventByHash('shop', event.hash)).toEqual(placed(event, 'shop', 1))
      expect(await store.findEventByHash('bakery', event.hash)).toBeUndefined()
      expect(await store.findEventByHash('shop', sampleNotice('{}').hash)).toBeUndefined()
      expect(await store.findEvent('event-z')).toBeUndefined()
    })

    test('a record is read in log order, without what others did and what other sites have', async () => {
      const [a, b, c] = ['a', 'b', 'c'].map((letter, minutes) => sampleEvent(letter, { minutes }))
      await store.append(sampleBatch(0, [b!, sampleEvent('x', { recordId: 'other' })]))
      await store.append(sampleBatch(2, [a!]))
      await store.append(sampleBatch(0, [c!], { site: 'bakery' }))
      expect(await store.readRecord('shop', 'record')).toEqual([placed(b!, 'shop', 0), placed(a!, 'shop', 2)])
      expect(await store.readRecord('shop', 'unknown')).toEqual([])
    })

    test('a record belongs to the site that had it first', async () => {
      await store.append(sampleBatch(0, [sampleEvent('a', { minutes: 1 })]))
      await store.append(sampleBatch(0, [sampleEvent('b', { minutes: 2 })], { site: 'bakery' }))
      expect(await store.findRecordSite('record')).toBe('shop')
      expect(await store.findRecordSite('unknown')).toBeUndefined()
    })

    test('a notice is found by its hash, where it stood first', async () => {
      const notice = sampleNotice('{"language":"de"}', 1)
      await store.append(sampleBatch(0, [sampleEvent('a'), notice, sampleNotice('{"language":"de"}', 2)]))
      expect(await store.findNotice('shop', notice.hash)).toEqual({ json: '{"language":"de"}', index: 1, leaf: notice.text })
      expect(await store.findNotice('bakery', notice.hash)).toBeUndefined()
      expect(await store.findNotice('shop', sampleEvent('a').hash)).toBeUndefined()
    })
  })
}
