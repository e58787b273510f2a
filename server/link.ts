// Makes and checks unique links. A token is 32 random bytes as base64url; only the SHA-256 of its 43 characters
// is kept, so another spelling of the same bytes is another token, and whoever reads the store can open nothing.
import { type Bytes, toBase64url } from '../core/bytes.ts'
import { hashText } from '../core/hash.ts'
import { formatTime } from '../core/time.ts'
import type { Link } from './store.ts'

const TOKEN_BYTES = 32
const DAY_MS = 86_400_000

/** How long a P lives: sent unasked, or asked for by the person. */
export const LINK_LIFE_MS = { sent: 30 * DAY_MS, requested: DAY_MS } as const

/** What a link is made from. */
export interface LinkInput {
  kind: Link['kind']
  site: string
  contactId: string
  purposeId?: string | null
  origin: Link['origin']
  undo?: string[] | null
  renew?: string[] | null
  restoreEmail?: string | null
  nowMs: number
  /** Gives that many random bytes. */
  random: (length: number) => Bytes
}

/** A new secret for a link, a cookie or a form: 43 characters. */
export function createToken(random: (length: number) => Bytes): string {
  return toBase64url(random(TOKEN_BYTES))
}

/** What is stored of a token: base64url SHA-256 of its characters; undefined for what cannot be one. */
export function hashToken(token: string): string | undefined {
  return /^[\w-]{43}$/.test(token) ? hashText(token) : undefined
}

/** A new link: the token for the address, and what is stored. A P expires, a U lives on. */
export function createLink({ kind, site, contactId, purposeId = null, origin, undo = null, renew = null, restoreEmail = null, nowMs, random }: LinkInput): { token: string; link: Link } {
  const token = createToken(random)
  return {
    token,
    link: {
      tokenHash: hashText(token), kind, site, contactId, purposeId, origin, undo, renew, restoreEmail,
      createdAt: formatTime(nowMs), revokedAt: null,
      expiresAt: kind === 'U' ? null : formatTime(nowMs + LINK_LIFE_MS[origin]),
    },
  }
}

/** Whether a link opens: `unknown` covers absent, of the other kind, and revoked, so that they look the same. */
export function checkLink(link: Link | undefined, kind: Link['kind'], nowMs: number): 'valid' | 'expired' | 'unknown' {
  if (!link || link.kind !== kind || link.revokedAt !== null) return 'unknown'
  return link.expiresAt !== null && Date.parse(link.expiresAt) <= nowMs ? 'expired' : 'valid'
}
