// SHA-256, synchronous, so that it also works where a page has no crypto.subtle (plain http). A machine that has a
// faster one puts it in the place of the one written in JavaScript: both find the same.
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { type Bytes, toBase64url, utf8 } from './bytes.ts'
import { canonicalize } from './jcs.ts'

/** One way to compute SHA-256 (FIPS 180-4). */
export interface Hasher {
  /** 32 bytes. */
  hashBytes(bytes: Uint8Array): Bytes
  /** base64url of the hash of a text as UTF-8: 43 characters. */
  hashText(text: string): string
}

let hasher: Hasher = {
  hashBytes: (bytes) => nobleSha256(bytes) as Bytes,
  hashText: (text) => toBase64url(sha256(utf8(text))),
}

/** From now on this one is used everywhere in this thread. */
export function setHasher(faster: Hasher): void {
  hasher = faster
}

/** SHA-256 (FIPS 180-4): 32 bytes. */
export function sha256(bytes: Uint8Array): Bytes {
  return hasher.hashBytes(bytes)
}

/** base64url(SHA-256(text as UTF-8)): 43 characters. */
export function hashText(text: string): string {
  return hasher.hashText(text)
}

/** base64url(SHA-256(JCS(value))), RFC 8785: 43 characters. */
export function hashJson(value: unknown): string {
  return hashText(canonicalize(value))
}
