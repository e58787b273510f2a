// Tokens for the operators' routes beside the admin token: each for some of what can be done, for one site or all, for a time.
// The token is shown once; what is kept is its SHA-256.
import { toBase64url, type Bytes } from '../core/bytes.ts'
import { hashText } from '../core/hash.ts'
import { refuse } from '../core/refusal.ts'
import { formatTime } from '../core/time.ts'
import { createRandomName } from './random-name.ts'

/** What a token may do, each by what it is for. */
export const SCOPES = {
  'contacts:read': 'look at contacts',
  'contacts:write': 'add and change contacts, note what they said, import lists, suppress addresses',
  'contacts:export': 'take all contacts out as a list',
  mail: 'links, mailings and waiting mails',
  'mail-events': 'report bounces, complaints and mails that came in',
  'records:export': 'take a record out',
  'records:erase': 'erase a record, or a person',
  evidence: 'see an event beside what was shown',
  'accesses:read': 'take out who read and took out what',
} as const
export type Scope = keyof typeof SCOPES

/** A token without its secret. Times are RFC 3339 in UTC. */
export interface Token {
  id: string
  name: string
  /** null: every site. */
  site: string | null
  scopes: Scope[]
  createdAt: string
  expiresAt: string
  revokedAt: string | null
}

const PREFIX = 'sayso_'
const DAY_MS = 86_400_000
const DAYS_MOST = 366

/** What is asked of a new token. */
export interface NewToken {
  name: string
  site: string | null
  scopes: readonly string[]
  days: number
}

/** A new token: its secret, of 32 random bytes, and what is kept. Throws a Refusal that names what is wrong. */
export function createToken({ name, site, scopes, days }: NewToken, { now, random }: { now: () => number; random: (length: number) => Bytes }): { secret: string; hash: string; token: Token } {
  if (name.trim() === '' || name.length > 80) refuse('/name', 'name', 'A name of 1 to 80 characters is expected.')
  const unknown = scopes.find((scope) => !Object.hasOwn(SCOPES, scope))
  if (scopes.length === 0 || unknown !== undefined) refuse('/scopes', 'token_scope', `${unknown === undefined ? 'At least one scope is needed' : `There is no scope “${unknown}”`}: ${Object.keys(SCOPES).join(', ')}.`)
  if (!Number.isSafeInteger(days) || days < 1 || days > DAYS_MOST) refuse('/days', 'days', `A whole number of days is expected, 1 to ${DAYS_MOST}.`)
  const secret = `${PREFIX}${toBase64url(random(32))}`
  const token: Token = {
    id: createRandomName(random), name: name.trim(), site, scopes: [...new Set(scopes)] as Scope[],
    createdAt: formatTime(now()), expiresAt: formatTime(now() + days * DAY_MS), revokedAt: null,
  }
  return { secret, hash: hashText(secret), token }
}

/** Whether the token is in force. `now` is milliseconds since 1970. */
export function isInForce({ expiresAt, revokedAt }: Token, now: number): boolean {
  return revokedAt === null && Date.parse(expiresAt) > now
}
