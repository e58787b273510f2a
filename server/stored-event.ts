// Events as the store gives them, read again. They were checked when they were recorded.
import { fromBase64url, fromUtf8 } from '../core/bytes.ts'
import type { ConsentEvent } from '../core/event.ts'
import { parseLeaf } from '../core/leaf.ts'
import type { RecordedEvent } from '../core/record.ts'
import type { StoredEvent } from './store.ts'

/** A stored event with its payload read. */
export function readStoredEvent({ payloadPart, hash, index, leaf }: StoredEvent): RecordedEvent {
  const event = JSON.parse(fromUtf8(fromBase64url(payloadPart)!)!) as ConsentEvent
  return { event, hash, index, receivedAt: parseLeaf(leaf).received_at }
}
