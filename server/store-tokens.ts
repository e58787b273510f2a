// What a store keeps of tokens, and how one in memory does.
import type { Token } from './token.ts'

/** Tokens by the SHA-256 of their secrets. */
export interface TokenStore {
  addToken(hash: string, token: Token): Promise<void>
  findToken(hash: string): Promise<Token | undefined>
  /** All, the oldest first. */
  listTokens(): Promise<Token[]>
  /** Revokes one, if it is not revoked yet; false where there is none of this id. */
  revokeToken(id: string, revokedAt: string): Promise<boolean>
}

/** Tokens in memory. */
export function createMemoryTokens(): TokenStore {
  const tokens = new Map<string, Token>()
  const find = (id: string) => [...tokens.values()].find((token) => token.id === id)
  return {
    async addToken(hash, token) {
      if (tokens.has(hash) || find(token.id)) throw new Error('The token is there already.')
      tokens.set(hash, structuredClone(token))
    },
    findToken: async (hash) => structuredClone(tokens.get(hash)),
    listTokens: async () => structuredClone([...tokens.values()].sort((a, b) => (`${a.createdAt} ${a.id}` < `${b.createdAt} ${b.id}` ? -1 : 1))),
    async revokeToken(id, revokedAt) {
      const token = find(id)
      if (token) token.revokedAt ??= revokedAt
      return token !== undefined
    },
  }
}
