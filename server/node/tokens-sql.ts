// Tokens in an SQL database.
import type { Kysely } from 'kysely'
import type { Tables } from '../store-rows.ts'
import type { TokenStore } from '../store-tokens.ts'
import type { Scope, Token } from '../token.ts'

function toToken({ id, name, site, scopes, created_at, expires_at, revoked_at }: Tables['token']): Token {
  return { id, name, site, scopes: scopes.split(' ') as Scope[], createdAt: created_at, expiresAt: expires_at, revokedAt: revoked_at }
}

/** The part of an SQL store that keeps tokens. */
export function createSqlTokens(db: Kysely<Tables>): TokenStore {
  return {
    async addToken(hash, { id, name, site, scopes, createdAt, expiresAt, revokedAt }) {
      await db.insertInto('token').values({ id, hash, name, site, scopes: scopes.join(' '), created_at: createdAt, expires_at: expiresAt, revoked_at: revokedAt }).execute()
    },
    async findToken(hash) {
      const row = await db.selectFrom('token').selectAll().where('hash', '=', hash).executeTakeFirst()
      return row && toToken(row)
    },
    async listTokens() {
      const rows = await db.selectFrom('token').selectAll().orderBy('created_at').orderBy('id').execute()
      return rows.map(toToken)
    },
    async revokeToken(id, revokedAt) {
      const known = await db.selectFrom('token').select('id').where('id', '=', id).executeTakeFirst()
      await db.updateTable('token').set({ revoked_at: revokedAt }).where('id', '=', id).where('revoked_at', 'is', null).execute()
      return known !== undefined
    },
  }
}
