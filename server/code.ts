// The step-up code (S): six digits that only the owner of an address gets, for what a link alone may not do. It is bound
// to one visit, lives ten minutes, and allows three tries.
import type { Bytes } from '../core/bytes.ts'
import { hashText } from '../core/hash.ts'

/** From when it was sent until it has to be entered; and from then until what it opens is closed again. */
export const CODE_LIFE_MS = 10 * 60_000

const CODES = 1_000_000
// The largest multiple of a million that four bytes hold: above it some codes would be more likely than others.
const FAIR_BELOW = Math.floor(2 ** 32 / CODES) * CODES

/** Six digits, each code as likely as any other. */
export function createCode(random: (length: number) => Bytes): string {
  for (;;) {
    const [a, b, c, d] = random(4) as unknown as [number, number, number, number]
    const value = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d
    if (value < FAIR_BELOW) return String(value % CODES).padStart(6, '0')
  }
}

/** What is stored of a code: useless in another visit. */
export function hashCode(sessionHash: string, code: string): string {
  return hashText(`code ${sessionHash} ${code}`)
}

/** The digits that a person typed, white space and hyphens left out; undefined for anything but six. */
export function readCode(text: string): string | undefined {
  const digits = text.replace(/[\s-]/g, '')
  return /^\d{6}$/.test(digits) ? digits : undefined
}
