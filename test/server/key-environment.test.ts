// Keys from the environment: what is wrong is named and never shown, and nothing is written to the disk.
import { describe, expect, test } from 'vitest'
import { createMockService } from '../../api-mock/service.ts'
import { Refusal } from '../../core/refusal.ts'
import { createEnvironmentKeyStore, parseEnvironmentKeys } from '../../server/node/key-environment.ts'
import { createMemoryKeyStore, createSigner, generateKey, generateSecret } from '../../server/signer.ts'
import { createMemoryStore } from '../../server/store-memory.ts'
import { createSite } from '../fixtures/site.ts'

const log = JSON.parse(await generateKey('log')) as Record<string, string>
const otherLog = JSON.parse(await generateKey('log')) as Record<string, string>
const events = JSON.parse(await generateKey('events')) as Record<string, string>

function errorsOf(text: string): string[] {
  try {
    parseEnvironmentKeys(text)
    return []
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    for (const { detail } of error.errors) for (const secret of [log.d!, otherLog.d!, events.d!]) expect(detail).not.toContain(secret)
    return error.errors.map(({ pointer }) => pointer)
  }
}

describe('SAYSO_KEYS', () => {
  test('gives the signer its keys, and only those', async () => {
    const signer = createSigner(createEnvironmentKeyStore(parseEnvironmentKeys(JSON.stringify({ 'shop.log': log, 'shop.events': events }))))
    expect(Buffer.from((await signer.signLog('shop', 'consent.example/log/shop')).key.publicKey).toString('base64url')).toBe(log.x)
    expect((await signer.signEvents('shop')).publicJwk.x).toBe(events.x)
    await expect(signer.signLog('bakery', 'consent.example/log/bakery')).rejects.toThrow('There is no key “bakery.log”. Make one with “sayso key new --kind log”')
    await expect(signer.prepareNext('shop', 'log', () => true)).rejects.toThrow('There is no key “shop.log.2”')
  })

  test.each<[string, unknown, string[]]>([
    ['no JSON', `{"shop.log":${JSON.stringify(log)}`, ['SAYSO_KEYS']],
    ['a list', [log], ['SAYSO_KEYS']],
    ['a name of no key', { shop: log, 'shop.log.1': log, '../shop.log': log }, ['SAYSO_KEYS/shop', 'SAYSO_KEYS/shop.log.1', 'SAYSO_KEYS/..~1shop.log']],
    ['a name twice', `{"shop.log":${JSON.stringify(log)},"shop.log":${JSON.stringify(otherLog)}}`, ['SAYSO_KEYS']],
    ['a key of the other kind', { 'shop.log': events, 'shop.events': log }, ['SAYSO_KEYS/shop.log', 'SAYSO_KEYS/shop.events']],
    ['a public key', { 'shop.log': { kty: log.kty, crv: log.crv, x: log.x } }, ['SAYSO_KEYS/shop.log']],
    ['halves of two keys', { 'shop.log': { ...log, x: otherLog.x } }, ['SAYSO_KEYS/shop.log']],
    ['a text', { 'shop.log': log.d }, ['SAYSO_KEYS/shop.log']],
  ])('with %s is refused, by name and without its text', (_name, value, pointers) => {
    expect(errorsOf(typeof value === 'string' ? value : JSON.stringify(value))).toEqual(pointers)
  })
})

describe('the secret of suppression lists', () => {
  test('is taken from where the keys are, and hashes alike wherever it is', async () => {
    const secret = generateSecret()
    const keys = parseEnvironmentKeys(`{"suppression":${secret}}`)
    const [one, other] = [createSigner(createEnvironmentKeyStore(keys)), createSigner(createMemoryKeyStore())]
    expect(await one.hashSuppressed('ada')).toBe(await createSigner(createEnvironmentKeyStore(keys)).hashSuppressed('ada'))
    expect(await one.hashSuppressed('ada')).not.toBe(await other.hashSuppressed('ada'))
  })

  test('that is none is refused by its name, without its text', () => {
    for (const wrong of ['{"kty":"oct","k":"AAAA"}', '{"kty":"oct"}', '7', generateSecret().replace('oct', 'EC')]) {
      expect(() => parseEnvironmentKeys(`{"suppression":${wrong}}`)).toThrow('32 bytes')
    }
  })

  test('that is missing holds up no erasure: it says that the address can come again', async () => {
    const store = createMemoryStore()
    const lines: string[] = []
    const signer = createSigner(createMemoryKeyStore())
    const { app } = await createMockService({
      sites: [createSite()], store, adminToken: 'a-long-enough-admin-token', log: (line) => void lines.push(line),
      signer: { ...signer, hashSuppressed: (text) => createSigner(createEnvironmentKeyStore(new Map())).hashSuppressed(text) },
    })
    const call = (path: string, method: string, body?: string) => app.fetch(new Request(`https://consent.example${path}`, { method, ...(body ? { body } : {}), headers: { 'content-type': 'application/json', authorization: 'Bearer a-long-enough-admin-token' } }))
    const { record_id: recordId } = (await (await call('/v1/sites/shop/contacts', 'POST', '{"email":"ada@example.org"}')).json()) as { record_id: string }
    expect((await call(`/v1/records/${recordId}`, 'DELETE')).status).toBe(200)
    expect(await store.findContactByEmail('shop', 'ada@example.org')).toBeUndefined()
    expect(lines.join()).toContain('can be imported again')
  })
})
