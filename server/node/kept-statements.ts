// A SQLite database that keeps its prepared statements: Kysely asks for the same few texts again and again, and preparing
// one costs more than running it.
import type Database from 'better-sqlite3'

const MOST = 500

/** What Kysely takes for a database. Statements of lists of many lengths push out the oldest ones. */
export function keepStatements(database: Database.Database): Pick<Database.Database, 'prepare' | 'close'> {
  const kept = new Map<string, Database.Statement>()
  return {
    prepare(asked: string) {
      // Every transaction writes; one that waited with that until it had read would be refused where another connection wrote meanwhile.
      const text = asked === 'begin' ? 'begin immediate' : asked
      // A full disk has rolled back already (sqlite.org/lang_transaction.html); an error about that would hide the disk's.
      if (text === 'rollback' && !database.inTransaction) return database.prepare('select 1 where 0') as never
      const known = kept.get(text)
      if (known) return known as never
      const statement = database.prepare(text)
      if (kept.size >= MOST) kept.delete(kept.keys().next().value!)
      kept.set(text, statement)
      return statement as never
    },
    close: () => database.close(),
  }
}
