// Erased means erased, and the log stays whole: it says that something went, and nobody can find out what.
import { beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../core/hash.ts'
import { toBase64url } from '../../core/bytes.ts'
import { createRandomId, type EventDraft, hashEvent, readEvent, signEvent } from '../../core/event.ts'
import { Refusal } from '../../core/refusal.ts'
import { exportRecord, exportSite } from '../../server/export.ts'
import { NEW_CONTACT } from '../fixtures/contact.ts'
import { auditLines, codesOf, collectLines, type Line } from '../fixtures/audit.ts'
import { createDevice, type Device } from '../fixtures/device.ts'
import { createLedgerFixture, type LedgerFixture } from '../fixtures/ledger.ts'
import { createNotice, createSite } from '../fixtures/site.ts'

let fixture: LedgerFixture
let device: Device
let other: Device
let sent: string[]

beforeEach(async () => {
  fixture = await createLedgerFixture()
  ;[device, other] = [await createDevice(), await createDevice()]
  sent = [await device.decide({ analytics: 'given' }), await other.decide({ analytics: 'given' }), await device.decide({ analytics: 'withdrawn' })]
  await fixture.record(...sent)
})

const readSite = (): Promise<Line[]> => collectLines(exportSite('shop', fixture))
const audit = (lines: Line[]) => auditLines(lines, { keys: fixture.keys })
const codeOf = async (jws: string) => {
  const [result] = await fixture.record(jws)
  return result instanceof Refusal ? result.errors[0]! : result!.status
}
/** A contact who typed an address in a form of this device, in the middle of its record. */
async function typeAddress(by: Device): Promise<string> {
  await fixture.store.ensureContact({ id: 'ada', site: 'shop', email: 'ada@example.org', language: 'en', recordId: createRandomId(), principalId: createRandomId(), createdAt: '2026-11-22T10:00:00.000Z', ...NEW_CONTACT })
  const jws = await by.decide({ newsletter: 'given' }, { notice: createNotice('contact') })
  await fixture.ledger.record('shop', [{ read: await readEvent(jws), optIn: { contactId: 'ada' } }])
  return jws
}

describe('erasing a record', () => {
  it('takes its events out of the export and leaves their leaves, which the audit finds in order', async () => {
    expect(await fixture.ledger.erase('shop', { recordId: device.recordId })).toBe(2)
    const lines = await readSite()
    expect(lines.filter(({ erased }) => erased).map(({ index, event }) => [index, event])).toEqual([[5, undefined], [7, undefined]])
    const report = await audit(lines)
    expect(codesOf(report)).toEqual([])
    expect(report.isValid).toBe(true)
    expect(report.remarks.map(({ code, index }) => [code, index])).toEqual([['erased', 5], ['erased', 7]])
    expect(report.remarks[0]!.detail).toContain('as recorded in leaf 8')
    expect(JSON.stringify(lines)).not.toContain(device.recordId)
  })

  it('leaves the notice, which others were shown, and the log, which goes on', async () => {
    await fixture.ledger.erase('shop', { recordId: device.recordId })
    expect(await codeOf(await other.decide({ analytics: 'refused' }))).toBe(201)
    expect(codesOf(await audit(await readSite()))).toEqual([])
    const record = await collectLines(exportRecord('shop', other.recordId, fixture.clock.nowMs, fixture))
    expect(codesOf(await audit(record))).toEqual([])
  })

  it('is for good: the same event is not recorded again, and the record stays closed', async () => {
    await fixture.ledger.erase('shop', { recordId: device.recordId })
    const { size } = await fixture.store.readHead('shop')
    for (const jws of [sent[0]!, sent[2]!]) expect(await codeOf(jws)).toMatchObject({ pointer: '/event_id', code: 'erased' })
    expect(await codeOf(await device.decide({ analytics: 'given' }, { prev_event_hash: null }))).toMatchObject({ pointer: '/record_id', code: 'record_erased' })
    expect((await fixture.store.readHead('shop')).size).toBe(size)
    expect(await fixture.ledger.receipt((await readEvent(sent[0]!)).event.event_id)).toBeUndefined()
  })

  it('of which there is nothing left, or never was, writes nothing', async () => {
    await fixture.ledger.erase('shop', { recordId: device.recordId })
    const { size } = await fixture.store.readHead('shop')
    for (const recordId of [device.recordId, createRandomId()]) expect(await fixture.ledger.erase('shop', { recordId })).toBe(0)
    expect((await fixture.store.readHead('shop')).size).toBe(size)
  })

  it('takes what was recorded a moment before, too', async () => {
    const read = await readEvent(await device.decide({ video: 'given' }))
    const [, erased] = await Promise.all([fixture.ledger.record('shop', [{ read }]), fixture.ledger.erase('shop', { recordId: device.recordId })])
    expect(erased).toBe(3)
    expect(await fixture.store.readRecord('shop', device.recordId)).toEqual([])
  })

  it('is one commit, also where another process writes at the same time', async () => {
    const twin = await createLedgerFixture({ store: fixture.store, site: createSite() })
    const late = await createDevice()
    const [erased] = await Promise.all([fixture.ledger.erase('shop', { recordId: device.recordId }), twin.record(await late.decide({ analytics: 'given' }))])
    expect(erased).toBe(2)
    const report = await auditLines(await readSite(), { keys: [...fixture.keys, ...twin.keys] })
    expect(codesOf(report)).toEqual([])
  })
})

describe('erasing a contact', () => {
  it('takes the opt-in that named the address, not the browser’s other events; those that follow it still hold', async () => {
    await typeAddress(device)
    await fixture.record(await device.decide({ video: 'given' }))
    expect(await fixture.ledger.erase('shop', { contactId: 'ada' })).toBe(1)
    expect(await fixture.store.findContactByEmail('shop', 'ada@example.org')).toBeUndefined()
    for (const lines of [await readSite(), await collectLines(exportRecord('shop', device.recordId, fixture.clock.nowMs, fixture))]) {
      const report = await audit(lines)
      expect(codesOf(report)).toEqual([])
      expect(report.remarks.map(({ code }) => code)).toContain('erased')
    }
  })

  it('lets an event that names the erased one as its predecessor still come in from an outbox', async () => {
    await typeAddress(device)
    const waiting = await device.decide({ video: 'given' })
    await fixture.ledger.erase('shop', { contactId: 'ada' })
    expect(await codeOf(waiting)).toBe(201)
    expect(codesOf(await audit(await readSite()))).toEqual([])
    expect(await codeOf(await other.sign(other.draft({ video: 'given' }, { prev_event_hash: (await readEvent(waiting)).event.prev_event_hash })))).toMatchObject({ code: 'prev_event_hash' })
  })

  it('that has no events yet takes the contact all the same, and no leaf is needed', async () => {
    await fixture.store.ensureContact({ id: 'bob', site: 'shop', email: 'bob@example.org', language: 'en', recordId: createRandomId(), principalId: createRandomId(), createdAt: '2026-11-22T10:00:00.000Z', ...NEW_CONTACT })
    const { size } = await fixture.store.readHead('shop')
    expect(await fixture.ledger.erase('shop', { contactId: 'bob' })).toBe(0)
    expect(await fixture.store.findContact('bob')).toBeUndefined()
    expect((await fixture.store.readHead('shop')).size).toBe(size)
  })
})

describe('the audit of an erasure', () => {
  it('calls it wrong where no leaf records it, or where the leaf comes before what it erases', async () => {
    await fixture.ledger.erase('shop', { recordId: device.recordId })
    const lines = await readSite()
    lines[7]!.erased = true
    delete lines[7]!.event
    expect(codesOf(await audit(lines))).toEqual(['erased_unrecorded'])
  })

  it('calls it wrong where a body is only said to be erased', async () => {
    const lines = await readSite()
    lines[6]!.erased = true
    expect(codesOf(await audit(lines))).toEqual(['erased_unrecorded'])
  })
})

// An operator, or whoever gets the database, may know everything about an erased event but the salt: person, page,
// moment, words, and even how the key signs (here by a rule instead of by chance). Only the answer is unknown.
describe('guessing what was erased', () => {
  const guessable = (): Device['signer'] => ({
    publicJwk: device.signer.publicJwk,
    sign: async (bytes) => new Uint8Array([...sha256(bytes), ...sha256(sha256(bytes))]),
  })
  const answers = ['given', 'refused', 'withdrawn'] as const
  const candidates = (known: EventDraft, salt: string) => Promise.all(answers.map(async (event_state) =>
    hashEvent(await signEvent({ ...known, salt, decisions: [{ ...known.decisions[0]!, event_state }] }, 'device', guessable()))))

  it('fails: a body with everything right but the salt has another hash; with the salt known it would succeed', async () => {
    const truth = device.draft({ analytics: 'refused' })
    const leafHash = hashEvent(await signEvent(truth, 'device', guessable()))
    const guesses = Array.from({ length: 200 }, (_, i) => (i === 0 ? toBase64url(new Uint8Array(16)) : createRandomId()))
    const hashes = (await Promise.all(guesses.map((salt) => candidates(truth, salt)))).flat()
    expect(hashes).toHaveLength(600)
    expect(hashes).not.toContain(leafHash)
    // Were there no salt to guess, three tries would tell the answer.
    expect(answers[(await candidates(truth, truth.salt)).indexOf(leafHash)]).toBe('refused')
  })

  it('finds nothing to start from: of an erased event neither salt, ids nor signature are kept', async () => {
    const { event } = await readEvent(sent[0]!)
    await fixture.ledger.erase('shop', { recordId: device.recordId })
    const { size } = await fixture.store.readHead('shop')
    const left = JSON.stringify([await fixture.store.readLeaves('shop', 0, size), await readSite(), await fixture.store.findErased(event.event_id), await fixture.store.readErased('shop', device.recordId)])
    for (const secret of [event.salt, event.event_id, event.record_id, event.pii_principal_id, sent[0]!.split('.')[2]!]) expect(left).not.toContain(secret)
  })
})
