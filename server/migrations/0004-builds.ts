// Builds of the widget that were served, with their files: evidence of how a banner looked, and what keeps a page
// working that still has an older widget.js.
import type { Kysely } from 'kysely'

/** Makes the tables. */
export async function createBuildTables(db: Kysely<never>): Promise<void> {
  const { schema } = db

  await schema.createTable('build')
    .addColumn('build', 'text', (column) => column.primaryKey())
    .addColumn('format', 'integer', (column) => column.notNull())
    .addColumn('loader', 'text', (column) => column.notNull())
    .addColumn('rest', 'text', (column) => column.notNull())
    .execute()

  await schema.createTable('build_file')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .execute()
}
