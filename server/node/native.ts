// Node's own SHA-256 and base64 in the place of those in core: many times as fast as any in JavaScript.
import { Buffer } from 'node:buffer'
import { hash } from 'node:crypto'
import { type DecodeBase64url, setBase64Encoder, setBase64urlDecoder } from '../../core/bytes.ts'
import { type Hasher, setHasher } from '../../core/hash.ts'

const hasher: Hasher = {
  // A copy: what Node gives may be a part of something larger.
  hashBytes: (bytes) => new Uint8Array(hash('sha256', bytes, 'buffer')),
  hashText: (text) => hash('sha256', text, 'base64url'),
}

/** Node reads past whatever is no base64url; only the one right spelling comes out again as it went in. */
export const decodeBase64url: DecodeBase64url = (text) => {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

/** The same as `toBase64` in core. */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/** Makes this thread work with them. */
export function useNative(): void {
  setHasher(hasher)
  setBase64urlDecoder(decodeBase64url)
  setBase64Encoder(encodeBase64)
}
