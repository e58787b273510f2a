// What a person's browser signed in the preference centre, beside the form that says the same. It is taken in place of
// the service's own attestation only where it says exactly what the form says; otherwise it is as if it had not come.
import { type EventDraft, type ReadEvent, readEvent } from '../core/event.ts'
import { canonicalize } from '../core/jcs.ts'
import { readKeyBinding, type ReadKeyBinding } from '../core/key-binding.ts'
import { Refusal } from '../core/refusal.ts'

/** By how much the browser's clock may differ from ours. Beyond that the audit would remark on it. */
const CLOCK_LIMIT_MS = 5 * 60_000

/** The form's fields `event` and `key_binding`, unread. */
export interface SignedChoice {
  jws: string
  keyBinding: string | null
}

/** The signed choice of a form; undefined where it has none. */
export function findSignedChoice(form: URLSearchParams): SignedChoice | undefined {
  const jws = form.get('event')
  return jws ? { jws, keyBinding: form.get('key_binding') } : undefined
}

/** All that the form decides, as one text: what is the browser's own to say, and the order of decisions, left out. */
function describeChoice({ event_id: _, event_time: _time, salt: _salt, log_anchor: _anchor, decisions, ...rest }: EventDraft): string {
  return canonicalize({ ...rest, decisions: [...decisions].sort((a, b) => (a.purpose_id < b.purpose_id ? -1 : 1)) })
}

/**
 * Reads a signed choice; undefined where it is not one, not by a key that the browser keeps, not by a clock like
 * ours, or says anything else than `expected`. Whether its key may speak for the record, the ledger checks.
 */
export async function readSignedChoice({ jws, keyBinding }: SignedChoice, expected: EventDraft, nowMs: number): Promise<{ read: ReadEvent; keyBinding: ReadKeyBinding | undefined } | undefined> {
  try {
    const read = await readEvent(jws)
    const { attestation, ...draft } = read.event
    const isInTime = Math.abs(Date.parse(draft.event_time) - nowMs) <= CLOCK_LIMIT_MS
    if (attestation !== 'device' || !isInTime || describeChoice(draft) !== describeChoice(expected)) return undefined
    return { read, keyBinding: keyBinding === null ? undefined : await readKeyBinding(keyBinding) }
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}
