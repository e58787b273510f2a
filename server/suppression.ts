// Addresses that nobody may write to or import again (REQUIREMENTS 40): kept only as keyed hashes, from which no address
// can be read, and which nobody without the secret can try addresses on.
import { md5 } from '@noble/hashes/legacy.js'
import { utf8 } from '../core/bytes.ts'
import { sha256 } from '../core/hash.ts'
import { Refusal } from '../core/refusal.ts'
import { foldEmail } from './fold-email.ts'
import type { Signer } from './signer.ts'
import type { Store } from './store.ts'

/** A site's suppression list. */
export interface Suppression {
  has(site: string, email: string): Promise<boolean>
  /** Which of these addresses are on it. */
  find(site: string, emails: readonly string[]): Promise<Set<string>>
  add(site: string, entries: readonly SuppressionEntry[]): Promise<void>
  /** Who confirms an address themselves is back. */
  remove(site: string, email: string): Promise<void>
}

/** An address, or the hex digest of one in lower case as other tools export it. */
export type SuppressionEntry = { email: string } | { sha256: string } | { md5: string }

const toHex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** What may stand for an address on a list. */
function listNames(email: string): { sha256: string; md5: string } {
  const text = utf8(foldEmail(email))
  return { sha256: toHex(sha256(text)), md5: toHex(md5(text)) }
}

/** Reads a line of a list: an address, or its SHA-256 or MD5 in hex; undefined for anything else. */
export function readSuppressionEntry(line: string, readEmail: (text: string) => string | undefined): SuppressionEntry | undefined {
  const text = line.trim()
  if (/^[\da-f]{64}$/i.test(text)) return { sha256: text.toLowerCase() }
  if (/^[\da-f]{32}$/i.test(text)) return { md5: text.toLowerCase() }
  const email = readEmail(text)
  return email === undefined ? undefined : { email }
}

/** Puts an erased address on the list. Nobody waits to be erased until a secret is found: false where there is none. */
export async function suppressErased({ add }: Pick<Suppression, 'add'>, site: string, email: string): Promise<boolean> {
  try {
    await add(site, [{ email }])
    return true
  } catch (error) {
    if (error instanceof Refusal && error.code === 'key_missing') return false
    throw error
  }
}

/** Suppression lists over a store. */
export function createSuppression({ store, signer }: { store: Store; signer: Signer }): Suppression {
  const hashName = (kind: 'sha256' | 'md5', hex: string) => signer.hashSuppressed(`${kind} ${hex}`)

  /** Both, because a list may have come in either. */
  async function hashAddress(email: string): Promise<[string, string]> {
    const names = listNames(email)
    return Promise.all([hashName('sha256', names.sha256), hashName('md5', names.md5)])
  }

  async function find(site: string, emails: readonly string[]): Promise<Set<string>> {
    // Then the secret need not be there either.
    if (emails.length === 0 || !(await store.hasSuppressed(site))) return new Set()
    const hashed = await Promise.all(emails.map(async (email) => ({ email, hashes: await hashAddress(email) })))
    const known = await store.findSuppressed(site, hashed.flatMap(({ hashes }) => hashes))
    return new Set(hashed.filter(({ hashes }) => hashes.some((hash) => known.has(hash))).map(({ email }) => email))
  }

  return {
    find,
    has: async (site, email) => (await find(site, [email])).size > 0,
    async add(site, entries) {
      const hashes = await Promise.all(entries.map((entry) => {
        if ('sha256' in entry) return hashName('sha256', entry.sha256)
        return 'md5' in entry ? hashName('md5', entry.md5) : hashName('sha256', listNames(entry.email).sha256)
      }))
      await store.suppress(site, hashes)
    },
    async remove(site, email) {
      if (await store.hasSuppressed(site)) await store.unsuppress(site, await hashAddress(email))
    },
  }
}
