// Key bindings beside events, what is left of erased events, and look-ups that erasing and record keys need.
import type { Kysely } from 'kysely'

/** Adds what rotation, key bindings and erasure keep. */
export async function addKeysAndErasure(db: Kysely<never>): Promise<void> {
  const { schema } = db

  await schema.alterTable('event').addColumn('key_binding', 'text').execute()

  await schema.createTable('erased')
    .addColumn('site', 'text', (column) => column.notNull())
    .addColumn('index', 'bigint', (column) => column.notNull())
    .addColumn('event_id_hash', 'text', (column) => column.notNull().unique())
    .addColumn('record_hash', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('erased_place', ['site', 'index'])
    .addForeignKeyConstraint('erased_has_leaf', ['site', 'index'], 'leaf', ['site', 'index'])
    .execute()
  await schema.createIndex('erased_by_record').on('erased').columns(['record_hash', 'site', 'index']).execute()

  await schema.createIndex('contact_by_record').on('contact').column('record_id').execute()
  await schema.createIndex('opt_in_by_event').on('opt_in').column('event_hash').execute()
  await schema.createIndex('mail_by_site').on('mail').column('site').execute()
}
