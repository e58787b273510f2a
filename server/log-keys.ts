// Which of the service's keys a log names, by its `key` leaves: the last of a kind is the current one. A log that
// never changed its own key names none of that kind; its first key is known by its signatures.
import { fromBase64url } from '../core/bytes.ts'
import type { LogJwk } from './signer.ts'
import type { Store, StoredKey } from './store.ts'

/** A log key as its leaf has it. */
export type LoggedLogKey = StoredKey & { public: LogJwk }

/** The key leaves of a log by kind, the oldest first. */
export interface LoggedKeys {
  log: LoggedLogKey[]
  events: StoredKey[]
}

/** Reads the key leaves of a site's log. */
export async function readLoggedKeys(store: Store, site: string): Promise<LoggedKeys> {
  const keys: LoggedKeys = { log: [], events: [] }
  for (const key of await store.readKeys(site)) {
    const jwk = JSON.parse(key.jwk) as { kty: string } & LogJwk
    if (jwk.kty === 'OKP' && fromBase64url(jwk.x)?.length === 32) keys.log.push({ ...key, public: { crv: 'Ed25519', kty: 'OKP', x: jwk.x } })
    else keys.events.push(key)
  }
  return keys
}
