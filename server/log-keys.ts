// Which of the service's keys a log names, by its `key` leaves: the last of a kind is the current one. A log that
// never changed its own key names none of that kind; its first key is known by its signatures. A log of accesses is signed
// by the key of its site's own log, names it from the start, and follows it.
import { isAccessLog, siteOfLog } from '../core/access.ts'
import { fromBase64url } from '../core/bytes.ts'
import { type NoteSigner, parseCheckpoint, verifyCheckpoint } from '../core/checkpoint.ts'
import { Refusal, refuse } from '../core/refusal.ts'
import type { EventSigner } from '../core/signature.ts'
import { type LogJwk, type ServiceKey, type Signer, toServiceKey } from './signer.ts'
import type { Store, StoredKey } from './store.ts'

/** A log key as its leaf has it. */
export type LoggedLogKey = StoredKey & { public: LogJwk }

/** The key leaves of a log by kind, the oldest first. */
export interface LoggedKeys {
  log: LoggedLogKey[]
  events: StoredKey[]
}

/** Reads the key leaves of a log. */
export async function readLoggedKeys(store: Pick<Store, 'readKeys'>, log: string): Promise<LoggedKeys> {
  const keys: LoggedKeys = { log: [], events: [] }
  for (const key of await store.readKeys(log)) {
    const jwk = JSON.parse(key.jwk) as { kty: string } & LogJwk
    if (jwk.kty === 'OKP' && fromBase64url(jwk.x)?.length === 32) keys.log.push({ ...key, public: { crv: 'Ed25519', kty: 'OKP', x: jwk.x } })
    else keys.events.push(key)
  }
  return keys
}

interface Parts {
  store: Pick<Store, 'readKeys' | 'readHead'>
  signer: Signer
}

/** Hash of the key that signs this log now; undefined: the site's first. A log of accesses that has none yet begins with its site's. */
async function findKeyHash(store: Parts['store'], log: string): Promise<string | undefined> {
  const { log: keys } = await readLoggedKeys(store, log)
  return keys.at(-1)?.hash ?? (isAccessLog(log) ? findKeyHash(store, siteOfLog(log)) : undefined)
}

/** What signs the checkpoints of this log now, under `origin`. Throws a Refusal where that key is not here. */
export async function findLogSigner({ store, signer }: Parts, log: string, origin: string): Promise<NoteSigner> {
  return signer.signLog(siteOfLog(log), origin, await findKeyHash(store, log))
}

/** What signs events of this site for the service. */
export async function findEventSigner({ store, signer }: Parts, site: string): Promise<EventSigner> {
  return signer.signEvents(site, (await readLoggedKeys(store, site)).events.map(({ hash }) => hash))
}

/** A key that was lost and made anew signs what nobody can check: the last checkpoint must be of the key that signs the next. */
export async function checkSignature({ store, signer }: Parts, log: string): Promise<void> {
  // The keys first: a rotation in between leaves a checkpoint that both keys signed.
  const hash = await findKeyHash(store, log)
  const { checkpoint } = await store.readHead(log)
  if (checkpoint === null) return
  const { key } = await signer.signLog(siteOfLog(log), parseCheckpoint(checkpoint).origin, hash)
  await verifyCheckpoint(checkpoint, [key]).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error
    refuse('', 'key_missing', `The key here is not the one that signed the log of “${log}” so far. Give that one back; without it the log cannot go on.`)
  })
}

/** The key that a log of accesses has to name before anything else, and what signs beside the key before it; undefined where it has named it. */
export async function findNextKey(parts: Parts, log: string, origin: string): Promise<{ key: ServiceKey; nextSigner: NoteSigner | undefined } | undefined> {
  const site = siteOfLog(log)
  const next = await findLogSigner(parts, site, origin)
  const key = toServiceKey(next.key)
  const current = (await readLoggedKeys(parts.store, log)).log.at(-1)
  if (current?.hash === key.hash) return undefined
  // What is begun with a key that is not the site's could never go on.
  if (!current) await checkSignature(parts, site)
  return { key, nextSigner: current && next }
}
