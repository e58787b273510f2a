// SHA-256, synchronous, so that it also works where a page has no crypto.subtle (plain http).
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { type Bytes, toBase64url, utf8 } from './bytes.ts'
import { canonicalize } from './jcs.ts'

/** SHA-256 (FIPS 180-4): 32 bytes. */
export function sha256(bytes: Uint8Array): Bytes {
  return nobleSha256(bytes) as Bytes
}

/** base64url(SHA-256(text as UTF-8)): 43 characters. */
export function hashText(text: string): string {
  return toBase64url(sha256(utf8(text)))
}

/** base64url(SHA-256(JCS(value))), RFC 8785: 43 characters. */
export function hashJson(value: unknown): string {
  return hashText(canonicalize(value))
}
