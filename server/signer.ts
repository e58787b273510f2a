// The service's own keys: one Ed25519 key a log, which signs its checkpoints, and one P-256 key a site, which
// attests events that no device could sign. Keys are made on first use and kept where the caller says.
import { type Bytes, fromBase64url } from '../core/bytes.ts'
import { createNoteKey, type NoteSigner } from '../core/checkpoint.ts'
import { createEventSigner, type EventSigner, generateEventKeys } from '../core/signature.ts'

/** Where private keys are kept, as JWK text by name. `add` keeps the first one where two are added at once. */
export interface KeyStore {
  find(name: string): Promise<string | undefined>
  add(name: string, jwk: string): Promise<void>
}

/** What signs for the service. */
export interface Signer {
  /** Signs checkpoints of this log; `origin` is the log's and the key's name. */
  signLog(site: string, origin: string): Promise<NoteSigner>
  /** Signs the events that the service attests. */
  signEvents(site: string): Promise<EventSigner>
}

/** Keys in memory, for tests and the mock. */
export function createMemoryKeyStore(): KeyStore {
  const keys = new Map<string, string>()
  return {
    find: async (name) => keys.get(name),
    add: async (name, jwk) => void (keys.has(name) || keys.set(name, jwk)),
  }
}

async function ensureKey(keys: KeyStore, name: string, generate: () => Promise<CryptoKeyPair>): Promise<JsonWebKey> {
  const known = await keys.find(name)
  if (known !== undefined) return JSON.parse(known) as JsonWebKey
  const { privateKey } = await generate()
  await keys.add(name, JSON.stringify(await crypto.subtle.exportKey('jwk', privateKey)))
  return JSON.parse((await keys.find(name))!) as JsonWebKey
}

function once<T>(make: (name: string, origin: string) => Promise<T>): (name: string, origin?: string) => Promise<T> {
  const made = new Map<string, Promise<T>>()
  return (name, origin = '') => {
    const slot = `${name} ${origin}`
    const promise = made.get(slot) ?? make(name, origin)
    made.set(slot, promise)
    promise.catch(() => made.delete(slot))
    return promise
  }
}

/** A signer over a key store. Names in it: `{site}.log` and `{site}.events`. */
export function createSigner(keys: KeyStore): Signer {
  const signLog = once(async (site, origin): Promise<NoteSigner> => {
    const jwk = await ensureKey(keys, `${site}.log`, () => crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']) as Promise<CryptoKeyPair>)
    const privateKey = await crypto.subtle.importKey('jwk', jwk, 'Ed25519', false, ['sign'])
    return {
      key: createNoteKey(origin, fromBase64url(jwk.x!) as Bytes),
      sign: async (bytes) => new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, bytes)),
    }
  })
  const signEvents = once(async (site): Promise<EventSigner> => {
    const jwk = await ensureKey(keys, `${site}.events`, async () => generateEventKeys(true))
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
    const { d: _private, key_ops: _operations, ...publicJwk } = jwk
    return createEventSigner({
      privateKey: await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']),
      publicKey: await crypto.subtle.importKey('jwk', publicJwk, algorithm, true, ['verify']),
    })
  })
  return { signLog, signEvents }
}
