// What others say about checkpoints: cosignatures of witnesses, and time stamps. Both belong to a checkpoint that was
// published, and neither is ever changed.
import type { Kysely } from 'kysely'

/** Makes the tables. */
export async function createVoucherTables(db: Kysely<never>): Promise<void> {
  const { schema } = db

  await schema.createTable('cosignature')
    .addColumn('site', 'text', (column) => column.notNull())
    .addColumn('size', 'bigint', (column) => column.notNull())
    .addColumn('witness', 'text', (column) => column.notNull())
    .addColumn('line', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('cosignature_witness', ['site', 'size', 'witness'])
    .addForeignKeyConstraint('cosignature_has_checkpoint', ['site', 'size'], 'checkpoint', ['site', 'size'])
    .execute()

  await schema.createTable('stamp')
    .addColumn('site', 'text', (column) => column.notNull())
    .addColumn('size', 'bigint', (column) => column.notNull())
    .addColumn('token', 'text', (column) => column.notNull())
    .addColumn('stamped_at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('stamp_size', ['site', 'size'])
    .addForeignKeyConstraint('stamp_has_checkpoint', ['site', 'size'], 'checkpoint', ['site', 'size'])
    .execute()
}
