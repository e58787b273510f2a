// Many rows into a table by few statements: each has to go to the database and back. Each is put together once.
import type { Insertable, Kysely } from 'kysely'
import type { Tables } from '../store-rows.ts'
import type { RunKept } from './kept-queries.ts'

// Databases limit the parameters of one statement; the widest row has 13.
const MOST_ROWS = 256
/** Up to here each number of rows has a statement of its own; above, powers of two. */
const FEW_ROWS = 64

function countNext(rows: number): number {
  return rows < FEW_ROWS ? rows : Math.min(MOST_ROWS, 2 ** Math.floor(Math.log2(rows)))
}

/** Inserts rows that all have the same columns in the same order. */
export async function insertRows<Name extends keyof Tables>(run: RunKept, db: Kysely<Tables>, table: Name, rows: readonly Insertable<Tables[Name]>[]): Promise<void> {
  for (let start = 0, count = 0; start < rows.length; start += count) {
    count = countNext(rows.length - start)
    const part = rows.slice(start, start + count)
    await run(db, `insert ${table}`, [part.flatMap((row) => Object.values(row))], () => db.insertInto(table).values(part as Insertable<Tables[Name]>[]))
  }
}
