// Queries of the way that every event takes, put together once: Kysely takes longer to build one than a database to answer it.
import { CompiledQuery, type Kysely } from 'kysely'
import type { Tables } from '../store-rows.ts'

type Value = string | number | null | Uint8Array
interface Compilable<Row> {
  compile(): CompiledQuery<Row>
}

/**
 * Runs the query of this name with these values, in the order in which they stand in it; lists of several lengths are several
 * queries. `build` is called for the first of a kind only, so nothing but the values may change from call to call.
 */
export type RunKept = <Row>(db: Kysely<Tables>, name: string, values: readonly (Value | readonly Value[])[], build: () => Compilable<Row>) => Promise<Row[]>

/** Keeps the queries of one database, as text. */
export function keepQueries(): RunKept {
  const kept = new Map<string, string>()
  return async <Row>(db: Kysely<Tables>, name: string, values: readonly (Value | readonly Value[])[], build: () => Compilable<Row>) => {
    const slot = [name, ...values.map((value) => (Array.isArray(value) ? value.length : ''))].join()
    const parameters = values.flat() as Value[]
    let text = kept.get(slot)
    if (text === undefined) {
      const query = build().compile()
      if (query.parameters.length !== parameters.length || query.parameters.some((value, i) => value !== parameters[i])) {
        throw new Error(`The query “${name}” has other values than it was given.`)
      }
      text = query.sql
      kept.set(slot, text)
    }
    return (await db.executeQuery<Row>(CompiledQuery.raw(text, parameters) as CompiledQuery<Row>)).rows
  }
}

/** The list, its last value again and again up to a power of two: queries are of few lengths then. */
export function fillList<Item>(items: readonly Item[]): Item[] {
  const length = 2 ** Math.ceil(Math.log2(items.length))
  return Array.from({ length }, (_, i) => items[Math.min(i, items.length - 1)]!)
}
