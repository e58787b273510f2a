// sayso database move: takes all that SQLite in SAYSO_DATA holds into an empty PostgreSQL database. The keys stay where they
// are, and so does every log: the same leaves, tiles and checkpoints, down to the byte.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openSqlite } from '../store-sql.ts'
import { copyDatabase } from '../node/copy-database.ts'
import { SQLITE_FILE } from '../node/open-data.ts'
import { openPostgres } from '../node/postgres.ts'
import { recordAllSites } from './command-access.ts'
import { type Command, UsageError } from './command.ts'
import { readEnvironment } from './environment.ts'

/** `sayso database move [--unrecorded]`: from SAYSO_DATA to SAYSO_DATABASE_URL */
export const moveDatabase: Command = async (args, io) => {
  const { unrecorded } = parseArgs({ args, options: { unrecorded: { type: 'boolean', default: false } } }).values
  const environment = readEnvironment(io.env)
  const { dataDir, databaseUrl } = environment
  if (databaseUrl === undefined) throw new UsageError('Set SAYSO_DATABASE_URL to the database that takes it all: postgres://user:password@host/name.')
  if (!unrecorded) await recordAllSites({ ...environment, databaseUrl: undefined }, 'sayso database move', io.err)
  const from = await openSqlite(join(dataDir, SQLITE_FILE))
  const to = await openPostgres(databaseUrl, () => {}).catch(async (error: unknown) => {
    await from.destroy()
    throw error
  })
  try {
    const copied = await copyDatabase(from, to, { target: 'SAYSO_DATABASE_URL', isMove: true, onTable: (table, rows) => io.err(`${table}: ${rows}\n`) })
    for (const { site, size, root } of copied) io.out(`${site}: ${size} leaves, root ${root}\n`)
    io.out('All is there. Start the services with SAYSO_DATABASE_URL set, and with the same keys.\n')
    return 0
  } finally {
    await Promise.all([from.destroy(), to.destroy()])
  }
}
