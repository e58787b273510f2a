// Every change of the tables, in the order of names. A migration that was released is never edited; what
// follows is added below it. The list is static, so that a bundle carries it.
import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { refuse } from '../../core/refusal.ts'
import { createFirstTables } from './0001-first-tables.ts'
import { createVoucherTables } from './0002-cosignatures-and-stamps.ts'
import { addKeysAndErasure } from './0003-keys-and-erasure.ts'
import { createBuildTables } from './0004-builds.ts'
import { addContactsAndMails } from './0005-contacts-and-mails.ts'
import { createTokenTable } from './0006-tokens.ts'
import { createAccessTable } from './0007-accesses.ts'

const history = {
  '0001-first-tables': { up: createFirstTables },
  '0002-cosignatures-and-stamps': { up: createVoucherTables },
  '0003-keys-and-erasure': { up: addKeysAndErasure },
  '0004-builds': { up: createBuildTables },
  '0005-contacts-and-mails': { up: addContactsAndMails },
  '0006-tokens': { up: createTokenTable },
  '0007-accesses': { up: createAccessTable },
}

/** Refuses tables that a newer version has made. Throws a Refusal. */
async function refuseNewer(db: Kysely<{ kysely_migration: { name: string } }>, schema: string | undefined): Promise<void> {
  const done = await (schema === undefined ? db : db.withSchema(schema)).selectFrom('kysely_migration').select('name').orderBy('name', 'desc').execute()
  const newer = done.find(({ name }) => !Object.hasOwn(history, name))
  if (newer) refuse('', 'newer_tables', `The database was made, or brought up to date, by a newer version (${newer.name}). Start that one, or put back a backup from before. Nothing was changed.`)
}

/** Brings the tables up to date, in this schema where databases have several. Throws a Refusal for tables of a newer version, and where a migration fails. */
export async function migrate<Tables>(db: Kysely<Tables>, schema?: string): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => history }, ...(schema === undefined ? {} : { migrationTableSchema: schema }) })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) {
    await refuseNewer(db as unknown as Parameters<typeof refuseNewer>[0], schema)
    throw error
  }
}
