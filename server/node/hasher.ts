// Node's own SHA-256 for core/hash.ts: many times as fast as one in JavaScript.
import { hash } from 'node:crypto'
import { type Hasher, setHasher } from '../../core/hash.ts'

const hasher: Hasher = {
  // A copy: what Node gives may be a part of something larger, which would travel with it to another thread.
  hashBytes: (bytes) => new Uint8Array(hash('sha256', bytes, 'buffer')),
  hashText: (text) => hash('sha256', text, 'base64url'),
}

/** Makes this thread hash with it. */
export function useNodeHasher(): void {
  setHasher(hasher)
}
