import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bytes, fromBase64url, toBase64url, utf8 } from '../../core/bytes.ts'
import { hashEvent, readEvent } from '../../core/event.ts'
import { Refusal } from '../../core/refusal.ts'
import { type CheckSignature, checkSignature, computeThumbprint, createEventSigner, generateEventKeys, parseCompact, type PublicJwk, signCompact, verifySignature } from '../../core/signature.ts'
import { checkSignatureHere } from '../../server/node/check-signature.ts'
import { createDevice } from '../fixtures/device.ts'
import vectors from '../vectors/wycheproof-ecdsa-p256-sha256-p1363.json' with { type: 'json' }

const fromHex = (hex: string): Bytes => new Uint8Array(Buffer.from(hex, 'hex'))

/** The key of an uncompressed point. */
function jwkOf(point: string): PublicJwk {
  const bytes = fromHex(point)
  return { crv: 'P-256', kty: 'EC', x: toBase64url(bytes.slice(1, 33)), y: toBase64url(bytes.slice(33)) }
}

const tests = vectors.groups.flatMap(({ publicKey, tests }) => tests.map(([id, comment, message, signature, result]) => ({
  id: Number(id), comment: String(comment), jwk: jwkOf(publicKey), signingInput: Buffer.from(String(message), 'hex').toString('latin1'), signature: fromHex(String(signature)), result: String(result),
})))

describe.each<[string, CheckSignature]>([['WebCrypto', checkSignature], ['Node’s own crypto', checkSignatureHere]])('Wycheproof’s ECDSA P-256 vectors, with %s', (_name, check) => {
  const applying = tests.filter(({ signature }) => signature.length === 64)

  it(`finds in all ${applying.length} that have 64 bytes what is published`, async () => {
    const wrong: string[] = []
    for (const { id, comment, result, ...jws } of applying) {
      if ((await check(jws)) !== result) wrong.push(`${id} (${comment}) should be ${result}`)
    }
    expect(wrong).toEqual([])
    // A signing input is ASCII, and so are these messages.
    for (const { signingInput } of applying) expect(signingInput).toBe(Buffer.from(signingInput, 'ascii').toString())
    expect(applying.length).toBeGreaterThan(200)
  })

  it('takes nothing over from the key before', async () => {
    const { jwk, signature, signingInput } = tests.find(({ result }) => result === 'valid')!
    for (const cut of [{ x: jwk.x.slice(0, 38) }, { y: jwk.y.slice(0, 38) }, { x: '' }, { y: `${jwk.y}AAAA` }]) {
      expect(await check({ jwk, signature, signingInput })).toBe('valid')
      expect(await check({ jwk: { ...jwk, ...cut }, signature, signingInput })).toBe('off-curve')
    }
  })

  it('says of a key that is not a point of the curve that it is none', async () => {
    const { jwk, ...jws } = tests[0]!
    const [x, y] = [fromBase64url(jwk.x)!, fromBase64url(jwk.y)!]
    const p = fromHex('ffffffff00000001000000000000000000000000ffffffffffffffffffffffff')
    const one = fromHex('00'.repeat(31) + '01')
    const zero = new Uint8Array(32)
    // The point with x = 5 has a second spelling, x = p + 5, that still fits into 32 bytes.
    const five = fromHex('00'.repeat(31) + '05')
    const pPlusFive = fromHex('ffffffff00000001000000000000000000000001000000000000000000000004')
    const yOfFive = fromHex('459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc')
    expect(await check({ ...jws, jwk: { ...jwk, x: toBase64url(five), y: toBase64url(yOfFive) } })).toBe('invalid')
    const none: [Uint8Array, Uint8Array][] = [
      [x, x], [y, x], [x, one], [zero, zero], [zero, one], [p, y], [x, p], [p, p], [pPlusFive, yOfFive], [new Uint8Array(32).fill(255), y], [x, new Uint8Array(32).fill(255)],
      [x, y.map((byte, i) => (i === 31 ? byte ^ 1 : byte))],
    ]
    for (const [x, y] of none) expect(await check({ ...jws, jwk: { ...jwk, x: toBase64url(x), y: toBase64url(y) } }), toBase64url(x)).toBe('off-curve')
    await expect(verifySignature({ ...parseCompact(await (await createDevice()).decide({ video: 'given' })), jwk: { ...jwk, y: jwk.x } }, check)).rejects.toThrow('not a point on the curve')
  })
})

describe('a signature of another length', () => {
  it('is never valid, and refused before any key is looked at', async () => {
    const others = tests.filter(({ signature }) => signature.length !== 64)
    expect(new Set(others.map(({ result }) => result))).toEqual(new Set(['invalid']))
    const [header, payload] = (await (await createDevice()).decide({ video: 'given' })).split('.')
    for (const { signature } of others.filter(({ signature: bytes }) => bytes.length > 0)) {
      expect(() => parseCompact(`${header}.${payload}.${toBase64url(signature)}`)).toThrow('An ES256 signature has 64 bytes')
    }
  })
})

describe('a compact JWS', () => {
  it('gives back any payload that was signed', async () => {
    const signer = await createEventSigner(await generateEventKeys())
    await fc.assert(fc.asyncProperty(fc.dictionary(fc.string(), fc.string()), async (payload) => {
      const parsed = parseCompact(await signCompact(JSON.stringify(payload), signer))
      await verifySignature(parsed)
      expect(parsed.payload).toEqual(payload)
    }), { numRuns: 40 })
  })

  it('with any one character changed is refused, or has another hash', async () => {
    const jws = await (await createDevice()).decide({ video: 'given' })
    const hash = hashEvent(jws)
    await fc.assert(fc.asyncProperty(fc.nat(jws.length - 1), fc.constantFrom(...'Aa0-_.=+ \u00e9'), async (at, character) => {
      fc.pre(jws[at] !== character)
      const changed = jws.slice(0, at) + character + jws.slice(at + 1)
      expect(hashEvent(changed)).not.toBe(hash)
      await expect(readEvent(changed)).rejects.toBeInstanceOf(Refusal)
    }), { numRuns: 200 })
  })

  it('is read the same however its header is spelt, and refused where the header says anything else', async () => {
    const { publicJwk, sign } = await createEventSigner(await generateEventKeys())
    const kid = computeThumbprint(publicJwk)
    const { x, y } = publicJwk
    const write = async (header: string) => {
      const input = `${toBase64url(utf8(header))}.${toBase64url(utf8('{}'))}`
      return `${input}.${toBase64url(await sign(utf8(input)))}`
    }
    const plain = { typ: 'consent-event+jws', alg: 'ES256', kid, jwk: { crv: 'P-256', kty: 'EC', x, y } }
    const spellings = [JSON.stringify(plain), JSON.stringify(plain, null, 1), JSON.stringify({ jwk: { y, x, kty: 'EC', crv: 'P-256' }, kid, alg: 'ES256', typ: plain.typ }), JSON.stringify(plain).replace('ES256', String.raw`\u0045S256`)]
    for (const header of spellings) {
      const parsed = parseCompact(await write(header))
      expect(parsed).toMatchObject({ kid, jwk: publicJwk })
      await verifySignature(parsed)
    }
    // Bits for which there is no byte: the same point, spelt otherwise, under the thumbprint of that spelling.
    const stray = { ...publicJwk, x: x.slice(0, -1) + String.fromCharCode(x.charCodeAt(42) + 1) }
    const wrong: [object, string][] = [
      [{ ...plain, jwk: stray, kid: computeThumbprint(stray) }, '/header/jwk'], [{ ...plain, kid: computeThumbprint({ ...publicJwk, y: x }) }, '/header/kid'],
      [{ ...plain, typ: 'key-binding+jws' }, '/header/typ'], [{ ...plain, alg: 'ES384' }, '/header/alg'], [{ ...plain, crit: [] }, '/header'],
    ]
    for (const [header, pointer] of wrong) {
      const jws = await write(JSON.stringify(header))
      expect(() => parseCompact(jws)).toThrow(expect.objectContaining({ errors: [expect.objectContaining({ pointer })] }))
    }
  })

  it('refuses any bytes that are none, and never fails in another way', async () => {
    await fc.assert(fc.asyncProperty(fc.oneof(fc.string(), fc.uint8Array().map((bytes) => [bytes, bytes, bytes].map(toBase64url).join('.')), fc.json().map((text) => `${toBase64url(utf8(text))}.${toBase64url(utf8(text))}.AA`)), async (text) => {
      await expect(readEvent(text)).rejects.toBeInstanceOf(Refusal)
    }), { numRuns: 200 })
  })
})
