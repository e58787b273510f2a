// The service's own keys: Ed25519 keys that sign a log's checkpoints, and P-256 keys that attest events which no
// device could sign. The first of a kind is made on first use; each rotation adds the next and overwrites none.
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 as noble256 } from '@noble/hashes/sha2.js'
import { type Bytes, fromBase64url, toBase64url, utf8 } from '../core/bytes.ts'
import { createNoteKey, type NoteKey, type NoteSigner } from '../core/checkpoint.ts'
import { hashJson } from '../core/hash.ts'
import { refuse } from '../core/refusal.ts'
import { createEventSigner, type EventSigner, generateEventKeys, type PublicJwk } from '../core/signature.ts'

/** Where private keys are kept, as JWK text by name. `add` keeps the first one where two are added at once. */
export interface KeyStore {
  find(name: string): Promise<string | undefined>
  add(name: string, jwk: string): Promise<void>
  /** Names that are kept, in any order. */
  list(): Promise<string[]>
}

/** What a key is for: checkpoints of the log, or events that the service attests. */
export type KeyKind = 'log' | 'events'

/** The public half of a log key (RFC 8037), as its leaf has it. */
export interface LogJwk {
  crv: 'Ed25519'
  kty: 'OKP'
  x: string
}

/** A public key of the service and the hash in its leaf: SHA-256(JCS(public JWK)), which is its RFC 7638 thumbprint. */
export interface ServiceKey {
  jwk: LogJwk | PublicJwk
  hash: string
}

/**
 * What signs for the service. Which key is current says the log, by its `key` leaves, so that every process that
 * writes to it takes up a rotation with the next commit; here are the private halves.
 */
export interface Signer {
  /** Signs checkpoints under `origin`, with the key of this hash; without one, the log's first key. */
  signLog(site: string, origin: string, hash?: string): Promise<NoteSigner>
  /** Signs events with the latest of these keys that is here; the first key where none is. */
  signEvents(site: string, hashes?: readonly string[]): Promise<EventSigner>
  /** The key that comes after those in the log: one that is kept already, else a new one. */
  prepareNext(site: string, kind: KeyKind, isLogged: (hash: string) => boolean): Promise<ServiceKey>
  /** HMAC-SHA-256 under the secret that suppression lists are kept with, base64url. */
  hashSuppressed(text: string): Promise<string>
}

/** Name of that secret among the keys: a symmetric JWK (RFC 7518, section 6.4) of 32 bytes. */
export const SUPPRESSION_KEY = 'suppression'

const KEY_NAME = /^[a-z0-9-]+\.(log|events)(?:\.([2-9]|[1-9]\d{1,5}))?$/

/** The kind that the name of a key says: `{site}.log`, `{site}.events`, then `{site}.log.2` and so on. */
export function kindOfKey(name: string): KeyKind | undefined {
  return KEY_NAME.exec(name)?.[1] as KeyKind | undefined
}

function numberOf(name: string): number {
  return Number(KEY_NAME.exec(name)?.[2] ?? 1)
}

/** Keys in memory, for tests and the mock. */
export function createMemoryKeyStore(): KeyStore {
  const keys = new Map<string, string>()
  return {
    find: async (name) => keys.get(name),
    add: async (name, jwk) => void (keys.has(name) || keys.set(name, jwk)),
    list: async () => [...keys.keys()],
  }
}

/** A new private key as JWK text. */
export async function generateKey(kind: KeyKind): Promise<string> {
  const { privateKey } = kind === 'events' ? await generateEventKeys(true) : await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']) as CryptoKeyPair
  return JSON.stringify(await crypto.subtle.exportKey('jwk', privateKey))
}

/** A new secret for suppression lists as JWK text. */
export function generateSecret(): string {
  return JSON.stringify({ kty: 'oct', alg: 'HS256', k: toBase64url(crypto.getRandomValues(new Uint8Array(32))) })
}

/** The note key of a log key under a log's name. */
export function toNoteKey(origin: string, { x }: LogJwk): NoteKey {
  return createNoteKey(origin, fromBase64url(x) as Bytes)
}

/** The public half and leaf hash of a log's key. */
export function toServiceKey({ publicKey }: NoteKey): ServiceKey {
  const jwk: LogJwk = { crv: 'Ed25519', kty: 'OKP', x: toBase64url(publicKey) }
  return { jwk, hash: hashJson(jwk) }
}

type Loaded = ServiceKey & { number: number; sign(bytes: Bytes): Promise<Bytes> }

/** Makes what signs with an Ed25519 key out of its private JWK. */
export type ImportLogKey = (jwk: JsonWebKey) => Promise<(bytes: Bytes) => Promise<Bytes>>

const importLogKeyHere: ImportLogKey = async (jwk) => {
  const key = await crypto.subtle.importKey('jwk', jwk, 'Ed25519', false, ['sign'])
  return async (bytes) => new Uint8Array(await crypto.subtle.sign('Ed25519', key, bytes))
}

async function importKey(kind: KeyKind, name: string, text: string, importLogKey: ImportLogKey): Promise<Loaded> {
  const jwk = JSON.parse(text) as JsonWebKey
  const number = numberOf(name)
  if (kind === 'log') {
    const publicJwk: LogJwk = { crv: 'Ed25519', kty: 'OKP', x: jwk.x! }
    return { number, jwk: publicJwk, hash: hashJson(publicJwk), sign: await importLogKey(jwk) }
  }
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const { d: _private, key_ops: _operations, ...publicHalf } = jwk
  const { publicJwk, sign } = await createEventSigner({
    privateKey: await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']),
    publicKey: await crypto.subtle.importKey('jwk', publicHalf, algorithm, true, ['verify']),
  })
  return { number, jwk: publicJwk, hash: hashJson(publicJwk), sign }
}

/** A signer over a key store. A key that was read once is not read again: keys never change under their name. Log keys sign with WebCrypto unless said otherwise. */
export function createSigner(keys: KeyStore, importLogKey: ImportLogKey = importLogKeyHere): Signer {
  const loaded = new Map<string, Promise<Loaded>>()

  function load(kind: KeyKind, name: string, text: () => Promise<string>): Promise<Loaded> {
    const known = loaded.get(name) ?? text().then((jwk) => importKey(kind, name, jwk, importLogKey))
    loaded.set(name, known)
    known.catch(() => loaded.delete(name))
    return known
  }

  async function add(kind: KeyKind, name: string): Promise<Loaded> {
    return load(kind, name, async () => {
      if ((await keys.find(name)) === undefined) await keys.add(name, await generateKey(kind))
      return (await keys.find(name))!
    })
  }

  /** All keys of a kind, the oldest first; the first is made where there is none. */
  async function loadAll(site: string, kind: KeyKind): Promise<[Loaded, ...Loaded[]]> {
    const names = (await keys.list()).filter((name) => name.startsWith(`${site}.${kind}`) && kindOfKey(name) === kind && name.split('.')[0] === site)
    if (names.length === 0) return [await add(kind, `${site}.${kind}`)]
    const all = await Promise.all(names.map((name) => load(kind, name, async () => (await keys.find(name))!)))
    return all.sort((a, b) => a.number - b.number) as [Loaded, ...Loaded[]]
  }

  // Looked up among what is loaded first, so that only a key that was just added costs a look at the store.
  async function findLoaded(site: string, kind: KeyKind, hash: string): Promise<Loaded | undefined> {
    const known = await Promise.all([...loaded].filter(([name]) => name.startsWith(`${site}.${kind}`)).map(([, one]) => one))
    return known.find((key) => key.hash === hash) ?? (await loadAll(site, kind)).find((key) => key.hash === hash)
  }

  async function findFirst(site: string, kind: KeyKind): Promise<Loaded> {
    return (await loaded.get(`${site}.${kind}`)) ?? (await loadAll(site, kind))[0]
  }

  let suppressionKey: Promise<Bytes> | undefined

  async function loadSuppressionKey(): Promise<Bytes> {
    if ((await keys.find(SUPPRESSION_KEY)) === undefined) await keys.add(SUPPRESSION_KEY, generateSecret())
    const { k } = JSON.parse((await keys.find(SUPPRESSION_KEY))!) as { k: string }
    return fromBase64url(k) as Bytes
  }

  return {
    async hashSuppressed(text) {
      suppressionKey ??= loadSuppressionKey()
      suppressionKey.catch(() => (suppressionKey = undefined))
      return toBase64url(hmac(noble256, await suppressionKey, utf8(text)))
    },

    async signLog(site, origin, hash) {
      const key = hash === undefined ? await findFirst(site, 'log') : await findLoaded(site, 'log', hash)
      if (!key) return refuse('', 'key_missing', `The key that signs the log of “${site}” now is not here. Give it back, or restart with the SAYSO_KEYS that have it.`)
      return { key: toNoteKey(origin, key.jwk as LogJwk), sign: key.sign }
    },

    async signEvents(site, hashes = []) {
      for (const hash of [...hashes].reverse()) {
        const key = await findLoaded(site, 'events', hash)
        if (key) return { publicJwk: key.jwk as PublicJwk, sign: key.sign }
      }
      const { jwk, sign } = await findFirst(site, 'events')
      return { publicJwk: jwk as PublicJwk, sign }
    },

    async prepareNext(site, kind, isLogged) {
      const all = await loadAll(site, kind)
      const newest = all.at(-1)!
      // A rotation that ended between the key and its leaf left a key behind: it is the next one.
      const next = newest.number > 1 && !isLogged(newest.hash) ? newest : await add(kind, `${site}.${kind}.${newest.number + 1}`)
      return { jwk: next.jwk, hash: next.hash }
    },
  }
}
