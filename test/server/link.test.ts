// Links: what is stored opens nothing, another spelling is another token, and each opens as long as it should.
import { describe, expect, test } from 'vitest'
import { hashText } from '../../core/hash.ts'
import { checkLink, createLink, createToken, hashToken } from '../../server/link.ts'
import type { Bytes } from '../../core/bytes.ts'

const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length))
const nowMs = Date.UTC(2026, 10, 21)
const dayMs = 86_400_000

function linkOf(input: { kind: 'P' | 'U'; origin?: 'sent' | 'requested' }) {
  return createLink({ origin: 'sent', site: 'shop', contactId: 'c1', nowMs, random, ...input })
}

describe('a token', () => {
  test('is 32 random bytes in 43 characters, never twice the same', () => {
    const tokens = Array.from({ length: 100 }, () => createToken(random))
    expect(tokens.every((token) => /^[\w-]{43}$/.test(token))).toBe(true)
    expect(new Set(tokens).size).toBe(100)
  })

  test('is stored only as the hash of its characters', () => {
    const { token, link } = linkOf({ kind: 'P' })
    expect(link.tokenHash).toBe(hashText(token))
    expect(JSON.stringify(link)).not.toContain(token)
  })

  test('in another spelling of the same bytes is another token', () => {
    const zeros = createToken((length) => new Uint8Array(length))
    // The last character carries two bits that no byte needs: B decodes to the same bytes as A.
    expect(hashToken(`${zeros.slice(0, -1)}B`)).not.toBe(hashToken(zeros))
  })

  test.each(['', 'short', `${'A'.repeat(43)}=`, 'A'.repeat(44), `${'A'.repeat(42)}%`, `${'A'.repeat(42)} `])('%j cannot be one', (text) => {
    expect(hashToken(text)).toBeUndefined()
  })
})

describe('a link', () => {
  test('to see and change lives 30 days if we sent it unasked', () => {
    const { link } = linkOf({ kind: 'P' })
    expect(checkLink(link, 'P', nowMs + 30 * dayMs - 1)).toBe('valid')
    expect(checkLink(link, 'P', nowMs + 30 * dayMs)).toBe('expired')
  })

  test('to see and change lives 24 hours if the person asked for it', () => {
    const { link } = linkOf({ kind: 'P', origin: 'requested' })
    expect(checkLink(link, 'P', nowMs + dayMs - 1)).toBe('valid')
    expect(checkLink(link, 'P', nowMs + dayMs)).toBe('expired')
  })

  test('to withdraw lives on', () => {
    expect(checkLink(linkOf({ kind: 'U' }).link, 'U', nowMs + 3650 * dayMs)).toBe('valid')
  })

  test('of one kind opens nothing as the other', () => {
    expect(checkLink(linkOf({ kind: 'U' }).link, 'P', nowMs)).toBe('unknown')
    expect(checkLink(linkOf({ kind: 'P' }).link, 'U', nowMs)).toBe('unknown')
  })

  test('that was revoked looks like one that never was, past its time too', () => {
    const revoked = { ...linkOf({ kind: 'P' }).link, revokedAt: new Date(nowMs).toISOString() }
    expect(checkLink(revoked, 'P', nowMs)).toBe('unknown')
    expect(checkLink(revoked, 'P', nowMs + 60 * dayMs)).toBe('unknown')
    expect(checkLink(undefined, 'P', nowMs)).toBe('unknown')
  })
})
