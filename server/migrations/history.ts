// Every change of the tables, in the order of names. A migration that was released is never edited; what
// follows is added below it. The list is static, so that a bundle carries it.
import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
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

/** Brings the tables up to date, in this schema where databases have several; throws where a migration fails. */
export async function migrate<Tables>(db: Kysely<Tables>, schema?: string): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => history }, ...(schema === undefined ? {} : { migrationTableSchema: schema }) })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
}
