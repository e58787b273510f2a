// What an erasure takes: a record, or a contact with everything that names them. Leaves and notices stay.
import type { Contact, Store, StoredEvent } from './store.ts'

/** Who or what is to be erased. */
export type ErasureTarget = { recordId: string } | { contactId: string }

/** What was found to erase. */
export interface ErasureScope {
  events: StoredEvent[]
  contactIds: string[]
}

// Of an opt-in only the event goes, for the rest of its record is a browser's and an address is typed by anybody.
// Where it let a key into that record, the rest would be left without reason, so it goes too.
async function findOptInEvents(store: Store, { id, site }: Contact): Promise<StoredEvent[]> {
  const optIns = await store.readOptIns(id)
  const events = await Promise.all(optIns.map(({ eventHash }) => store.findEventByHash(site, eventHash)))
  const scopes = await Promise.all(events.map(async (event) => (event?.keyBinding === undefined ? [event] : store.readRecord(site, event.recordId))))
  return scopes.flat().filter((event) => event !== undefined)
}

/** Finds what is to be erased from a site. */
export async function findErasureScope(store: Store, site: string, target: ErasureTarget): Promise<ErasureScope> {
  const contact = 'contactId' in target ? await store.findContact(target.contactId) : await store.findContactByRecord(target.recordId)
  const recordId = 'recordId' in target ? target.recordId : contact?.recordId
  const own = contact?.site === site ? contact : undefined
  const events = [
    ...(recordId === undefined ? [] : await store.readRecord(site, recordId)),
    ...(own ? await findOptInEvents(store, own) : []),
  ]
  const byIndex = new Map(events.map((event) => [event.index, event]))
  return { events: [...byIndex.values()].sort((a, b) => a.index - b.index), contactIds: own ? [own.id] : [] }
}
