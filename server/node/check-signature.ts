// Signatures checked with Node's own crypto: the same OpenSSL as its WebCrypto, without the way through promises
// and a pool of threads, which costs as much again. For threads that do nothing else.
import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { CheckSignature, PublicJwk } from '../../core/signature.ts'

const KEYS_KEPT = 512
const INTEGER_BYTES = 32

/** Checks at once, in this thread, and remembers the latest keys: reading one costs nearly as much as using it. */
export function createSignatureCheck(): CheckSignature {
  const keys = new Map<string, KeyObject>()

  function readKey(jwk: PublicJwk): KeyObject {
    const name = `${jwk.x} ${jwk.y}`
    const known = keys.get(name)
    if (known) return known
    const key = createPublicKey({ key: { ...jwk }, format: 'jwk' })
    if (keys.size >= KEYS_KEPT) keys.delete(keys.keys().next().value!)
    keys.set(name, key)
    return key
  }

  return ({ jwk, signature, signingInput }) => {
    let key: KeyObject
    try {
      key = readKey(jwk)
    } catch {
      return 'off-curve'
    }
    return verify('sha256', signingInput, key, encodeDer(signature)) ? 'valid' : 'invalid'
  }
}

/** The same r and s as DER (SEQUENCE of two INTEGERs), which Node takes in three quarters of the time. */
function encodeDer(signature: Uint8Array): Uint8Array {
  const integers = [signature.subarray(0, INTEGER_BYTES), signature.subarray(INTEGER_BYTES)].map((bytes) => {
    const first = bytes.findIndex((byte) => byte !== 0)
    const short = first < 0 ? Uint8Array.of(0) : bytes.subarray(first)
    return short[0]! > 127 ? [2, short.length + 1, 0, ...short] : [2, short.length, ...short]
  })
  const content = integers.flat()
  return Uint8Array.of(0x30, content.length, ...content)
}
