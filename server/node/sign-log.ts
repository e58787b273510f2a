// Checkpoints signed with Node's own crypto, at once: every batch waits for its signature, and the way to WebCrypto's threads and back
// takes several times as long as signing.
import { createPrivateKey, type JsonWebKeyInput, sign } from 'node:crypto'
import type { ImportLogKey } from '../signer.ts'

/** See `createSigner`. Rejects for what is no private Ed25519 key. */
export const importLogKey: ImportLogKey = async (jwk) => {
  const key = createPrivateKey({ key: jwk as JsonWebKeyInput['key'], format: 'jwk' })
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('Not an Ed25519 key.')
  return async (bytes) => new Uint8Array(sign(null, bytes, key))
}
