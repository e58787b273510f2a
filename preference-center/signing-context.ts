// What the page carries so that the browser can sign a choice itself: nothing that is not in the event or in the log.
// It stands in the page as inert text; where it is missing the form goes as it is.
import type { Standpoint } from '../core/choice.ts'
import type { EventDraft } from '../core/event.ts'
import type { State } from '../core/record.ts'

/** What an event takes besides the words and the boxes, which are read from the page itself. */
export interface SigningContext extends Pick<EventDraft, 'record_id' | 'pii_principal_id' | 'aud' | 'prev_event_hash' | 'log_anchor'> {
  /** Where the person stood when the page was made. */
  states: Record<string, State>
  pending: string[]
  isConfirming: boolean
  renewing: string[]
}

/** The context of the page that is shown; undefined where it has none. */
export function readSigningContext(document: Document): SigningContext | undefined {
  const text = document.querySelector<HTMLElement>('template[data-signing]')?.dataset.signing
  return text === undefined ? undefined : (JSON.parse(text) as SigningContext)
}

/** The standpoint in a context. */
export function readStandpoint({ states, pending, isConfirming, renewing }: SigningContext): Standpoint {
  return { states: new Map(Object.entries(states)), pending: new Set(pending), isConfirming, renewing: new Set(renewing) }
}
