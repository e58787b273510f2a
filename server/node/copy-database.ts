// Copies a database row by row into an empty one of another kind, in one transaction of the target, and checks that every
// log has the same root there.
import { type Kysely, PostgresAdapter, sql, type Transaction } from 'kysely'
import { toBase64 } from '../../core/bytes.ts'
import { refuse } from '../../core/refusal.ts'
import { computeRoot } from '../../core/tree.ts'
import { createSqlStore } from '../store-sql.ts'
import type { Tables } from '../store-rows.ts'
import { createNodeReader } from '../tiles.ts'

/** In an order in which every row finds what it refers to. */
const TABLES: readonly (keyof Tables)[] = [
  'site', 'log', 'leaf', 'event', 'erased', 'notice', 'key', 'access', 'tile', 'checkpoint', 'cosignature', 'stamp', 'build', 'build_file',
  'contact', 'opt_in', 'link', 'session', 'mail', 'done', 'suppressed', 'code', 'mailing', 'token',
]
const ROWS = 500

/** A log as it was copied. */
export interface CopiedLog {
  site: string
  size: number
  /** Standard base64, as in the checkpoint. */
  root: string
}

/** The logs with their sizes and roots, recomputed from their tiles. */
export async function readLogs(db: Kysely<Tables>): Promise<CopiedLog[]> {
  const store = createSqlStore(db)
  const logs = await db.selectFrom('log').selectAll().orderBy('site').execute()
  return Promise.all(logs.map(async ({ site, size }) => ({ site, size, root: toBase64(await computeRoot(size, createNodeReader((tiles) => store.readTiles(site, tiles)))) })))
}

/** The rows of a table, some hundred at a time, within a transaction. */
async function* readRows(source: Transaction<Tables>, table: keyof Tables): AsyncGenerator<Record<string, unknown>[]> {
  if (source.getExecutor().adapter instanceof PostgresAdapter) {
    await sql`declare copied no scroll cursor for select * from ${sql.table(table)}`.execute(source)
    for (;;) {
      const { rows } = await sql<Record<string, unknown>>`fetch ${sql.lit(ROWS)} from copied`.execute(source)
      if (rows.length > 0) yield rows
      if (rows.length < ROWS) break
    }
    await sql`close copied`.execute(source)
    return
  }
  for (let last = 0; ;) {
    const { rows } = await sql<{ rowid: number }>`select rowid as rowid, * from ${sql.table(table)} where rowid > ${last} order by rowid limit ${ROWS}`.execute(source)
    if (rows.length > 0) yield rows.map(({ rowid: _, ...row }) => row)
    if (rows.length < ROWS) return
    last = rows.at(-1)!.rowid
  }
}

async function requireEmpty(to: Kysely<Tables>, pointer: string): Promise<void> {
  for (const table of TABLES) {
    if (await to.selectFrom(table).select(sql<number>`1`.as('one')).limit(1).executeTakeFirst()) refuse(pointer, 'not_empty', `The table “${table}” has rows there. Only an empty database takes a copy.`)
  }
}

/** A transaction that sees one moment throughout; SQLite knows no other. */
function startReading(from: Kysely<Tables>) {
  return from.getExecutor().adapter instanceof PostgresAdapter ? from.transaction().setIsolationLevel('repeatable read') : from.transaction()
}

/** What a copy needs to know besides. */
export interface Copying {
  /** What the target is called where it is refused. */
  target: string
  /** Keeps everybody from writing to the source meanwhile: they would write to what nobody reads any more. */
  isMove?: boolean
  /** Told how many rows each table had. */
  onTable?: (table: string, rows: number) => void
}

/** Copies everything as it is at one moment. Throws a Refusal where the target is not empty, or is not the same afterwards. */
export async function copyDatabase(from: Kysely<Tables>, to: Kysely<Tables>, { target, isMove = false, onTable = () => {} }: Copying): Promise<CopiedLog[]> {
  await requireEmpty(to, target)
  const before = await startReading(from).execute(async (source) => {
    if (isMove) await sql`update site set site = site where 0`.execute(source)
    await to.transaction().execute(async (trx) => {
      for (const table of TABLES) {
        let count = 0
        for await (const rows of readRows(source, table)) {
          await trx.insertInto(table).values(rows as never).execute()
          count += rows.length
        }
        onTable(table, count)
      }
    })
    return readLogs(source)
  })
  const after = await readLogs(to)
  const changed = before.find(({ site, size, root }, i) => after[i]?.site !== site || after[i].size !== size || after[i].root !== root)
  if (changed) refuse('', 'root', `The log of “${changed.site}” has another root in the copy.`)
  return after
}
