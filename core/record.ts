// A record: the events of one person or device, replayed in log order into what holds now.
import type { ConsentEvent } from './event.ts'
import { addDuration } from './time.ts'

/** An event and where the log has it. */
export interface RecordedEvent {
  event: ConsentEvent
  hash: string
  index: number
  /** RFC 3339, from its leaf. */
  receivedAt: string
}

/**
 * What holds for a purpose. `unconfirmed`: given in a form for an address that nobody has confirmed yet, or
 * imported without proof; it allows nothing. `expired`: the log has noted that the time for which it was given is over.
 */
export type State = 'given' | 'refused' | 'withdrawn' | 'expired' | 'unconfirmed'

/** What holds for a purpose, and the event that says so. */
export interface Standing {
  state: State
  since: RecordedEvent
}

function isConfirmed({ event_type, source }: ConsentEvent): boolean {
  return event_type !== 'imported' && source.channel !== 'opt-in'
}

/** Whether the newer decision gives way: same instant on the device's clock, and a withdrawal wins the tie. */
function isLostTie(newer: ConsentEvent, newState: State, older: Standing | undefined): boolean {
  return older?.state === 'withdrawn' && newState !== 'withdrawn' && older.since.event.event_time === newer.event_time
}

/**
 * Takes the next event of a record, in log order, into what holds at `nowMs`: the latest decision wins, silence
 * changes nothing, a decision past its validity counts as none.
 */
export function applyEvent(standings: Map<string, Standing>, recorded: RecordedEvent, nowMs: number): void {
  const { event } = recorded
  if (addDuration(Date.parse(recorded.receivedAt), event.validity_duration) <= nowMs) return
  for (const { purpose_id, event_state } of event.decisions) {
    const state = event_state === 'given' && !isConfirmed(event) ? 'unconfirmed' : event_state
    const older = standings.get(purpose_id)
    if (state === 'unconfirmed' && older?.state === 'given') continue
    if (!isLostTie(event, state, older)) standings.set(purpose_id, { state, since: recorded })
  }
}

/** Current state at `nowMs` (milliseconds since 1970), by purpose id. Events come in log order. */
export function replay(events: readonly RecordedEvent[], nowMs: number): Map<string, Standing> {
  const standings = new Map<string, Standing>()
  for (const recorded of events) applyEvent(standings, recorded, nowMs)
  return standings
}

/** What an export claims to hold: the state of every decided purpose at a point in time (RFC 3339). */
export interface ClaimedState {
  at: string
  purposes: Record<string, State>
}

/** The states alone, by purpose id, in the order of the ids. */
export function describeStandings(standings: ReadonlyMap<string, Standing>): ClaimedState['purposes'] {
  const sorted = [...standings].sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(sorted.map(([purposeId, { state }]) => [purposeId, state]))
}

/** The claim for these events at `nowMs`. */
export function claimState(events: readonly RecordedEvent[], nowMs: number): ClaimedState {
  return { at: new Date(nowMs).toISOString(), purposes: describeStandings(replay(events, nowMs)) }
}
