// The audit of an event and of a notice in their places: what they say of the log, and the log of them. What can be seen without
// the other leaves was found when the line was read.
import { toBase64 } from './bytes.ts'
import { type Audit, KEPT_LIMIT, nameOfLog } from './audit.ts'
import { checkAgainstNotice, type ConsentEvent } from './event.ts'
import { isBindingOf } from './key-binding.ts'
import type { Leaf } from './leaf.ts'
import type { LeafReading } from './read-line.ts'
import { applyEvent } from './record.ts'
import { Refusal, refuse } from './refusal.ts'

const CLOCK_AHEAD_MS = 5 * 60_000
const SENT_LATE_MS = 30 * 86_400_000
const ANCHORS_KEPT = 512

/** A notice beside its leaf: kept for the events that name it. Throws a Refusal. */
export function checkNotice({ notices }: Audit, { notice: reading }: LeafReading, leaf: Leaf): void {
  if (reading === null) return refuse('/notice', 'missing_body', 'The notice is missing, and no erasure says why.')
  if (reading.hash !== leaf.hash) refuse('/notice', 'notice_hash', 'The notice is not the one that was logged: its hash differs.')
  if (reading.notice === null) throw new Refusal(reading.errors)
  if (notices.size >= KEPT_LIMIT) refuse('/notice', 'too_many', `More than ${KEPT_LIMIT} notices.`)
  notices.set(leaf.hash, reading.notice)
}

/** An event beside its leaf. What does not hold is noted, or thrown as a Refusal where nothing more can be said. */
export async function checkEvent(audit: Audit, { line: { index }, event: reading }: LeafReading, leaf: Leaf): Promise<void> {
  if (reading === null) return refuse('/event', 'missing_body', 'The event is missing, and no erasure says why.')
  audit.findAll(index, reading.errors)
  // Said even where the event cannot be read: this is what a changed byte shows first.
  if (reading.hash !== leaf.hash) audit.find('event_hash', index, '/event: The event is not the one that was logged: its hash differs.')
  if (reading.read === null) return
  const { payload, kid, binding } = reading.read
  const event = JSON.parse(payload) as ConsentEvent
  audit.events[event.attestation] += 1
  audit.check(index, () => checkAudience(audit, event))
  audit.check(index, () => checkShownNotice(audit, event))
  audit.check(index, () => checkAttestation(audit, event, kid))
  await audit.checkLater(index, () => checkAnchor(audit, index, event))
  checkClock(audit, index, event, leaf)
  audit.facts.addEvent(index, reading.hash, event)
  const isBound = binding !== null && isBindingOf(binding, nameOfLog(audit.header!), event.record_id, kid)
  audit.facts.addSpeaker(index, event.record_id, {
    kid: event.attestation === 'server' ? null : kid,
    boundBy: isBound ? { kid: audit.serviceKeys.has(binding.kid) ? null : binding.kid } : undefined,
  })
  const claim = audit.header!.claimed_state
  if (claim) applyEvent(audit.standings, { event, hash: reading.hash, index, receivedAt: leaf.received_at }, Date.parse(claim.at))
}

function checkAudience(audit: Audit, { aud }: ConsentEvent): void {
  if (aud.site !== nameOfLog(audit.header!)) refuse('/event/aud/site', 'aud', `The event is for the site “${aud.site}”, not for this log's.`)
}

function checkShownNotice(audit: Audit, event: ConsentEvent): void {
  const notice = audit.notices.get(event.notice_hash)
  if (notice) return checkAgainstNotice(event, notice)
  refuse('/event/notice_hash', 'notice_before_event', 'The notice that the event names does not stand before it in the log.')
}

function checkAttestation(audit: Audit, event: ConsentEvent, kid: string): void {
  const isServiceKey = audit.serviceKeys.has(kid)
  if (event.attestation === 'server' && !isServiceKey) refuse('/event/attestation', 'service_key', 'Attested by the service, but with a key that the log does not have before it.')
  if (event.attestation !== 'server' && isServiceKey) refuse('/event/attestation', 'attestation', 'Signed with the service’s key, but it says that a device signed.')
}

async function checkAnchor(audit: Audit, index: number, { log_anchor: anchor }: ConsentEvent): Promise<void> {
  if (anchor === null) return
  if (anchor.origin !== audit.header!.origin || anchor.size > index) refuse('/event/log_anchor', 'log_anchor', 'It anchors in another log, or in a later state of this one.')
  if (audit.header!.kind === 'record') return
  if ((await rootAt(audit, anchor.size)) !== anchor.root) refuse('/event/log_anchor', 'log_anchor', 'The log never had this root.')
}

/** Many events anchor in the same checkpoint, which a page keeps for an hour. */
async function rootAt({ roots, tree }: Audit, size: number): Promise<string> {
  const known = roots.get(size)
  if (known !== undefined) return known
  // Indices that jump have no tree before them; `order` says so.
  const root = size > tree.size ? '' : toBase64(await tree.rootAt(size))
  if (roots.size >= ANCHORS_KEPT) roots.delete(roots.keys().next().value!)
  roots.set(size, root)
  return root
}

function checkClock(audit: Audit, index: number, event: ConsentEvent, leaf: Leaf): void {
  const aheadMs = Date.parse(event.event_time) - Date.parse(leaf.received_at)
  if (aheadMs > CLOCK_AHEAD_MS) audit.remark('clock_ahead', index, `The device's clock says ${event.event_time}, the log received it at ${leaf.received_at}.`)
  if (-aheadMs > SENT_LATE_MS) audit.remark('sent_late', index, `Decided at ${event.event_time}, received more than 30 days later, at ${leaf.received_at}.`)
}
