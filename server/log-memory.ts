// What the ledger asks of a log about every event. Notices and published checkpoints never change, so those that were read
// once are kept; what is known of the events themselves is asked for a whole batch at once.
import { toBase64 } from '../core/bytes.ts'
import type { ConsentEvent } from '../core/event.ts'
import type { Notice } from '../core/notice.ts'
import { EMPTY_ROOT } from '../core/tree.ts'
import type { Store, StoredEvent } from './store.ts'

const ROOTS_KEPT = 1000
const NOTICES_KEPT = 1000

/** What the store knew of a batch's events. */
export interface RecalledBatch {
  eventsById: Map<string, StoredEvent>
  /** Of the log itself only. */
  eventsByHash: Map<string, StoredEvent>
  erasedIds: Set<string>
  /** Records that have, or had, events, or belong to a contact. */
  recordIds: Set<string>
}

/** What is asked. */
export interface LogMemory {
  findNotice(site: string, hash: string): Promise<Notice | undefined>
  /** Root of the checkpoint that was published of this size, standard base64. */
  findRoot(site: string, size: number): Promise<string | undefined>
  recall(site: string, events: readonly ConsentEvent[]): Promise<RecalledBatch>
}

function keep<Value>(map: Map<string, Value>, most: number, slot: string, value: Value): Value {
  if (map.size >= most) map.delete(map.keys().next().value!)
  map.set(slot, value)
  return value
}

/** A memory over a store. */
export function createLogMemory(store: Store): LogMemory {
  const notices = new Map<string, Notice>()
  const roots = new Map<string, string>()
  return {
    async findNotice(site, hash) {
      const slot = `${site} ${hash}`
      const known = notices.get(slot)
      if (known) return known
      const stored = await store.findNotice(site, hash)
      return stored && keep(notices, NOTICES_KEPT, slot, JSON.parse(stored.json) as Notice)
    },

    async findRoot(site, size) {
      if (size === 0) return toBase64(EMPTY_ROOT)
      const slot = `${site} ${size}`
      const known = roots.get(slot)
      if (known !== undefined) return known
      const stored = await store.findCheckpoint(site, size)
      return stored && keep(roots, ROOTS_KEPT, slot, stored.root)
    },

    async recall(site, events) {
      const unique = (values: string[]) => [...new Set(values)]
      const { events: known, erasedIds, recordIds } = await store.recallEvents(site, {
        eventIds: unique(events.map((event) => event.event_id)), recordIds: unique(events.map((event) => event.record_id)),
        hashes: unique(events.flatMap((event) => event.prev_event_hash ?? [])),
      })
      return {
        eventsById: new Map(known.map((event) => [event.eventId, event])),
        eventsByHash: new Map(known.flatMap((event) => (event.site === site ? [[event.hash, event]] : []))),
        erasedIds: new Set(erasedIds), recordIds: new Set(recordIds),
      }
    },
  }
}
