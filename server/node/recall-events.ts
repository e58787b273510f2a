// What an SQL store knows of a batch of events, in one query for each thing that is asked.
import type { Kysely } from 'kysely'
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

/** See `Store.recallEvents`. */
export async function recallEvents(run: RunKept, db: Kysely<Tables>, site: string, { eventIds, recordIds, hashes }: Recalling): Promise<Recalled> {
  if (eventIds.length === 0) return { events: [], erasedIds: [], recordIds: [] }
  const byHash = (ids: readonly string[]) => new Map(ids.map((id) => [hashText(id), id]))
  const [idsByHash, recordsByHash] = [byHash(eventIds), byHash(recordIds)]
  const [ids, idHashes, records, recordHashes] = [eventIds, [...idsByHash.keys()], recordIds, [...recordsByHash.keys()]].map(fillList) as [string[], string[], string[], string[]]
  const events = await run(db, 'events by id', [ids], () => selectEvents(db).where('event.event_id', 'in', ids))
  const erasedEvents = await run(db, 'erased events', [idHashes], () => db.selectFrom('erased').select('event_id_hash').where('event_id_hash', 'in', idHashes))
  const erasedRecords = await run(db, 'erased records', [site, recordHashes], () =>
    db.selectFrom('erased').select('record_hash').distinct().where('site', '=', site).where('record_hash', 'in', recordHashes))
  const withEvents = await run(db, 'records with events', [site, records], () =>
    db.selectFrom('event').select('record_id').distinct().where('site', '=', site).where('record_id', 'in', records))
  const ofContacts = await run(db, 'records of contacts', [records], () => db.selectFrom('contact').select('record_id').where('record_id', 'in', records))
  if (hashes.length > 0) {
    const all = fillList(hashes)
    events.push(...await run(db, 'events by hash', [site, all, 'event'], () =>
      selectEvents(db).where('leaf.site', '=', site).where('leaf.hash', 'in', all).where('leaf.type', '=', 'event')))
  }
  return {
    events: events.map(toEvent),
    erasedIds: erasedEvents.map(({ event_id_hash }) => idsByHash.get(event_id_hash)!),
    recordIds: [...new Set([
      ...[...withEvents, ...ofContacts].map(({ record_id }) => record_id), ...erasedRecords.map(({ record_hash }) => recordsByHash.get(record_hash)!),
    ])],
  }
}
