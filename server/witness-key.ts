// A witness's own key: one Ed25519 key, made on first use and kept where the caller says.
import { type Bytes, fromBase64url } from '../core/bytes.ts'
import { createNoteKey, type NoteSigner, WITNESS_ALGORITHM } from '../core/checkpoint.ts'
import { generateKey, type KeyStore } from './signer.ts'

const SLOT = 'witness'

/** The key of a witness of this name; it stands as `witness` in the key store. */
export async function createWitnessKey(keys: KeyStore, name: string): Promise<NoteSigner> {
  if ((await keys.find(SLOT)) === undefined) await keys.add(SLOT, await generateKey('log'))
  const jwk = JSON.parse((await keys.find(SLOT))!) as JsonWebKey
  const privateKey = await crypto.subtle.importKey('jwk', jwk, 'Ed25519', false, ['sign'])
  return {
    key: createNoteKey(name, fromBase64url(jwk.x!) as Bytes, WITNESS_ALGORITHM),
    sign: async (bytes) => new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, bytes)),
  }
}
