// The part of the store contract that is about tokens.
import { expect, test, describe } from 'vitest'
import type { Store } from '../../server/store.ts'
import type { Token } from '../../server/token.ts'
import { timeAt } from './store-samples.ts'

const sample = (id: string, more: Partial<Token> = {}): Token =>
  ({ id, name: `Token ${id}`, site: 'shop', scopes: ['mail', 'evidence'], createdAt: timeAt(1), expiresAt: timeAt(9), revokedAt: null, ...more })

/** Describes tokens of the store that `current` gives, a new and empty one for each test. */
export function describeTokens(current: () => Store): void {
  describe('tokens', () => {
    test('are found by the hash of their secret, and by nothing else', async () => {
      const store = current()
      await store.addToken('hash-a', sample('a'))
      await store.addToken('hash-b', sample('b', { site: null, scopes: ['records:export'] }))
      expect(await store.findToken('hash-b')).toEqual(sample('b', { site: null, scopes: ['records:export'] }))
      expect([await store.findToken('b'), await store.findToken('hash-c')]).toEqual([undefined, undefined])
      await expect(store.addToken('hash-a', sample('c'))).rejects.toThrow()
      await expect(store.addToken('hash-c', sample('a'))).rejects.toThrow()
    })

    test('are listed from the oldest, and revoked once', async () => {
      const store = current()
      await store.addToken('hash-b', sample('b', { createdAt: timeAt(2) }))
      await store.addToken('hash-a', sample('a'))
      expect((await store.listTokens()).map(({ id }) => id)).toEqual(['a', 'b'])
      expect([await store.revokeToken('b', timeAt(3)), await store.revokeToken('b', timeAt(4)), await store.revokeToken('nobody', timeAt(3))]).toEqual([true, true, false])
      expect(await store.findToken('hash-b')).toMatchObject({ revokedAt: timeAt(3) })
      expect(await store.findToken('hash-a')).toMatchObject({ revokedAt: null })
    })
  })
}
