// Erasing in an SQL database: the rows in the transaction that logs the erasure, then what the files still hold.
import { type Kysely, sql, SqliteAdapter, type Transaction } from 'kysely'
import { hashText } from '../../core/hash.ts'
import { isMailOf } from '../mail-order.ts'
import { inParts } from './in-parts.ts'
import { type Tables, toContact, toMail } from '../store-rows.ts'
import type { Contact, Erasure } from '../store.ts'

/** Moves event bodies out; their hashes. */
async function eraseEvents(trx: Transaction<Tables>, site: string, indices: readonly number[]): Promise<Set<string>> {
  const hashes = new Set<string>()
  for (const part of inParts(indices)) {
    const rows = await trx.selectFrom('event')
      .innerJoin('leaf', (join) => join.onRef('leaf.site', '=', 'event.site').onRef('leaf.index', '=', 'event.index'))
      .select(['event.index', 'event.event_id', 'event.record_id', 'leaf.hash']).where('event.site', '=', site).where('event.index', 'in', part).execute()
    if (rows.length !== part.length) throw new Error('What is to be erased is no event with a body.')
    await trx.insertInto('erased').values(rows.map(({ index, event_id, record_id }) => ({
      site, index, event_id_hash: hashText(event_id), record_hash: hashText(record_id),
    }))).execute()
    await trx.deleteFrom('event').where('site', '=', site).where('index', 'in', part).execute()
    for (const { hash } of rows) hashes.add(hash)
  }
  return hashes
}

async function eraseMails(trx: Transaction<Tables>, site: string, contacts: readonly Contact[], hashes: ReadonlySet<string>): Promise<void> {
  const waiting = await trx.selectFrom('mail').selectAll().where('site', '=', site).execute()
  const ids = waiting.map(toMail).filter((mail) => isMailOf(mail, contacts, hashes)).map(({ id }) => id)
  for (const part of inParts(ids)) await trx.deleteFrom('mail').where('id', 'in', part).execute()
}

/** Deletes what an erasure names, inside the transaction that logs it. */
export async function erase(trx: Transaction<Tables>, site: string, { indices, contactIds }: Erasure): Promise<void> {
  const hashes = await eraseEvents(trx, site, indices)
  const contacts: Contact[] = []
  for (const part of inParts(contactIds)) {
    contacts.push(...(await trx.selectFrom('contact').selectAll().where('id', 'in', part).execute()).map(toContact))
    await trx.deleteFrom('session')
      .where('token_hash', 'in', (eb) => eb.selectFrom('link').select('token_hash').where('contact_id', 'in', part)).execute()
    await trx.deleteFrom('link').where('contact_id', 'in', part).execute()
    for (const table of ['opt_in', 'done', 'code'] as const) await trx.deleteFrom(table).where('contact_id', 'in', part).execute()
  }
  for (const part of inParts([...hashes])) await trx.deleteFrom('opt_in').where('event_hash', 'in', part).execute()
  await eraseMails(trx, site, contacts, hashes)
  for (const part of inParts(contactIds)) await trx.deleteFrom('contact').where('id', 'in', part).execute()
}

/**
 * SQLite: deleted rows are overwritten in the file (`secure_delete`), copies stay in the write-ahead log until it is
 * emptied here. False where another connection reads just now. Other databases do this themselves (PostgreSQL: vacuum).
 */
export async function scrub(db: Kysely<Tables>): Promise<boolean> {
  if (!(db.getExecutor().adapter instanceof SqliteAdapter)) return true
  const { rows: [usual] } = await sql<{ timeout: number }>`pragma busy_timeout`.execute(db)
  // Waiting for a reader would hold up everything else in this process.
  await sql`pragma busy_timeout = 0`.execute(db)
  try {
    const { rows: [result] } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(db)
    return result?.busy === 0
  } finally {
    await sql.raw(`pragma busy_timeout = ${Number(usual?.timeout)}`).execute(db)
  }
}
