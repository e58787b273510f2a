import { beforeAll, describe, expect, it } from 'vitest'
import { fromBase64url, fromUtf8, toBase64url, utf8 } from '../../core/bytes.ts'
import { checkAgainstNotice, ConsentEvent, encodeEvent, type EventDraft, hashEvent, readEvent } from '../../core/event.ts'
import { hashNotice, parseNotice } from '../../core/notice.ts'
import { Refusal } from '../../core/refusal.ts'
import { computeThumbprint, createEventSigner, generateEventKeys, signCompact } from '../../core/signature.ts'
import { createDevice, type Device } from '../fixtures/device.ts'
import { createNotice } from '../fixtures/site.ts'

let device: Device
beforeAll(async () => {
  device = await createDevice()
})

const refusalOf = (work: Promise<unknown>) => work.then(
  () => { throw new Error('nothing was refused') },
  (error: unknown) => {
    if (error instanceof Refusal) return error.errors
    throw error
  })

const decode = (part: string) => JSON.parse(fromUtf8(fromBase64url(part)!)!) as Record<string, unknown>
const encode = (value: unknown) => toBase64url(utf8(typeof value === 'string' ? value : JSON.stringify(value)))

/** Signs a header and payload of any shape with the device's key. */
async function signAnything(header: unknown, payload: unknown): Promise<string> {
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${toBase64url(await device.signer.sign(utf8(input)))}`
}

const goodHeader = () => ({ typ: 'consent-event+jws', alg: 'ES256', kid: computeThumbprint(device.signer.publicJwk), jwk: device.signer.publicJwk })
const goodPayload = () => JSON.parse(encodeEvent(device.draft({ analytics: 'given' }), 'device')) as ConsentEvent

describe('an event that a device signed', () => {
  it('is read back as it was written', async () => {
    const draft = device.draft({ analytics: 'given', video: 'refused' })
    const jws = await device.sign(draft)
    const read = await readEvent(jws)
    expect(read.event).toEqual({ ...draft, attestation: 'device' })
    expect(read.hash).toBe(Buffer.from(await crypto.subtle.digest('SHA-256', utf8(jws))).toString('base64url'))
    expect(read.kid).toBe(computeThumbprint(device.signer.publicJwk))
  })

  it('has its members in the documented order', () => {
    const names = Object.keys(JSON.parse(encodeEvent(device.draft({ analytics: 'given' }), 'device')))
    expect(names).toEqual(['schema_version', 'event_id', 'record_id', 'pii_principal_id', 'aud', 'event_time', 'event_type', 'decisions',
      'notice_hash', 'language', 'validity_duration', 'source', 'prev_event_hash', 'log_anchor', 'salt', 'attestation'])
  })
})

describe('a JWS that is not ours is refused, and the field is named', () => {
  it.each([
    ['alg none', { alg: 'none' }, '/header/alg'],
    ['another algorithm', { alg: 'HS256' }, '/header/alg'],
    ['another typ', { typ: 'JWT' }, '/header/typ'],
    ['a kid of another key', { kid: 'A'.repeat(43) }, '/header/kid'],
    ['a key to be fetched', { jku: 'https://evil.example/keys' }, '/header'],
    ['critical extensions', { crit: ['b64'], b64: false }, '/header'],
    ['a private key in the header', { jwk: { crv: 'P-256', kty: 'EC', x: 'A', y: 'A', d: 'A' } }, '/header/jwk'],
    ['a key that is no point of the curve', { jwk: { crv: 'P-256', kty: 'EC', x: 'A'.repeat(43), y: 'A'.repeat(43) } }, '/header/kid'],
  ])('%s', async (_, change, pointer) => {
    const jws = await signAnything({ ...goodHeader(), ...change }, goodPayload())
    expect((await refusalOf(readEvent(jws)))[0]!.pointer).toBe(pointer)
  })

  it('a point outside the curve under its own thumbprint', async () => {
    const jwk = { crv: 'P-256' as const, kty: 'EC' as const, x: 'A'.repeat(43), y: 'A'.repeat(43) }
    const jws = await signAnything({ ...goodHeader(), jwk, kid: computeThumbprint(jwk) }, goodPayload())
    expect((await refusalOf(readEvent(jws)))[0]).toMatchObject({ pointer: '/header/jwk' })
  })

  it('a changed payload', async () => {
    const [header, , signature] = (await device.sign(device.draft({ analytics: 'refused' }))).split('.')
    const jws = [header, encode({ ...goodPayload() }), signature].join('.')
    expect((await refusalOf(readEvent(jws)))[0]).toMatchObject({ pointer: '/signature', code: 'signature' })
  })

  it('a name that stands twice', async () => {
    const payload = JSON.stringify(goodPayload()).replace('{', '{"event_type":"signal",')
    expect((await refusalOf(readEvent(await signAnything(goodHeader(), payload))))[0]).toMatchObject({ pointer: '/event_type', code: 'json_duplicate_name' })
  })

  it.each([['padding', '='], ['a fourth part', '.x'], ['white space', ' ']])('%s at the end', async (_, tail) => {
    const jws = await device.sign(device.draft({ analytics: 'given' }))
    expect(await refusalOf(readEvent(jws + tail))).toHaveLength(1)
  })
})

describe('a payload outside the schema is refused, and the field is named', () => {
  it.each<[string, (event: Record<string, never>) => unknown, string]>([
    ['an unknown member', (e) => ({ ...e, ticked: true }), '/ticked'],
    ['a missing member', ({ salt: _, ...e }) => e, '/salt'],
    ['no decision', (e) => ({ ...e, decisions: [] }), '/decisions'],
    ['an unknown state', (e) => ({ ...e, decisions: [{ purpose_id: 'video', event_state: 'maybe', statement_text: 'x' }] }), '/decisions/0/event_state'],
    ['a purpose decided twice', (e) => ({ ...e, decisions: [...(e as unknown as ConsentEvent).decisions, ...(e as unknown as ConsentEvent).decisions] }), '/decisions/1/purpose_id'],
    ['a time without milliseconds', (e) => ({ ...e, event_time: '2026-11-22T10:00:00Z' }), '/event_time'],
    ['a UUID of another version', (e) => ({ ...e, event_id: '00000000-0000-4000-8000-000000000000' }), '/event_id'],
    ['a short salt', (e) => ({ ...e, salt: 'AAAA' }), '/salt'],
    ['an over-long statement', (e) => ({ ...e, decisions: [{ purpose_id: 'video', event_state: 'given', statement_text: 'x'.repeat(2001) }] }), '/decisions/0/statement_text'],
    ['an over-long action', (e) => ({ ...e, source: { ...(e as unknown as ConsentEvent).source, action: 'x'.repeat(301) } }), '/source/action'],
    ['a url with a query', (e) => ({ ...e, source: { ...(e as unknown as ConsentEvent).source, url: 'https://shop.example/?q=1' } }), '/source/url'],
    ['a url on another origin', (e) => ({ ...e, source: { ...(e as unknown as ConsentEvent).source, url: 'https://evil.example/' } }), '/source/url'],
    ['an origin with a path', (e) => ({ ...e, aud: { site: 'shop', origin: 'https://shop.example/' } }), '/aud/origin'],
    ['a signal that grants', (e) => ({ ...e, event_type: 'signal' }), '/decisions/0/event_state'],
    ['a number for a text', (e) => ({ ...e, schema_version: 1 }), '/schema_version'],
    ['a text for the whole', () => '"x"', ''],
  ])('%s', async (_, change, pointer) => {
    const jws = await signAnything(goodHeader(), change(goodPayload() as never))
    expect((await refusalOf(readEvent(jws)))[0]!.pointer).toBe(pointer)
  })

  it('names every field at fault at once', async () => {
    const jws = await signAnything(goodHeader(), { ...goodPayload(), salt: '', language: '' })
    expect((await refusalOf(readEvent(jws))).map(({ pointer }) => pointer)).toEqual(['/language', '/salt'])
  })
})

describe('an event that does not fit its notice is refused', () => {
  const device_ = createNotice('device')
  const draft = (change: Partial<EventDraft> = {}): EventDraft => ({ ...device.draft({ analytics: 'given' }), ...change })

  it('but one that fits is not', () => {
    expect(() => checkAgainstNotice(draft(), device_)).not.toThrow()
    expect(() => checkAgainstNotice(device.draft({ newsletter: 'given' }, { notice: createNotice('contact') }), createNotice('contact'))).not.toThrow()
  })

  it.each<[string, Partial<EventDraft>, string, string]>([
    ['another language', { language: 'de' }, '/language', 'language'],
    ['another validity', { validity_duration: 'P10Y' }, '/validity_duration', 'validity_duration'],
    ['an unknown purpose', { decisions: [{ purpose_id: 'spying', event_state: 'given', statement_text: 'x' }] }, '/decisions/0/purpose_id', 'unknown_purpose'],
    ['another sentence', { decisions: [{ purpose_id: 'analytics', event_state: 'given', statement_text: 'Something nicer.' }] }, '/decisions/0/statement_text', 'statement_text'],
    ['what nobody is asked', { decisions: [{ purpose_id: 'necessary', event_state: 'refused', statement_text: 'The basket and the log-in work.' }] }, '/decisions/0/purpose_id', 'not_optional'],
  ])('%s', (_, change, pointer, code) => {
    let found: unknown
    try { checkAgainstNotice(draft(change), device_) } catch (error) { found = error }
    expect((found as Refusal).errors[0]).toMatchObject({ pointer, code })
  })

  it('cookie consent never becomes e-mail consent', () => {
    const notice = createNotice('contact')
    const fromBanner = device.draft({ newsletter: 'given' }, { notice, source: { channel: 'banner', action: 'Accept all', url: null, build: null } })
    expect(() => checkAgainstNotice(fromBanner, notice)).toThrow(/not decided through “banner”/)
  })
})

describe('a device key', () => {
  it('never leaves WebCrypto', async () => {
    const keys = await generateEventKeys()
    await expect(crypto.subtle.exportKey('jwk', keys.privateKey)).rejects.toThrow()
    const jws = await signCompact('{}', await createEventSigner(keys))
    expect(Object.keys(decode(jws.split('.')[0]!).jwk as object).sort()).toEqual(['crv', 'kty', 'x', 'y'])
    expect(hashEvent(jws)).toHaveLength(43)
  })
})

describe('a notice', () => {
  it('may say where data is stored; one that does not keeps its bytes and its hash', () => {
    const notice = createNotice('device')
    expect(hashNotice(parseNotice(notice))).toBe('QZhCrh99ngXXfUsu0nQrGEA7NIrjH3LgMYrU4jnftzs')
    expect(JSON.stringify(parseNotice(notice))).not.toContain('storage')
    expect(hashNotice(parseNotice({ ...notice, storage: 'In Norway.' }))).not.toBe(hashNotice(notice))
    expect(() => parseNotice({ ...notice, storage: '' })).toThrow('/storage')
    expect(() => parseNotice({ ...notice, storage: null })).toThrow('/storage')
  })

  it('has no field with which a box could be ticked or refusing hidden', () => {
    const notice = createNotice('device')
    const purposes = notice.purposes.map((purpose) => ({ ...purpose, checked: true }))
    expect(() => parseNotice({ ...notice, purposes })).toThrow('/purposes/0/checked: This member is not known here.')
    expect(() => parseNotice({ ...notice, hide_reject: true })).toThrow('/hide_reject: This member is not known here.')
  })
})
