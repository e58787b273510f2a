// Opens a PostgreSQL database. Several services may share it: each log's order is guarded by its row in `log`, mails and
// contacts are leased, migrations take turns. A commit is on the disk of the server when it returns, unless that was told otherwise.
import { Kysely, PostgresDialect, sql } from 'kysely'
import { Pool, types } from 'pg'
import { refuse } from '../../core/refusal.ts'
import { migrate } from '../migrations/history.ts'
import type { Tables } from '../store-rows.ts'

const CONNECTIONS = 10
const PATIENCE_MS = 10_000
/** Longest time between two statements of a transaction; then the database ends it. */
const IDLE_TRANSACTION_MS = 2000
// Sizes and indices of logs: far below 2^53, so numbers hold them.
const INT8 = 20

/** What is told of a database that gives no first answer: mostly a wrong address, password or name, or one that is not there yet. */
function refuseUnreached(error: unknown): never {
  const { message, code = '' } = error as Error & { code?: string }
  // Of several addresses that were tried Node tells the code alone.
  return refuse('SAYSO_DATABASE_URL', 'unreached', `The database does not answer: ${message || code}`)
}

/**
 * Opens the database at `postgres://user:password@host/name` and brings its tables up to date. `onLost` is told of
 * connections that broke while nobody used them; they are replaced when the next one is needed. Throws a Refusal where it does not answer.
 */
export async function openPostgres(url: string, onLost: (error: Error) => void): Promise<Kysely<Tables>> {
  const pool = new Pool({
    connectionString: url, max: CONNECTIONS, connectionTimeoutMillis: PATIENCE_MS, statement_timeout: 3 * PATIENCE_MS, application_name: 'sayso',
    // A service that was paused halfway must not hold up the others for as long as it sleeps.
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_MS,
    types: { getTypeParser: (oid: number, format?: 'text' | 'binary') => (oid === INT8 && format !== 'binary' ? Number : types.getTypeParser(oid, format as 'text')) },
  })
  pool.on('error', onLost)
  // One that breaks while it is used fails what it was used for; an error that nobody hears would end the process.
  pool.on('connect', (client) => void client.on('error', () => {}))
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  try {
    // Otherwise the tables of another schema of the database pass for this one's.
    const { rows: [current] } = await sql<{ schema: string | null }>`select current_schema() as schema`.execute(db).catch(refuseUnreached)
    await migrate(db, current?.schema ?? undefined)
    return db
  } catch (error) {
    await db.destroy()
    throw error
  }
}
