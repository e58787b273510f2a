// Comparing secrets without telling by the time it takes how much of them was right.
import { sha256 } from '../core/hash.ts'
import { utf8 } from '../core/bytes.ts'

/** Whether two secrets are the same. Their hashes are compared, all bytes of them. */
export function isSameSecret(given: string, expected: string): boolean {
  const [a, b] = [sha256(utf8(given)), sha256(utf8(expected))]
  return a.reduce((difference, byte, i) => difference | (byte ^ b[i]!), 0) === 0
}
