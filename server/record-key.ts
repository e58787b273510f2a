// A record belongs to a key. An event joins a record only under a key that the record has, or with a binding by such a
// key or by the service. A contact's record is closed to whatever comes from outside: it grows through the forms behind
// links alone, signed by the service or by a key that it bound. An erased record is closed to all.
import { fromBase64url, fromUtf8 } from '../core/bytes.ts'
import type { ConsentEvent, ReadEvent } from '../core/event.ts'
import { isBindingOf, type ReadKeyBinding } from '../core/key-binding.ts'
import { refuse } from '../core/refusal.ts'
import { parseCompact } from '../core/signature.ts'
import type { Store, StoredEvent } from './store.ts'

/** Who speaks in an event: the service, whichever of its keys signed, or the key with this thumbprint. */
function speakerOf(attestation: ConsentEvent['attestation'], kid: string): string {
  return attestation === 'server' ? 'server' : kid
}

const payloadOf = ({ payloadPart }: StoredEvent) => JSON.parse(fromUtf8(fromBase64url(payloadPart)!)!) as ConsentEvent

function speakerOfStored(stored: StoredEvent): string {
  return speakerOf(payloadOf(stored).attestation, parseCompact(stored.jws).kid)
}

/** Whether the record of this event may be a contact's, so that it is worth looking. Pages cannot bring that channel. */
function mayBeContacts(stored: StoredEvent): boolean {
  const { attestation, source } = payloadOf(stored)
  return attestation === 'server' || source.channel === 'preference-center'
}

/** What is asked about one event. */
export interface Question {
  read: ReadEvent
  /** From a form behind a link to this contact, or made by the service itself. */
  isOwn: boolean
  keyBinding: ReadKeyBinding | undefined
  /** Whether the store has neither events nor erased events of this record, nor a contact that it belongs to. */
  isNew: boolean
  /** An event of this record that is known already, where one was found on the way. */
  known: StoredEvent | undefined
  /** Events of this record in the batch under way. */
  pending: readonly StoredEvent[]
  /** Thumbprints of the service's event keys. */
  serviceKids: () => Promise<string[]>
}

function refuseKey(): never {
  return refuse('/record_id', 'record_key', 'The record belongs to another key. Start a record of your own, or send a key_binding by its key.')
}

/** Checks that the event may join its record; the binding where it is what lets it in. Throws a Refusal. */
export async function checkRecordKey(store: Store, site: string, question: Question): Promise<ReadKeyBinding | undefined> {
  const { read: { event, kid }, isOwn, keyBinding, isNew, pending, serviceKids } = question
  const recordId = event.record_id
  const known = question.known ?? pending[0] ?? (isNew ? undefined : await store.findRecordStart(site, recordId))
  const isServices = isOwn && event.attestation === 'server'
  if (!known && !isNew) {
    if ((await store.readErased(site, recordId)).length > 0) refuse('/record_id', 'record_erased', 'The record was erased. Start a new one.')
    if (!isOwn && (await store.findContactByRecord(recordId))) refuseKey()
  }
  if (!known) {
    // A contact's record is the service's, also where a browser's key is the first to sign in it.
    if (!isOwn || isServices) return undefined
  }
  if (isServices) return undefined
  const speaker = speakerOf(event.attestation, kid)
  if (known && !isOwn) {
    // Drafts and the service's own events speak alike; only the contact tells them apart.
    if (mayBeContacts(known) && (await store.findContactByRecord(recordId))) refuseKey()
    if (speakerOfStored(known) === speaker) return undefined
  }
  const speakers = new Set([...(known ? await store.readRecord(site, recordId) : []), ...pending].map(speakerOfStored))
  if (speakers.has(speaker)) return undefined
  const isLetIn = keyBinding !== undefined && isBindingOf(keyBinding, site, recordId, kid)
    && (speakers.has(keyBinding.kid) || (await serviceKids()).includes(keyBinding.kid))
  return isLetIn ? keyBinding : refuseKey()
}
