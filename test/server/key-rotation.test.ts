// A new key takes over: what the old one signed still holds, what it signs afterwards does not, and the log says when.
import { beforeEach, describe, expect, it } from 'vitest'
import { type NoteKey, parseCheckpoint, parseNoteKey, signCheckpoint, verifyCheckpoint } from '../../core/checkpoint.ts'
import { readEvent } from '../../core/event.ts'
import { hashJson } from '../../core/hash.ts'
import { parseProof, type Receipt, verifyReceipt } from '../../core/receipt.ts'
import { Refusal } from '../../core/refusal.ts'
import { computeThumbprint } from '../../core/signature.ts'
import { exportRecord, exportSite } from '../../server/export.ts'
import { createMemoryKeyStore, createSigner, type KeyStore } from '../../server/signer.ts'
import { auditLines, codesOf, collectLines } from '../fixtures/audit.ts'
import { createDevice, type Device } from '../fixtures/device.ts'
import { createLedgerFixture, type LedgerFixture } from '../fixtures/ledger.ts'
import { createNotice, createSite } from '../fixtures/site.ts'

let keyStore: KeyStore
let fixture: LedgerFixture
let device: Device
let oldKey: NoteKey

beforeEach(async () => {
  keyStore = createMemoryKeyStore()
  fixture = await createLedgerFixture({ keyStore })
  device = await createDevice()
  oldKey = fixture.keys[0]!
})

const readKeys = async (from = fixture) => (await from.ledger.vkeys('shop')).map(parseNoteKey)
const record = async (jws: string, from = fixture): Promise<Receipt> => {
  const [result] = await from.record(jws)
  if (!result || result instanceof Refusal) throw result ?? new Error('no result')
  return result.receipt
}
const attest = async (from = fixture) => {
  const person = await createDevice()
  const read = await from.ledger.attest(person.draft({ newsletter: 'given' }, { notice: createNotice('contact'), source: { channel: 'preference-center', action: 'Save', url: null, build: null } }), 'shop')
  await from.ledger.record('shop', [{ read }])
  return read
}
const auditSite = async (keys: NoteKey[], earlierCheckpoints: string[] = []) => auditLines(await collectLines(exportSite('shop', fixture)), { keys, earlierCheckpoints })

describe('a new log key', () => {
  it('is listed first, with the old one after it, and each is the key of a leaf', async () => {
    const { hash } = await fixture.ledger.rotate('shop', 'log')
    const [current, former, ...more] = await readKeys()
    expect(former).toEqual(oldKey)
    expect(more).toEqual([])
    expect(current).not.toEqual(oldKey)
    const leaves = (await fixture.store.readLeaves('shop', 5, 9)).map(({ type, body, hash: leafHash }) => [type, body?.type === 'key' && hashJson(JSON.parse(body.jwk)) === leafHash])
    expect(leaves).toEqual([['key', true], ['key', true]])
    expect((await fixture.store.readLeaves('shop', 6, 7))[0]!.hash).toBe(hash)
  })

  it('is handed over to in one checkpoint that both keys sign; then it signs alone', async () => {
    const before = await fixture.ledger.checkpoint('shop')
    await fixture.ledger.rotate('shop', 'log')
    const [newKey] = await readKeys()
    const handOver = await fixture.ledger.checkpoint('shop')
    for (const key of [oldKey, newKey!]) expect((await verifyCheckpoint(handOver, [key])).size).toBe(7)
    const after = parseProof((await record(await device.decide({ analytics: 'given' }))).proof).checkpoint
    expect((await verifyCheckpoint(after, [newKey!])).size).toBe(8)
    await expect(verifyCheckpoint(after, [oldKey])).rejects.toThrow('not signed by the given log key')
    await expect(verifyCheckpoint(before, [newKey!])).rejects.toThrow('not signed by the given log key')
  })

  it('leaves old receipts good under the old key, and the same to the byte', async () => {
    const jws = await device.decide({ analytics: 'given' })
    const receipt = await record(jws)
    await fixture.ledger.rotate('shop', 'log')
    const [newKey] = await readKeys()
    expect(await fixture.ledger.receipt((await readEvent(jws)).event.event_id)).toEqual(receipt)
    await verifyReceipt(receipt, [oldKey])
    await verifyReceipt(receipt, [newKey!, oldKey])
    await verifyReceipt(await record(await device.decide({ analytics: 'withdrawn' })), [newKey!])
  })

  it('continues the log: an export from before and one from after both hold, and the new one continues the old checkpoint', async () => {
    await record(await device.decide({ analytics: 'given' }))
    const before = await collectLines(exportSite('shop', fixture))
    const checkpoint = await fixture.ledger.checkpoint('shop')
    await fixture.ledger.rotate('shop', 'log')
    await record(await device.decide({ analytics: 'withdrawn' }))
    const [newKey] = await readKeys()
    expect(codesOf(await auditLines(before, { keys: [oldKey] }))).toEqual([])
    expect(codesOf(await auditSite([newKey!]))).toEqual([])
    expect(codesOf(await auditSite([newKey!, oldKey], [checkpoint]))).toEqual([])
    expect(codesOf(await auditSite([oldKey]))).toEqual(['checkpoint_key'])
  })

  it('ends what the old one may sign: whoever still holds it continues the log to no avail', async () => {
    const stolen = createMemoryKeyStore()
    await stolen.add('shop.log', (await keyStore.find('shop.log'))!)
    const oldSigner = await createSigner(stolen).signLog('shop', await fixture.ledger.origin('shop'))
    await fixture.ledger.rotate('shop', 'log')
    await record(await device.decide({ analytics: 'given' }))
    const lines = await collectLines(exportSite('shop', fixture))
    lines[0]!.checkpoint = await signCheckpoint(parseCheckpoint(lines[0]!.checkpoint as string), oldSigner)
    expect(codesOf(await auditLines(lines, { keys: await readKeys() }))).toEqual(['retired_key'])
  })

  it('is taken up by another process at once, without a restart', async () => {
    const other = await createLedgerFixture({ store: fixture.store, keyStore })
    await record(await device.decide({ analytics: 'given' }), other)
    await fixture.ledger.rotate('shop', 'log')
    const [newKey] = await readKeys()
    await verifyReceipt(await record(await device.decide({ analytics: 'withdrawn' }), other), [newKey!])
    expect(await readKeys(other)).toEqual(await readKeys())
  })

  it('is not passed over: a process that lacks it records nothing rather than sign with the old one', async () => {
    const poor = createMemoryKeyStore()
    for (const name of await keyStore.list()) await poor.add(name, (await keyStore.find(name))!)
    const other = await createLedgerFixture({ store: fixture.store, keyStore: poor })
    await fixture.ledger.rotate('shop', 'log')
    const { size } = await fixture.store.readHead('shop')
    await expect(other.record(await device.decide({ analytics: 'given' }))).rejects.toThrow('The key that signs the log of “shop” now is not here.')
    expect((await fixture.store.readHead('shop')).size).toBe(size)
  })

  it('can be replaced again and again, also by two at once, and a hand-over that was cut short is finished', async () => {
    const other = await createLedgerFixture({ store: fixture.store, keyStore })
    await Promise.all([fixture.ledger.rotate('shop', 'log'), other.ledger.rotate('shop', 'log')])
    const many = await readKeys()
    expect(new Set(many.map(({ hash }) => hash.join())).size).toBe(many.length)
    await createSigner(keyStore).prepareNext('shop', 'log', () => true)
    const prepared = (await keyStore.list()).length
    await fixture.ledger.rotate('shop', 'log')
    expect((await keyStore.list()).length).toBe(prepared)
    expect((await readKeys()).length).toBe(many.length + 1)
    await record(await device.decide({ analytics: 'given' }))
    expect(codesOf(await auditSite(await readKeys()))).toEqual([])
  })
})

describe('a new key for attesting events', () => {
  it('signs from then on; what the old one attested still holds, for its leaf stands before', async () => {
    const first = await attest()
    const { hash } = await fixture.ledger.rotate('shop', 'events')
    const second = await attest()
    expect([second.kid === hash, first.kid === hash]).toEqual([true, false])
    const report = await auditSite(fixture.keys)
    expect(codesOf(report)).toEqual([])
    expect(report.events.server).toBe(2)
    for (const { event } of [first, second]) {
      const lines = await collectLines(exportRecord('shop', event.record_id, fixture.clock.nowMs, fixture))
      expect(codesOf(await auditLines(lines, { keys: fixture.keys }))).toEqual([])
    }
  })

  it('stands in its leaf as the thumbprint of the public key, and publishing again adds no other', async () => {
    const { jwk, hash } = await fixture.ledger.rotate('shop', 'events')
    expect(jwk.kty === 'EC' && computeThumbprint(jwk)).toBe(hash)
    const { size } = await fixture.store.readHead('shop')
    await fixture.ledger.publish(createSite())
    expect((await fixture.store.readHead('shop')).size).toBe(size)
    expect((await fixture.store.readLeaves('shop', 5, 6))[0]).toMatchObject({ type: 'key', hash })
  })

  it('is taken up by another process at once', async () => {
    const other = await createLedgerFixture({ store: fixture.store, keyStore })
    await attest(other)
    const { hash } = await fixture.ledger.rotate('shop', 'events')
    expect((await attest(other)).kid).toBe(hash)
  })
})
