// What is known about contacts besides their decisions, whom nobody may write to any more, the codes that guard what a
// link alone may not do, mailings to a whole list, and mails that nobody sends again by himself.
import type { Kysely } from 'kysely'

/** Adds the columns and tables. */
export async function addContactsAndMails(db: Kysely<never>): Promise<void> {
  const { schema } = db

  for (const column of ['source', 'mail_block', 'purge', 'due_at', 'leased_until'] as const) {
    await schema.alterTable('contact').addColumn(column, 'text').execute()
  }
  await schema.alterTable('contact').addColumn('has_contract', 'integer', (column) => column.notNull().defaultTo(0)).execute()
  await schema.createIndex('contact_by_due_time').on('contact').columns(['due_at', 'id']).execute()
  await schema.createIndex('contact_by_site').on('contact').columns(['site', 'id']).execute()

  for (const column of ['renew', 'restore_email'] as const) await schema.alterTable('link').addColumn(column, 'text').execute()

  for (const column of ['handing_over_at', 'stuck'] as const) await schema.alterTable('mail').addColumn(column, 'text').execute()

  // What was done for a contact once and is not done again, by name.
  await schema.createTable('done')
    .addColumn('contact_id', 'text', (column) => column.notNull().references('contact.id'))
    .addColumn('what', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('done_once', ['contact_id', 'what'])
    .execute()

  await schema.createTable('suppressed')
    .addColumn('site', 'text', (column) => column.notNull())
    .addColumn('address_hash', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('suppressed_address', ['site', 'address_hash'])
    .execute()

  await schema.createTable('code')
    .addColumn('session_hash', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('contact_id', 'text', (column) => column.notNull().references('contact.id'))
    .addColumn('code_hash', 'text')
    .addColumn('new_email', 'text')
    .addColumn('tries', 'integer', (column) => column.notNull())
    .addColumn('expires_at', 'text', (column) => column.notNull())
    .addColumn('passed_at', 'text')
    .addPrimaryKeyConstraint('code_of_visit', ['session_hash', 'action'])
    .execute()
  await schema.createIndex('code_by_contact').on('code').column('contact_id').execute()

  await schema.createTable('mailing')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('site', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('per_hour', 'integer', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('cursor', 'text', (column) => column.notNull())
    .addColumn('total', 'integer', (column) => column.notNull())
    .addColumn('queued', 'integer', (column) => column.notNull())
    .addColumn('skipped', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('next_at', 'text', (column) => column.notNull())
    .execute()
}
