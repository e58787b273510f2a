// What goes through the ledger, one batch at a time: what is asked of it, what is answered, and what a batch has so far.
import type { ReadEvent } from '../core/event.ts'
import type { ReadKeyBinding } from '../core/key-binding.ts'
import type { NoteSigner } from '../core/checkpoint.ts'
import type { Receipt } from '../core/receipt.ts'
import type { Refusal } from '../core/refusal.ts'
import type { ErasureTarget } from './erasure.ts'
import type { RecalledBatch } from './log-memory.ts'
import type { KeyKind, ServiceKey } from './signer.ts'
import type { Append, Erasure, LeafBody, LogHead, OptIn, QueuedMail, StoredEvent } from './store.ts'

/** An event to be recorded, already read and verified, and what is to be written with it. */
export interface Submission {
  read: ReadEvent
  /** Set where an address was typed beside the event: it waits for its confirmation. */
  optIn?: { contactId: string }
  /** Queued in the same commit; not where the event was known already. */
  mails?: QueuedMail[]
  /** For a contact's record, which takes no other events: made by the service, or signed in a form behind a link. */
  isOwn?: boolean
  /** Lets the event's key into a record of another key. */
  keyBinding?: ReadKeyBinding | undefined
}

/** 201: recorded now. 200: this very event was known. A Refusal says why it was turned away. */
export type RecordResult = { status: 200 | 201; receipt: Receipt; event: StoredEvent } | Refusal

/** A leaf that is not an event: written once for each hash. Only a log of accesses takes an `access`, and it takes nothing else. */
export interface Fixture {
  type: 'notice' | 'key' | 'access'
  hash: string
  body: LeafBody
}

/** Goes into a batch of its own, so that it sees all that was recorded before. `follow`: a log of accesses takes up its site's key. */
export type Alone = { rotate: KeyKind } | { erase: ErasureTarget } | { follow: true }

export type Entry = Submission | Fixture | Alone
export type Result = RecordResult | ServiceKey | number | undefined

export const isAlone = (entry: Entry): entry is Alone => 'rotate' in entry || 'erase' in entry || 'follow' in entry

/** What one batch has so far. */
export interface Draft {
  head: LogHead
  /** What the store knew of the batch's events when it began. */
  recalled: RecalledBatch
  receivedAt: string
  leaves: Append['leaves']
  optIns: OptIn[]
  mails: QueuedMail[]
  eventsById: Map<string, StoredEvent>
  eventsByHash: Map<string, StoredEvent>
  fixtures: Set<string>
  eventsByRecord: Map<string, StoredEvent[]>
  erasure: Erasure | undefined
  /** Signs the checkpoint beside the current key, which hands over to it. */
  nextSigner: NoteSigner | undefined
}
