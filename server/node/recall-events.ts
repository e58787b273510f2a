// What an SQL store knows of a batch of events. Most are new, so one query asks whether anything is known of them at all.
import { type Kysely, sql } from 'kysely'
import { hashText } from '../../core/hash.ts'
import { type Tables, toEvent } from '../store-rows.ts'
import type { Recalled, Recalling } from '../store.ts'
import { fillList, type RunKept } from './kept-queries.ts'

/** A query for events with their leaves. */
export function selectEvents(db: Kysely<Tables>) {
  return db.selectFrom('event')
    .innerJoin('leaf', (join) => join.onRef('leaf.site', '=', 'event.site').onRef('leaf.index', '=', 'event.index'))
    .selectAll('event').select(['leaf.text', 'leaf.hash'])
}

/** What is known by a name: an event by its id, an erased one or a record of such by a hash, a record by its id. */
type Kind = 'event' | 'erased event' | 'erased record' | 'record'

/** See `Store.recallEvents`. */
export async function recallEvents(run: RunKept, db: Kysely<Tables>, site: string, { eventIds, recordIds, hashes }: Recalling): Promise<Recalled> {
  if (eventIds.length === 0) return { events: [], erasedIds: [], recordIds: [] }
  const byHash = (ids: readonly string[]) => new Map(ids.map((id) => [hashText(id), id]))
  const [idsByHash, recordsByHash] = [byHash(eventIds), byHash(recordIds)]
  const [ids, idHashes, records, recordHashes] = [eventIds, [...idsByHash.keys()], recordIds, [...recordsByHash.keys()]].map(fillList) as [string[], string[], string[], string[]]
  const kind = (name: Kind) => sql.lit(name).as('kind')
  const found = await run(db, 'recall', [ids, idHashes, site, recordHashes, site, records, records], () =>
    db.selectFrom('event').select(['event_id as name', kind('event')]).where('event_id', 'in', ids)
      .unionAll(db.selectFrom('erased').select(['event_id_hash as name', kind('erased event')]).where('event_id_hash', 'in', idHashes))
      .unionAll(db.selectFrom('erased').select(['record_hash as name', kind('erased record')]).distinct().where('site', '=', site).where('record_hash', 'in', recordHashes))
      .unionAll(db.selectFrom('event').select(['record_id as name', kind('record')]).distinct().where('site', '=', site).where('record_id', 'in', records))
      .unionAll(db.selectFrom('contact').select(['record_id as name', kind('record')]).where('record_id', 'in', records)))
  const named = (of: Kind) => found.filter((row) => row.kind === of).map(({ name }) => name)

  const events = []
  if (named('event').length > 0) events.push(...await run(db, 'events by id', [ids], () => selectEvents(db).where('event.event_id', 'in', ids)))
  if (hashes.length > 0) {
    const all = fillList(hashes)
    events.push(...await run(db, 'events by hash', [site, all, 'event'], () =>
      selectEvents(db).where('leaf.site', '=', site).where('leaf.hash', 'in', all).where('leaf.type', '=', 'event')))
  }
  return {
    events: events.map(toEvent),
    erasedIds: named('erased event').map((hash) => idsByHash.get(hash)!),
    recordIds: [...new Set([...named('record'), ...named('erased record').map((hash) => recordsByHash.get(hash)!)])],
  }
}
