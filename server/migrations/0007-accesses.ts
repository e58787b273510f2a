// Entries of the logs of accesses, each beside its leaf.
import type { Kysely } from 'kysely'

/** Makes the table. */
export async function createAccessTable({ schema }: Kysely<unknown>): Promise<void> {
  await schema.createTable('access')
    .addColumn('site', 'text', (column) => column.notNull())
    .addColumn('index', 'bigint', (column) => column.notNull())
    .addColumn('entry', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('access_place', ['site', 'index'])
    .addForeignKeyConstraint('access_has_leaf', ['site', 'index'], 'leaf', ['site', 'index'])
    .execute()
}
