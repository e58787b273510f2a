// @c15t/backend as its pages on database setup and on frameworks say: Kysely under it, Hono's Node server over it, its own migrator
// first. Forked with a PostgreSQL URL or the path of a SQLite file; tells its parent where it listens.
import { serve } from '@hono/node-server'
import { c15tInstance } from '@c15t/backend'
import { kyselyAdapter } from '@c15t/backend/db/adapters/kysely'
import { migrator } from '@c15t/backend/db/migrator'
import { DB } from '@c15t/backend/db/schema'
import Database from 'better-sqlite3'
import { Kysely, PostgresDialect, SqliteDialect } from 'kysely'
import pg from 'pg'

const [database, origin] = process.argv.slice(2)

function openSqlite(path) {
  const sqlite = new Database(path)
  sqlite.pragma('journal_mode = WAL')
  sqlite.pragma('synchronous = FULL')
  return new SqliteDialect({ database: sqlite })
}

const isPostgres = /^postgres(ql)?:/.test(database)
const dialect = isPostgres ? new PostgresDialect({ pool: new pg.Pool({ connectionString: database }) }) : openSqlite(database)
const adapter = kyselyAdapter({ db: new Kysely({ dialect }), provider: isPostgres ? 'postgresql' : 'sqlite' })
const migration = await migrator({ db: DB.client(adapter), schema: 'latest' })
await migration.execute()
const { handler } = c15tInstance({ adapter, basePath: '/api/c15t', trustedOrigins: [origin], logger: { disabled: true } })
process.once('disconnect', () => process.exit())
serve({ fetch: handler, hostname: '127.0.0.1', port: 0 }, ({ port }) => process.send(`http://127.0.0.1:${port}`))
