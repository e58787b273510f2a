// Signatures checked with Node's own crypto: the same OpenSSL as its WebCrypto, without the way through promises
// and a pool of threads, which costs as much again. For threads that do nothing else. No key is kept: each holds
// some kilobytes that the garbage collector does not know of, and most sign a few events only.
import { Buffer } from 'node:buffer'
import { createPublicKey, createVerify } from 'node:crypto'
import type { CheckSignature, PublicJwk } from '../../core/signature.ts'

const INTEGER_BYTES = 32
/** As base64url. */
const INTEGER_CHARACTERS = 43

/** SubjectPublicKeyInfo (RFC 5480) of a P-256 key up to its point, which is 4, x and y: 27 bytes, so x and y have characters of their own. */
const SPKI_START = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex')
const PEM_START = `-----BEGIN PUBLIC KEY-----\n${SPKI_START.toString('base64')}`
/** Written anew for every key. */
const point = Buffer.alloc(2 * INTEGER_BYTES)

/** Checks at once, in this thread. */
export const checkSignatureHere: CheckSignature = ({ jwk, signature, signingInput }) => {
  const key = encodePem(jwk)
  if (key === undefined) return 'off-curve'
  try {
    return createVerify('sha256').update(signingInput, 'latin1').verify(key, encodeDer(signature)) ? 'valid' : 'invalid'
  } catch (error) {
    if (isKey(key)) throw error
    return 'off-curve'
  }
}

function isKey(pem: string): boolean {
  try {
    createPublicKey(pem)
    return true
  } catch {
    return false
  }
}

/** The same key as a text (undefined where a coordinate has not 32 bytes), which Node takes in half the time that members take: it need not find out what it was given. */
function encodePem({ x, y }: PublicJwk): string | undefined {
  const isWhole = [x, y].every((text, i) => text.length === INTEGER_CHARACTERS && point.write(text, i * INTEGER_BYTES, 'base64url') === INTEGER_BYTES)
  if (!isWhole) return undefined
  return `${PEM_START}${point.toString('base64')}\n-----END PUBLIC KEY-----\n`
}

/** The same r and s as DER (SEQUENCE of two INTEGERs), which Node takes in three quarters of the time. */
function encodeDer(signature: Uint8Array): Uint8Array {
  const der = new Uint8Array(2 + 2 * (3 + INTEGER_BYTES))
  let length = 2
  for (const start of [0, INTEGER_BYTES]) {
    let first = start
    // Without zeros at the front, but for the last byte and for one that keeps the number positive.
    while (first < start + INTEGER_BYTES - 1 && signature[first] === 0) first += 1
    const sign = signature[first]! > 127 ? 1 : 0
    const count = start + INTEGER_BYTES - first
    der[length] = 2
    der[length + 1] = sign + count
    der.set(signature.subarray(first, first + count), length + 2 + sign)
    length += 2 + sign + count
  }
  der[0] = 0x30
  der[1] = length - 2
  return der.subarray(0, length)
}
