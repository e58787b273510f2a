// The offline audit of an export: needs the file and the log's key, taken from somewhere else, and nobody's
// word. It reads line by line and reports everything that does not hold, by name.
//
// Not checked: that a device belongs to a human identity, and that the operator did not invent a device at the
// time. A record's file has only its own leaves, so there it cannot be seen whether others are missing.
import { isEqual, toBase64, utf8 } from './bytes.ts'
import { type Checkpoint, type NoteKey, verifyCheckpoint } from './checkpoint.ts'
import { checkAgainstNotice, type ConsentEvent, hashEvent, type ReadEvent, readEvent } from './event.ts'
import { type ExportHeader, type ExportLeaf, parseHeader, parseLine } from './export.ts'
import { hashJson } from './hash.ts'
import { TreeHistory } from './history.ts'
import { type Leaf, parseLeaf } from './leaf.ts'
import { type Notice, parseNotice } from './notice.ts'
import { parseProof, verifyProof } from './receipt.ts'
import { claimState, type RecordedEvent } from './record.ts'
import { Refusal, refuse } from './refusal.ts'
import { hashLeaf } from './tree.ts'

const CLOCK_AHEAD_MS = 5 * 60_000
const SENT_LATE_MS = 30 * 86_400_000

/** Something that does not hold, or that an auditor should know. */
export interface Finding {
  code: string
  /** Index of the leaf; null where it is about the whole file. */
  index: number | null
  detail: string
}

/** What an audit found. */
export interface Report {
  /** Whether everything holds that this file allows to check. */
  isValid: boolean
  kind: ExportHeader['kind'] | null
  origin: string | null
  leaves: number
  /** What does not hold. */
  findings: Finding[]
  /** What holds but is worth knowing: forks, clocks that were off, checks that could not be made. */
  remarks: Finding[]
  /** Events by attestation. */
  events: Record<ConsentEvent['attestation'], number>
}

/** What the auditor brings along. */
export interface Trust {
  /** The log's keys, taken out of band. */
  keys: readonly NoteKey[]
  /** Signed checkpoints of this log that were seen earlier. */
  earlierCheckpoints?: readonly string[]
}

/** Everything remembered while reading. */
class Audit {
  readonly report: Report = {
    isValid: false, kind: null, origin: null, leaves: 0, findings: [], remarks: [], events: { device: 0, ephemeral: 0, server: 0 },
  }
  readonly tree = new TreeHistory()
  readonly notices = new Map<string, Notice>()
  readonly serviceKeys = new Set<string>()
  readonly recordByEvent = new Map<string, string>()
  readonly eventIds = new Set<string>()
  readonly followers = new Map<string, number>()
  readonly erased = new Map<string, number>()
  readonly erasures = new Set<string>()
  readonly leafHashes = new Set<string>()
  readonly recorded: RecordedEvent[] = []
  lastIndex = -1
  lastReceivedAt = ''
  end: number | null = null
  header: ExportHeader | undefined
  checkpoint: Checkpoint | undefined

  find(code: string, index: number | null, detail: string): void {
    this.report.findings.push({ code, index, detail })
  }

  remark(code: string, index: number | null, detail: string): void {
    this.report.remarks.push({ code, index, detail })
  }

  /** Runs a check; what it refuses becomes a finding. Whether it passed. */
  async check(index: number | null, work: () => unknown): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      for (const { pointer, code, detail } of error.errors) this.find(code, index, pointer ? `${pointer}: ${detail}` : detail)
      return false
    }
  }
}

/** Audits an export, given as lines without newlines. Never throws for what is in the file. */
export async function verifyExport(lines: AsyncIterable<string>, trust: Trust): Promise<Report> {
  const audit = new Audit()
  for await (const line of lines) {
    if (!audit.header) {
      if (!(await audit.check(null, () => startAudit(audit, line, trust)))) return audit.report
    } else if (audit.end !== null) {
      audit.find('after_end', null, 'There are lines after the end line.')
      break
    } else {
      await audit.check(audit.lastIndex + 1, () => readLine(audit, line, trust))
    }
  }
  await finishAudit(audit, trust)
  audit.report.isValid = audit.report.findings.length === 0
  return audit.report
}

async function startAudit(audit: Audit, line: string, { keys }: Trust): Promise<void> {
  const header = parseHeader(line)
  audit.header = header
  audit.report.kind = header.kind
  audit.report.origin = header.origin
  await audit.check(null, async () => {
    const checkpoint = await verifyCheckpoint(header.checkpoint, keys)
    if (checkpoint.origin !== header.origin) refuse('/header/origin', 'origin', 'The checkpoint belongs to another log.')
    audit.checkpoint = checkpoint
  })
}

async function readLine(audit: Audit, text: string, trust: Trust): Promise<void> {
  const line = parseLine(text)
  if (!('leaf' in line)) {
    audit.end = line.leaves
    return
  }
  checkOrder(audit, line)
  // The tree is fed before anything about this leaf can be refused, so that one bad leaf is one finding.
  if (audit.header!.kind === 'site') audit.tree.add(hashLeaf(utf8(line.leaf)))
  audit.report.leaves += 1
  const leaf = parseLeaf(line.leaf)
  if (leaf.received_at < audit.lastReceivedAt) audit.find('received_at', line.index, 'received_at is earlier than that of the leaf before.')
  audit.lastReceivedAt = leaf.received_at
  if (audit.header!.kind === 'record') await audit.check(line.index, () => checkProof(audit, line, trust))
  await audit.check(line.index, () => checkBody(audit, line, leaf))
  audit.leafHashes.add(leaf.hash)
}

function checkOrder(audit: Audit, { index }: ExportLeaf): void {
  const expected = audit.lastIndex + 1
  const isInOrder = audit.header!.kind === 'site' ? index === expected : index >= expected
  audit.lastIndex = Math.max(index, audit.lastIndex)
  if (!isInOrder) audit.find('order', index, `The leaf stands out of order: index ${expected} was expected, ${index} is there.`)
}

async function checkProof(audit: Audit, line: ExportLeaf, { keys }: Trust): Promise<void> {
  if (line.proof === undefined) return refuse('/proof', 'proof_missing', 'A leaf of a record needs its proof.')
  const proof = parseProof(line.proof)
  if (proof.index !== line.index) refuse('/proof', 'proof_index', 'The proof is about another leaf.')
  if (proof.checkpoint !== audit.header!.checkpoint) refuse('/proof', 'proof_checkpoint', 'The proof is against another checkpoint than the file.')
  await verifyProof(line.leaf, proof, keys)
}

async function checkBody(audit: Audit, line: ExportLeaf, leaf: Leaf): Promise<void> {
  if (leaf.type === 'key') return void audit.serviceKeys.add(leaf.hash)
  if (leaf.type === 'erasure') {
    if (!audit.leafHashes.has(leaf.hash)) refuse('/leaf', 'erasure', 'It says that a leaf was erased which does not stand before it.')
    return void audit.erasures.add(leaf.hash)
  }
  if (line.erased) return void audit.erased.set(leaf.hash, line.index)
  return leaf.type === 'notice' ? checkNotice(audit, line, leaf) : checkEvent(audit, line, leaf)
}

function checkNotice(audit: Audit, line: ExportLeaf, leaf: Leaf): void {
  if (line.notice === undefined) return refuse('/notice', 'missing_body', 'The notice is missing, and no erasure says why.')
  if (hashJson(line.notice) !== leaf.hash) refuse('/notice', 'notice_hash', 'The notice is not the one that was logged: its hash differs.')
  audit.notices.set(leaf.hash, parseNotice(line.notice, '/notice'))
}

async function checkEvent(audit: Audit, line: ExportLeaf, leaf: Leaf): Promise<void> {
  if (line.event === undefined) return refuse('/event', 'missing_body', 'The event is missing, and no erasure says why.')
  const jws = line.event
  let read: ReadEvent | undefined
  await audit.check(line.index, async () => (read = await readEvent(jws)))
  // Said even where the event cannot be read: this is what a changed byte shows first.
  if (hashEvent(jws) !== leaf.hash) audit.find('event_hash', line.index, '/event: The event is not the one that was logged: its hash differs.')
  if (!read) return
  const { event, kid, hash } = read
  audit.report.events[event.attestation] += 1
  const checks = [
    () => checkAudience(audit, event),
    () => checkShownNotice(audit, event),
    () => checkAttestation(audit, event, kid),
    () => checkAnchor(audit, line.index, event),
    () => checkChain(audit, line.index, event),
  ]
  for (const check of checks) await audit.check(line.index, check)
  checkClock(audit, line.index, event, leaf)
  audit.recordByEvent.set(hash, event.record_id)
  if (audit.header!.kind === 'record') audit.recorded.push({ event, hash, index: line.index, receivedAt: leaf.received_at })
}

function checkAudience(audit: Audit, event: ConsentEvent): void {
  if (event.aud.site !== audit.header!.origin.split('/log/').at(-1)) refuse('/event/aud/site', 'aud', `The event is for the site “${event.aud.site}”, not for this log's.`)
  if (audit.eventIds.has(event.event_id)) refuse('/event/event_id', 'event_id_duplicate', 'The event_id stands twice in the log.')
  audit.eventIds.add(event.event_id)
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
  if (toBase64(await audit.tree.rootAt(anchor.size)) !== anchor.root) refuse('/event/log_anchor', 'log_anchor', 'The log never had this root.')
}

function checkChain(audit: Audit, index: number, { record_id, prev_event_hash }: ConsentEvent): void {
  const previous = prev_event_hash ?? `first of ${record_id}`
  const followers = audit.followers.get(previous) ?? 0
  audit.followers.set(previous, followers + 1)
  if (followers > 0) audit.remark('fork', index, 'Another event of this record has the same predecessor: two tabs or an outbox did not know of each other.')
  if (prev_event_hash !== null && audit.recordByEvent.get(prev_event_hash) !== record_id) {
    refuse('/event/prev_event_hash', 'prev_event_hash', 'It names no earlier event of this record.')
  }
}

function checkClock(audit: Audit, index: number, event: ConsentEvent, leaf: Leaf): void {
  const aheadMs = Date.parse(event.event_time) - Date.parse(leaf.received_at)
  if (aheadMs > CLOCK_AHEAD_MS) audit.remark('clock_ahead', index, `The device's clock says ${event.event_time}, the log received it at ${leaf.received_at}.`)
  if (-aheadMs > SENT_LATE_MS) audit.remark('sent_late', index, `Decided at ${event.event_time}, received more than 30 days later, at ${leaf.received_at}.`)
}

async function finishAudit(audit: Audit, trust: Trust): Promise<void> {
  const { header, checkpoint, report } = audit
  if (!header) return audit.find('empty', null, 'The file is empty.')
  if (audit.end === null) audit.find('cut_off', null, 'The file is cut off: it has no end line.')
  else if (audit.end !== report.leaves) audit.find('leaf_count', null, `The end line counts ${audit.end} leaves, there are ${report.leaves}.`)
  for (const [hash, index] of audit.erased) {
    if (!audit.erasures.has(hash)) audit.find('erased_unrecorded', index, 'The body is marked as erased, but no erasure stands in the log.')
  }
  if (header.kind === 'site') await finishSite(audit, checkpoint, trust)
  else finishRecord(audit, header)
}

async function finishSite(audit: Audit, checkpoint: Checkpoint | undefined, trust: Trust): Promise<void> {
  const { tree } = audit
  if (checkpoint) {
    if (tree.size !== checkpoint.size) audit.find('size', null, `The checkpoint is about ${checkpoint.size} leaves, the file has ${tree.size}.`)
    else if (!isEqual(await tree.rootAt(tree.size), checkpoint.root)) audit.find('root', null, 'The leaves do not give the root in the checkpoint: something was changed, removed or moved.')
  }
  for (const note of trust.earlierCheckpoints ?? []) {
    await audit.check(null, async () => {
      const earlier = await verifyCheckpoint(note, trust.keys)
      if (earlier.size > tree.size || !isEqual(await tree.rootAt(earlier.size), earlier.root)) {
        refuse('', 'inconsistent', `The log is not a continuation of its checkpoint of size ${earlier.size}.`)
      }
    })
  }
}

function finishRecord(audit: Audit, header: ExportHeader): void {
  audit.remark('record_only', null, 'The file has one record only: whether other leaves are missing cannot be seen here.')
  if (!header.claimed_state) return
  const { at, purposes } = header.claimed_state
  const replayed = claimState(audit.recorded, Date.parse(at))
  if (hashJson(replayed.purposes) !== hashJson(purposes)) {
    audit.find('claimed_state', null, `The events give ${JSON.stringify(replayed.purposes)}, the file claims ${JSON.stringify(purposes)}.`)
  }
}
