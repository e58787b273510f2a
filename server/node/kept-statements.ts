// A SQLite database that keeps its prepared statements: Kysely asks for the same few texts again and again, and preparing
// one costs more than running it.
import type Database from 'better-sqlite3'

const MOST = 500

/** What Kysely takes for a database. Statements of lists of many lengths push out the oldest ones. */
export function keepStatements(database: Database.Database): Pick<Database.Database, 'prepare' | 'close'> {
  const kept = new Map<string, Database.Statement>()
  return {
    prepare(text: string) {
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
