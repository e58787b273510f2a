// A record belongs to a key: nobody joins it from outside without that key's word, and the audit sees who did.
import { beforeEach, describe, expect, it } from 'vitest'
import { createRandomId, readEvent } from '../../core/event.ts'
import { readKeyBinding, signKeyBinding } from '../../core/key-binding.ts'
import { Refusal } from '../../core/refusal.ts'
import { computeThumbprint, type EventSigner } from '../../core/signature.ts'
import { exportRecord, exportSite } from '../../server/export.ts'
import type { Submission } from '../../server/ledger-batch.ts'
import { createSigner, createMemoryKeyStore, type KeyStore } from '../../server/signer.ts'
import { NEW_CONTACT } from '../fixtures/contact.ts'
import { auditLines, codesOf, collectLines } from '../fixtures/audit.ts'
import { createDevice, type Device } from '../fixtures/device.ts'
import { createLedgerFixture, type LedgerFixture } from '../fixtures/ledger.ts'
import { createNotice } from '../fixtures/site.ts'

let keyStore: KeyStore
let fixture: LedgerFixture
let device: Device
let other: Device

beforeEach(async () => {
  keyStore = createMemoryKeyStore()
  fixture = await createLedgerFixture({ keyStore })
  ;[device, other] = [await createDevice(), await createDevice()]
  await fixture.record(await device.decide({ analytics: 'given' }))
})

/** An event of the first device's record, signed by another. */
const intrude = (signer: Device = other, prev: string | null = null) => signer.sign({ ...signer.draft({ analytics: 'withdrawn' }, { prev_event_hash: prev }), record_id: device.recordId })
const submit = async (jws: string, more: Partial<Submission> = {}) => {
  const [result] = await fixture.ledger.record('shop', [{ read: await readEvent(jws), ...more }])
  return result instanceof Refusal ? result.errors[0]! : result!.status
}
const bind = async (signer: EventSigner, changes: Partial<Parameters<typeof signKeyBinding>[0]> = {}) => readKeyBinding(await signKeyBinding({
  site: 'shop', recordId: device.recordId, newKid: computeThumbprint(other.signer.publicJwk), timeMs: fixture.clock.nowMs, ...changes,
}, signer))
const auditSite = async () => auditLines(await collectLines(exportSite('shop', fixture)), { keys: fixture.keys })
const FOREIGN = { pointer: '/record_id', code: 'record_key' }

describe('an event for a record of another key', () => {
  it('is refused, whether it names a predecessor or none, and nothing is recorded', async () => {
    const { size } = await fixture.store.readHead('shop')
    expect(await submit(await intrude())).toMatchObject(FOREIGN)
    const [first] = await fixture.store.readRecord('shop', device.recordId)
    expect(await submit(await intrude(other, first!.hash))).toMatchObject(FOREIGN)
    expect((await fixture.store.readHead('shop')).size).toBe(size)
  })

  it('is refused within one batch too', async () => {
    const fresh = await createDevice()
    const jws = [await fresh.decide({ video: 'given' }), await other.sign({ ...other.draft({ video: 'refused' }), record_id: fresh.recordId })]
    const results = await fixture.record(...jws)
    expect(results.map((result) => (result instanceof Refusal ? result.code : result.status))).toEqual([201, 'record_key'])
  })

  it('is refused where the service would attest it: a draft cannot join a record of a device', async () => {
    const draft = { ...other.draft({ analytics: 'withdrawn' }), record_id: device.recordId }
    const { jws } = await fixture.ledger.attest(draft, 'shop')
    expect(await submit(jws)).toMatchObject(FOREIGN)
  })

  it('is no matter for the same key, nor for drafts of one page that never signs, also after the service changed its key', async () => {
    expect(await submit(await device.decide({ analytics: 'refused' }))).toBe(201)
    expect(await submit((await fixture.ledger.attest(other.draft({ analytics: 'given' }), 'shop')).jws)).toBe(201)
    await fixture.ledger.rotate('shop', 'events')
    expect(await submit((await fixture.ledger.attest(other.draft({ analytics: 'withdrawn' }), 'shop')).jws)).toBe(201)
    expect(codesOf(await auditSite())).toEqual([])
  })
})

describe('a contact’s record', () => {
  it('takes events from the service only, also before it has any', async () => {
    const contact = await fixture.store.ensureContact({ id: 'ada', site: 'shop', email: 'ada@example.org', language: 'en', recordId: createRandomId(), principalId: other.recordId, createdAt: '2026-11-22T10:00:00.000Z', ...NEW_CONTACT })
    const draft = () => ({ ...other.draft({ newsletter: 'given' }, { notice: createNotice('contact') }), record_id: contact.recordId })
    const attempts = async () => [await submit(await other.sign(draft())), await submit((await fixture.ledger.attest(draft(), 'shop')).jws)]
    for (const attempt of await attempts()) expect(attempt).toMatchObject(FOREIGN)
    expect(await submit((await fixture.ledger.attest(draft(), 'shop')).jws, { isOwn: true })).toBe(201)
    for (const attempt of await attempts()) expect(attempt).toMatchObject(FOREIGN)
  })
})

describe('a key binding', () => {
  it('by the record’s key lets another key in for good, and the audit follows it', async () => {
    expect(await submit(await intrude(), { keyBinding: await bind(device.signer) })).toBe(201)
    expect(await submit(await intrude())).toBe(201)
    expect(await submit(await device.decide({ video: 'given' }))).toBe(201)
    const report = await auditSite()
    expect(codesOf(report)).toEqual([])
    const lines = await collectLines(exportRecord('shop', device.recordId, fixture.clock.nowMs, fixture))
    expect(lines.filter((line) => line.key_binding)).toHaveLength(1)
    expect(codesOf(await auditLines(lines, { keys: fixture.keys }))).toEqual([])
  })

  it('may go on from key to key', async () => {
    const third = await createDevice()
    await submit(await intrude(), { keyBinding: await bind(device.signer) })
    expect(await submit(await intrude(third), { keyBinding: await bind(other.signer, { newKid: computeThumbprint(third.signer.publicJwk) }) })).toBe(201)
    expect(codesOf(await auditSite())).toEqual([])
  })

  it('by the service lets a key in, and the audit wants the service’s key in the log before', async () => {
    const service = await createSigner(keyStore).signEvents('shop')
    expect(await submit(await intrude(), { keyBinding: await bind(service) })).toBe(201)
    expect(codesOf(await auditSite())).toEqual([])
  })

  it.each<[string, () => Promise<Submission['keyBinding']>]>([
    ['by the new key itself', () => bind(other.signer)],
    ['by a stranger', async () => bind((await createDevice()).signer)],
    ['for another record', () => bind(device.signer, { recordId: other.recordId })],
    ['for another key', async () => bind(device.signer, { newKid: computeThumbprint((await createDevice()).signer.publicJwk) })],
    ['for another site', () => bind(device.signer, { site: 'other' })],
  ])('%s lets nobody in', async (_name, make) => {
    expect(await submit(await intrude(), { keyBinding: await make() })).toMatchObject(FOREIGN)
  })

  it.each<[string, string, (binding: string) => Promise<string>]>([
    ['with a changed record', 'signature', async (jws) => {
      const [header, payload, signature] = jws.split('.')
      const changed = Buffer.from(payload!, 'base64url').toString().replace(device.recordId, other.recordId)
      return [header, Buffer.from(changed).toString('base64url'), signature].join('.')
    }],
    ['that is an event', 'typ', () => device.decide({ analytics: 'given' })],
  ])('%s is not read', async (_name, code, forge) => {
    const { jws } = await bind(device.signer)
    await expect(forge(jws).then(readKeyBinding)).rejects.toMatchObject({ code })
  })

  it('is no event', async () => {
    await expect(readEvent((await bind(device.signer)).jws)).rejects.toMatchObject({ code: 'typ' })
  })
})

describe('the audit', () => {
  it('names a key that nothing binds: an operator who writes into somebody’s record', async () => {
    await submit(await intrude(), { keyBinding: await bind(device.signer) })
    const lines = await collectLines(exportSite('shop', fixture))
    const line = lines.find(({ key_binding }) => key_binding)!
    const genuine = line.key_binding as string
    delete line.key_binding
    expect(codesOf(await auditLines(lines, { keys: fixture.keys }))).toEqual(['record_key'])
    line.key_binding = (await bind(other.signer)).jws
    expect(codesOf(await auditLines(lines, { keys: fixture.keys }))).toEqual(['record_key'])
    line.key_binding = genuine.slice(0, -4) + (genuine.endsWith('AAAA') ? 'BBBB' : 'AAAA')
    expect(codesOf(await auditLines(lines, { keys: fixture.keys }))).toEqual(['signature', 'record_key'])
  })
})
