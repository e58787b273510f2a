// Many rows into a table, by statements of few lengths, each put together once.
import type { Insertable, Kysely } from 'kysely'
import type { Tables } from '../store-rows.ts'
import type { RunKept } from './kept-queries.ts'

// Databases limit the parameters of one statement; the widest row has 13.
const MOST_ROWS = 256

/** Inserts rows that all have the same columns in the same order. */
export async function insertRows<Name extends keyof Tables>(run: RunKept, db: Kysely<Tables>, table: Name, rows: readonly Insertable<Tables[Name]>[]): Promise<void> {
  for (let start = 0, count = MOST_ROWS; start < rows.length; start += count) {
    while (count > rows.length - start) count /= 2
    const part = rows.slice(start, start + count)
    await run(db, `insert ${table}`, [part.flatMap((row) => Object.values(row))], () => db.insertInto(table).values(part as Insertable<Tables[Name]>[]))
  }
}
