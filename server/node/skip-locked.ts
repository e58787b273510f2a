// Several processes that take from one queue: rows that another is just taking are passed over, not waited for.
import { type Kysely, PostgresAdapter, type SelectQueryBuilder } from 'kysely'
import type { Tables } from '../store-rows.ts'

/** The rows of a query that nobody else is taking; SQLite, where writers take turns, has no need of it. */
export function skipLocked<Query extends SelectQueryBuilder<Tables, keyof Tables, object>>(db: Kysely<Tables>, query: Query): Query {
  return db.getExecutor().adapter instanceof PostgresAdapter ? (query.forUpdate().skipLocked() as Query) : query
}
