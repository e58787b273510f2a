// Copies a database row by row into an empty one of another kind, in one transaction of the target, and checks that every
// log has the same root there. The source is locked against writing meanwhile.
import { type Kysely, sql } from 'kysely'
import { toBase64 } from '../../core/bytes.ts'
import { refuse } from '../../core/refusal.ts'
import { computeRoot } from '../../core/tree.ts'
import { createSqlStore } from '../store-sql.ts'
import type { Tables } from '../store-rows.ts'
import { createNodeReader } from '../tiles.ts'

/** In an order in which every row finds what it refers to. */
const TABLES: readonly (keyof Tables)[] = [
  'site', 'log', 'leaf', 'event', 'erased', 'notice', 'key', 'tile', 'checkpoint', 'cosignature', 'stamp', 'build', 'build_file',
  'contact', 'opt_in', 'link', 'session', 'mail', 'done', 'suppressed', 'code', 'mailing',
]
const ROWS = 500

/** A log as it was copied. */
export interface CopiedLog {
  site: string
  size: number
  /** Standard base64, as in the checkpoint. */
  root: string
}

/** The logs with their sizes and recomputed roots. */
async function readLogs(db: Kysely<Tables>): Promise<CopiedLog[]> {
  const store = createSqlStore(db)
  const logs = await db.selectFrom('log').selectAll().orderBy('site').execute()
  return Promise.all(logs.map(async ({ site, size }) => ({ site, size, root: toBase64(await computeRoot(size, createNodeReader((tiles) => store.readTiles(site, tiles)))) })))
}

/** Copies everything; `onTable` is told how many rows each table had. Throws a Refusal where the target is not empty, or is not the same afterwards. */
export async function copyDatabase(from: Kysely<Tables>, to: Kysely<Tables>, onTable: (table: string, rows: number) => void): Promise<CopiedLog[]> {
  for (const table of TABLES) {
    if (await to.selectFrom(table).select(sql<number>`1`.as('one')).limit(1).executeTakeFirst()) refuse('SAYSO_DATABASE_URL', 'not_empty', `The table “${table}” has rows there. Only an empty database takes a copy.`)
  }
  await from.transaction().execute(async (source) => {
    // Somebody who writes now would write to what nobody reads any more.
    await sql`update site set site = site where 0`.execute(source)
    await to.transaction().execute(async (target) => {
      for (const table of TABLES) {
        let [count, last] = [0, 0]
        for (;;) {
          const { rows } = await sql<{ rowid: number }>`select rowid as rowid, * from ${sql.table(table)} where rowid > ${last} order by rowid limit ${ROWS}`.execute(source)
          if (rows.length > 0) await target.insertInto(table).values(rows.map(({ rowid: _, ...row }) => row) as never).execute()
          count += rows.length
          if (rows.length < ROWS) break
          last = rows.at(-1)!.rowid
        }
        onTable(table, count)
      }
    })
  })
  const [before, after] = [await readLogs(from), await readLogs(to)]
  const changed = before.find(({ site, size, root }, i) => after[i]?.site !== site || after[i].size !== size || after[i].root !== root)
  if (changed) refuse('', 'root', `The log of “${changed.site}” has another root in the copy.`)
  return after
}
