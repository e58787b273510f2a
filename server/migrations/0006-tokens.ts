// Tokens for the operators' routes, by the hash of their secrets.
import type { Kysely } from 'kysely'

/** Makes the table. */
export async function createTokenTable({ schema }: Kysely<unknown>): Promise<void> {
  await schema.createTable('token')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('site', 'text')
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'text', (column) => column.notNull())
    .addColumn('revoked_at', 'text')
    .execute()
}
