import { beforeEach, describe, expect, it } from 'vitest'
import { toBase64 } from '../../core/bytes.ts'
import { parseCheckpoint, verifyCheckpoint } from '../../core/checkpoint.ts'
import { hashEvent, readEvent } from '../../core/event.ts'
import { parseLeaf } from '../../core/leaf.ts'
import { parseProof, type Receipt, verifyReceipt } from '../../core/receipt.ts'
import { Refusal } from '../../core/refusal.ts'
import { isConsistent, proveConsistency } from '../../core/tree.ts'
import { createMemoryKeyStore } from '../../server/signer.ts'
import { createMemoryStore } from '../../server/store-memory.ts'
import { createNodeReader } from '../../server/tiles.ts'
import { createDevice, type Device } from '../fixtures/device.ts'
import { createLedgerFixture, type LedgerFixture } from '../fixtures/ledger.ts'
import { createNotice, createSite } from '../fixtures/site.ts'

let fixture: LedgerFixture
let device: Device
beforeEach(async () => {
  fixture = await createLedgerFixture()
  device = await createDevice()
})

const receiptOf = (result: unknown): Receipt => {
  if (result instanceof Refusal) throw result
  return (result as { receipt: Receipt }).receipt
}
const sizeOf = async () => (await fixture.store.readHead('shop')).size

describe('publishing', () => {
  it('logs the service’s key and every notice before anything else, once', async () => {
    const leaves = await fixture.store.readLeaves('shop', 0, 10)
    expect(leaves.map((leaf) => leaf.type)).toEqual(['key', 'notice', 'notice', 'notice', 'notice'])
    await fixture.ledger.publish(createSite())
    expect(await sizeOf()).toBe(5)
    const changed = createNotice('device')
    changed.retention = 'One year.'
    await fixture.ledger.publish(createSite({ notices: [changed, createNotice('contact')] }))
    expect(await sizeOf()).toBe(6)
  })

  it('gives an empty log a checkpoint of size 0', async () => {
    const [key] = fixture.keys
    const note = await fixture.ledger.checkpoint('other')
    expect(parseCheckpoint(note)).toMatchObject({ origin: 'consent.example/log/other', size: 0 })
    expect(key!.name).toBe('consent.example/log/shop')
  })
})

describe('recording', () => {
  it('answers with a receipt that convinces offline', async () => {
    const [result] = await fixture.record(await device.decide({ analytics: 'given' }))
    expect(result).toMatchObject({ status: 201 })
    const verified = await verifyReceipt(receiptOf(result), fixture.keys)
    expect(verified).toMatchObject({ index: 5, leaf: { type: 'event', received_at: '2026-11-22T10:00:05.000Z' } })
  })

  it('gives the same event the same receipt, whoever asks and when', async () => {
    const jws = await device.decide({ analytics: 'given' })
    const [first] = await fixture.record(jws)
    await fixture.record(await device.decide({ analytics: 'withdrawn' }))
    const [again] = await fixture.record(jws)
    expect(again).toMatchObject({ status: 200 })
    expect(receiptOf(again)).toEqual(receiptOf(first))
    expect(await fixture.ledger.receipt((await readEvent(jws)).event.event_id)).toEqual(receiptOf(first))
    expect(await sizeOf()).toBe(7)
  })

  it('knows an event by its payload, not by its malleable signature', async () => {
    const draft = device.draft({ analytics: 'given' })
    const [first] = await fixture.record(await device.sign(draft))
    const [twin] = await fixture.record(await device.sign(draft))
    expect(twin).toMatchObject({ status: 200 })
    expect(receiptOf(twin).event).toBe(receiptOf(first).event)
  })

  it('refuses another content under a known event_id and records nothing', async () => {
    const draft = device.draft({ analytics: 'given' })
    await fixture.record(await device.sign(draft))
    const [result] = await fixture.record(await device.sign({ ...draft, decisions: [{ ...draft.decisions[0]!, event_state: 'refused' }] }))
    expect((result as Refusal).errors[0]).toMatchObject({ pointer: '/event_id', code: 'event_id_conflict' })
    expect(await sizeOf()).toBe(6)
  })

  it('takes the same event twice in one batch for one', async () => {
    const jws = await device.decide({ analytics: 'given' })
    const results = await fixture.record(jws, jws)
    expect(results.map((result) => (result as { status: number }).status)).toEqual([201, 200])
    expect(await sizeOf()).toBe(6)
  })

  it('refuses one bad event without harm to its neighbours', async () => {
    const good = await device.decide({ analytics: 'given' })
    const bad = await device.sign({ ...device.draft({ video: 'given' }), notice_hash: hashEvent('no notice') })
    const next = await device.decide({ analytics: 'withdrawn' })
    const results = await fixture.record(good, bad, next)
    expect(results.map((result) => (result instanceof Refusal ? result.code : result.status))).toEqual([201, 'unknown_notice', 201])
    for (const i of [0, 2]) await verifyReceipt(receiptOf(results[i]), fixture.keys)
  })

  it.each<[string, string, (device: Device) => Promise<string>]>([
    ['a predecessor that nobody knows', 'prev_event_hash', (d) => d.sign(d.draft({ analytics: 'given' }, { prev_event_hash: hashEvent('nothing') }))],
    ['an anchor that was never published', 'log_anchor', (d) => d.sign(d.draft({ analytics: 'given' }, { log_anchor: { origin: 'consent.example/log/shop', size: 5, root: toBase64(new Uint8Array(32)) } }))],
    ['another sentence than the notice has', 'statement_text', (d) => d.sign({ ...d.draft({ analytics: 'given' }), decisions: [{ purpose_id: 'analytics', event_state: 'given', statement_text: 'Other words.' }] })],
  ])('refuses %s', async (_, code, forge) => {
    const [result] = await fixture.record(await forge(device))
    expect(result).toBeInstanceOf(Refusal)
    expect((result as Refusal).code).toBe(code)
    expect(await sizeOf()).toBe(5)
  })

  it('refuses a predecessor from another record', async () => {
    const stranger = await createDevice()
    const theirs = await stranger.decide({ analytics: 'given' })
    await fixture.record(theirs)
    const [result] = await fixture.record(await device.sign(device.draft({ analytics: 'given' }, { prev_event_hash: hashEvent(theirs) })))
    expect((result as Refusal).errors[0]!.pointer).toBe('/prev_event_hash')
  })

  it('takes an anchor that was published', async () => {
    const { origin, size, root } = parseCheckpoint(await fixture.ledger.checkpoint('shop'))
    const [result] = await fixture.record(await device.decide({ analytics: 'given' }, { log_anchor: { origin, size, root: toBase64(root) } }))
    expect(result).toMatchObject({ status: 201 })
  })

  it('never lets received_at go back, even when the clock does', async () => {
    await fixture.record(await device.decide({ analytics: 'given' }))
    fixture.clock.nowMs -= 3_600_000
    await fixture.record(await device.decide({ analytics: 'withdrawn' }))
    const times = (await fixture.store.readLeaves('shop', 0, 7)).map((leaf) => parseLeaf(leaf.text).received_at)
    expect(times).toEqual([...times].sort())
  })
})

describe('a log that grows past a tile', () => {
  it('stays consistent with every checkpoint it ever gave, and proves every leaf', async () => {
    const notes: string[] = []
    const jws = await Promise.all(Array.from({ length: 300 }, () => device.sign(device.draft({ analytics: 'given' }))))
    for (let at = 0; at < jws.length; at += 60) {
      const results = await fixture.record(...jws.slice(at, at + 60))
      const last = receiptOf(results.at(-1))
      await verifyReceipt(last, fixture.keys)
      notes.push(parseProof(last.proof).checkpoint)
    }
    const newest = await verifyCheckpoint(notes.at(-1)!, fixture.keys)
    expect(newest.size).toBe(305)
    const read = createNodeReader((tiles) => fixture.store.readTiles('shop', tiles))
    for (const note of notes) {
      const older = await verifyCheckpoint(note, fixture.keys)
      expect(isConsistent(older.size, newest.size, older.root, newest.root, await proveConsistency(older.size, newest.size, read))).toBe(true)
    }
    await verifyReceipt(await fixture.ledger.receipt((await readEvent(jws[0]!)).event.event_id), fixture.keys)
  })

  it('keeps one order when two sequencers write to one store', async () => {
    const twin = await createLedgerFixture({ store: fixture.store })
    const devices = await Promise.all([createDevice(), createDevice(), createDevice(), createDevice()])
    const jws = await Promise.all(devices.map((one) => one.decide({ analytics: 'given' })))
    const results = await Promise.all([fixture.record(jws[0]!), twin.record(jws[1]!), fixture.record(jws[2]!), twin.record(jws[3]!)])
    expect(results.flat().map((result) => (result as { status: number }).status)).toEqual([201, 201, 201, 201])
    const indices = results.flat().map((result) => parseProof(receiptOf(result).proof).index)
    expect(new Set(indices).size).toBe(4)
  })

  it('takes up the tiles that another sequencer left', async () => {
    const keyStore = createMemoryKeyStore()
    const ours = await createLedgerFixture({ keyStore })
    const other = await createLedgerFixture({ store: ours.store, keyStore })
    const record = async (one: LedgerFixture, count: number) => {
      const results = await one.record(...await Promise.all(Array.from({ length: count }, () => device.sign(device.draft({ analytics: 'given' })))))
      await verifyReceipt(receiptOf(results.at(-1)), one.keys)
    }
    // Tiles of full tiles are written by both in turn.
    for (const [one, count] of [[ours, 5], [other, 5], [ours, 300], [other, 300], [ours, 5], [ours, 300]] as const) await record(one, count)
  })

  it('reads its head again only where somebody else wrote to it', async () => {
    const keyStore = createMemoryKeyStore()
    const store = createMemoryStore()
    let reads = 0
    const ours = await createLedgerFixture({ keyStore, store: { ...store, readHead: (site) => ((reads += 1), store.readHead(site)) } })
    const other = await createLedgerFixture({ keyStore, store })
    const countReads = async (one: LedgerFixture) => {
      const before = reads
      const [result] = await one.record(await device.sign(device.draft({ analytics: 'given' })))
      await verifyReceipt(receiptOf(result), one.keys)
      return reads - before
    }
    const counts = []
    for (const one of [ours, ours, ours, other, ours, other, ours, ours, ours]) counts.push(await countReads(one))
    // The fifth guesses wrong and looks; as long as others write, it looks every time.
    expect(counts).toEqual([1, 0, 0, 0, 1, 0, 1, 1, 0])
  })
})
