// What goes in and out where events are recorded: the entries of a batch, and a result for each.
import * as v from 'valibot'
import { EventDraft } from '../../core/event.ts'
import { BATCH_LIMIT, type EventBatch as Batch, type EventEntry as Entry, type EventResult as Result, type EventResults as Results } from '../../core/protocol.ts'
import { Receipt } from '../../core/receipt.ts'
import { Problem } from './problem.ts'

/** An address beside an event of the channel `opt-in`. */
const TypedContact = v.strictObject({ email: v.string() })

/**
 * An entry of a batch. Read by hand in event-intake.ts, entry by entry, so that one bad entry never holds up the others;
 * the contract holds this and that together.
 */
export const EventEntry = v.union([
  v.strictObject({
    jws: v.pipe(v.string(), v.metadata({ description: 'A consent event as a compact JWS; its payload is a ConsentEvent.', 'x-jws-payload': 'ConsentEvent' })),
    key_binding: v.optional(v.pipe(v.string(), v.metadata({ description: 'Lets the key of this event into a record of another key: a compact JWS whose payload is a KeyBinding.', 'x-jws-payload': 'KeyBinding' }))),
    contact: v.optional(TypedContact),
  }),
  v.strictObject({ draft: EventDraft, contact: v.optional(TypedContact) }),
]) satisfies v.GenericSchema<Entry>

/** A batch. */
export const EventBatch = v.strictObject({
  events: v.pipe(v.array(EventEntry), v.minLength(1), v.maxLength(BATCH_LIMIT)),
}) satisfies v.GenericSchema<Batch>

/** The result for one entry. */
export const EventResult = v.union([
  v.strictObject({ event_id: v.string(), status: v.picklist([200, 201]), receipt: Receipt }),
  v.strictObject({ event_id: v.nullable(v.string()), status: v.pipe(v.number(), v.integer(), v.minValue(400)), problem: Problem }),
]) satisfies v.GenericSchema<Result>

/** The answer to a batch. */
export const EventResults = v.strictObject({
  results: v.pipe(v.array(EventResult), v.description('One for each entry, in the order sent.')),
}) satisfies v.GenericSchema<Results>
