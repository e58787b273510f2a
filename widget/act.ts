// A decision that somebody took, not yet signed: what the outbox keeps until there is an event of it.
import type { Decision } from '../core/event.ts'
import type { ActionLetter } from './rest-contract.ts'

/** What the letters of a choice stand for. */
export const STATES: Readonly<Record<string, Decision['event_state']>> = { g: 'given', r: 'refused', w: 'withdrawn' }

/** A decision on the banner, on a placeholder or through window.sayso. */
export interface Act {
  /** Hash of the notice that was shown. */
  noticeHash: string
  action: ActionLetter
  decisions: Pick<Decision, 'purpose_id' | 'event_state'>[]
  /** Origin and path of the page; null where it is not known any more. */
  url: string | null
  timeMs: number
}

/** The decisions in a choice's letters; `-` is none. */
export function listDecisions(ids: readonly string[], letters: string): Act['decisions'] {
  return ids.flatMap((purpose_id, i) => {
    const event_state = STATES[letters[i]!]
    return event_state ? { purpose_id, event_state } : []
  })
}
