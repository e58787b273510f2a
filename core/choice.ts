// What a press in the preference centre decides. The page that signs it on the device and the service that checks
// it, or attests it where no device signs, work it out from the same rules.
import type { Decision } from './event.ts'
import type { Notice } from './notice.ts'
import { isOptional } from './asked.ts'
import type { Purpose } from './purpose.ts'
import type { State } from './record.ts'

/** Where a person stands before the press. */
export interface Standpoint {
  /** What holds, by purpose id. */
  states: ReadonlyMap<string, State>
  /** Purposes ticked in a form that nobody confirmed yet. */
  pending: ReadonlySet<string>
  /** Whether the page asks to confirm those. */
  isConfirming: boolean
  /** Purposes whose consent is about to end and is asked for again: saying yes once more counts anew. */
  renewing: ReadonlySet<string>
}

/** The contact purposes that people are asked about. */
export function listAsked(notice: Notice): Purpose[] {
  return notice.purposes.filter((purpose) => purpose.scope === 'contact' && isOptional(purpose))
}

/** Saving with these boxes ticked: only what changes, in the notice's order. */
export function listChanges(notice: Notice, ticked: ReadonlySet<string>, { states, pending, isConfirming, renewing }: Standpoint): Decision[] {
  return listAsked(notice).flatMap(({ id, statement_text }): Decision[] => {
    const state = states.get(id)
    if (ticked.has(id)) return state === 'given' && !renewing.has(id) ? [] : [{ purpose_id: id, event_state: 'given', statement_text }]
    if (state === 'given') return [{ purpose_id: id, event_state: 'withdrawn', statement_text }]
    return isConfirming && pending.has(id) && state !== 'refused' ? [{ purpose_id: id, event_state: 'refused', statement_text }] : []
  })
}

/** Ending everything: what is granted, or waits to be confirmed. The words are the caller's to find. */
export function listEndings({ states, pending }: Pick<Standpoint, 'states' | 'pending'>): Omit<Decision, 'statement_text'>[] {
  const ended = [...states].filter(([, state]) => state === 'given' || state === 'unconfirmed').map(([purpose_id]) => ({ purpose_id, event_state: 'withdrawn' as const }))
  const refused = [...pending].filter((id) => !ended.some(({ purpose_id }) => purpose_id === id)).map((purpose_id) => ({ purpose_id, event_state: 'refused' as const }))
  return [...ended, ...refused]
}
