// What a witness remembers, in a SQLite file: one row a log. The compare-and-set is one statement, so it holds
// between processes too, and a write is on the disk when it returns.
import Database from 'better-sqlite3'
import type { Witnessed, WitnessMemory } from '../witness.ts'

const BUSY_TIMEOUT_MS = 10_000

/** Opens the file, or makes it where there is none. */
export function openWitnessFile(path: string): WitnessMemory & { close(): void } {
  const sqlite = new Database(path, { timeout: BUSY_TIMEOUT_MS })
  sqlite.pragma('journal_mode = WAL')
  sqlite.pragma('synchronous = FULL')
  sqlite.exec('create table if not exists witnessed (origin text primary key, size integer not null, root text not null, note text not null) strict')
  const select = sqlite.prepare<[string], Witnessed>('select size, root, note from witnessed where origin = ?')
  const insert = sqlite.prepare('insert into witnessed (origin, size, root, note) values (?, ?, ?, ?) on conflict do nothing')
  const update = sqlite.prepare('update witnessed set size = ?, root = ?, note = ? where origin = ? and size = ? and root = ?')
  return {
    find: async (origin) => select.get(origin),
    async replace(origin, known, { size, root, note }) {
      const { changes } = known ? update.run(size, root, note, origin, known.size, known.root) : insert.run(origin, size, root, note)
      return changes === 1
    },
    close: () => void sqlite.close(),
  }
}
