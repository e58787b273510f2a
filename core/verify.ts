// The offline audit of an export: needs the file and the log's key, taken from somewhere else, and nobody's
// word. It reads line by line and reports everything that does not hold, by name. Memory stays small: what has to
// be remembered of every leaf (about 200 bytes) goes to columns, which the caller may keep in a file.
//
// Not checked: that a device belongs to a human identity, and that the operator did not invent a device at the
// time. A record's file has only its own leaves, so there it cannot be seen whether others are missing.
import { fromBase64url, isEqual, toBase64, toBase64url } from './bytes.ts'
import { type Checkpoint, type NoteKey, verifyCheckpoint } from './checkpoint.ts'
import { type CreateColumn, createMemoryColumn } from './column.ts'
import { checkAgainstNotice, type ConsentEvent } from './event.ts'
import { type ExportHeader, parseHeader } from './export.ts'
import { hashJson } from './hash.ts'
import { Facts } from './facts.ts'
import { TreeHistory } from './history.ts'
import { isBindingOf } from './key-binding.ts'
import type { Leaf } from './leaf.ts'
import type { Notice } from './notice.ts'
import { type LeafReading, type LineReading, readAhead, type Reading, readLines as readLinesHere } from './read-line.ts'
import { checkPolicy, type Policy } from './policy.ts'
import { parseProof, verifyProof } from './receipt.ts'
import { applyEvent, describeStandings, type Standing } from './record.ts'
import { Refusal, refuse } from './refusal.ts'
import { Findings, type Report } from './report.ts'

const CLOCK_AHEAD_MS = 5 * 60_000
const SENT_LATE_MS = 30 * 86_400_000
/** Notices and keys are few; a file with more than this is made to fill memory. */
const KEPT_LIMIT = 10_000
const ANCHORS_KEPT = 512

/** What the auditor brings along. */
export interface Trust {
  /** The log's keys, taken out of band. */
  keys: readonly NoteKey[]
  /** Signed checkpoints of this log that were seen earlier. */
  earlierCheckpoints?: readonly string[]
  /** What is demanded beyond the log's signature: cosignatures, a time stamp. Its log keys are not read here: they go into `keys`. */
  policy?: Policy | undefined
}

/** How the audit is carried out; it finds the same either way. */
export interface Means extends Partial<Reading> {
  /** Where it remembers what it read: in memory, unless said otherwise. */
  createColumn?: CreateColumn
}

/** Everything remembered while reading. */
class Audit {
  readonly findings = new Findings()
  readonly remarks = new Findings()
  readonly events: Report['events'] = { device: 0, ephemeral: 0, server: 0 }
  readonly tree: TreeHistory
  readonly facts: Facts
  readonly notices = new Map<string, Notice>()
  /** Index of its first leaf by the hash of a key. */
  readonly serviceKeys = new Map<string, number>()
  /** Roots at the sizes that events anchored in lately. */
  readonly roots = new Map<number, string>()
  readonly standings = new Map<string, Standing>()
  leaves = 0
  lastIndex = -1
  lastReceivedAt = ''
  end: number | null = null
  header: ExportHeader | undefined
  checkpoint: Checkpoint | undefined

  constructor(createColumn: CreateColumn) {
    this.tree = new TreeHistory(createColumn())
    this.facts = new Facts(createColumn)
  }

  find(code: string, index: number | null, detail: string): void {
    this.findings.add(code, index, detail)
  }

  remark(code: string, index: number | null, detail: string): void {
    this.remarks.add(code, index, detail)
  }

  /** What was refused becomes findings. */
  findAll(index: number | null, errors: Refusal['errors']): void {
    for (const { pointer, code, detail } of errors) this.find(code, index, pointer ? `${pointer}: ${detail}` : detail)
  }

  /** Runs a check; what it refuses becomes a finding. */
  check(index: number | null, work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#findRefused(index, error)
    }
  }

  /** The same for a check that has to wait for something. */
  async checkLater(index: number | null, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#findRefused(index, error)
    }
  }

  #findRefused(index: number | null, error: unknown): void {
    if (!(error instanceof Refusal)) throw error
    this.findAll(index, error.errors)
  }

  report(): Report {
    const { findings, remarks, header, leaves, events } = this
    return {
      isValid: findings.total === 0, kind: header?.kind ?? null, origin: header?.origin ?? null, leaves,
      findings: findings.list(), remarks: remarks.list(), totals: { findings: findings.total, remarks: remarks.total }, events,
    }
  }
}

/** Audits an export, given as lines without newlines. Never throws for what is in the file. */
export async function verifyExport(lines: AsyncIterable<string>, trust: Trust, means: Means = {}): Promise<Report> {
  const { createColumn = createMemoryColumn, readLines = (texts) => readLinesHere(texts), lanes = 1 } = means
  const audit = new Audit(createColumn)
  const source = lines[Symbol.asyncIterator]()
  try {
    await audit.checkLater(null, async () => {
      const first = await source.next()
      if (first.done) return refuse('', 'empty', 'The file is empty.')
      await startAudit(audit, first.value, trust)
    })
    if (!audit.header) return audit.report()
    await audit.checkLater(null, async () => {
      for await (const batch of readAhead(source, { readLines, lanes })) {
        if (!(await takeBatch(audit, batch, trust))) break
      }
    })
    await finishAudit(audit, trust)
    return audit.report()
  } finally {
    await source.return?.()
  }
}

async function startAudit(audit: Audit, line: string, { keys }: Trust): Promise<void> {
  const header = parseHeader(line)
  audit.header = header
  await audit.checkLater(null, async () => {
    const checkpoint = await verifyCheckpoint(header.checkpoint, keys)
    if (checkpoint.origin !== header.origin) refuse('/header/origin', 'origin', 'The checkpoint belongs to another log.')
    audit.checkpoint = checkpoint
  })
}

/** Takes the next lines; false where nothing after them is read. */
async function takeBatch(audit: Audit, batch: readonly LineReading[], trust: Trust): Promise<boolean> {
  for (const reading of batch) {
    if (audit.end !== null) {
      audit.find('after_end', null, 'There are lines after the end line.')
      return false
    }
    if (reading.kind === 'refused') audit.findAll(audit.lastIndex + 1, reading.errors)
    else if (reading.kind === 'end') audit.end = reading.leaves
    else await takeLeaf(audit, reading, trust)
  }
  return true
}

async function takeLeaf(audit: Audit, reading: LeafReading, trust: Trust): Promise<void> {
  const { line, leaf } = reading
  const { index } = line
  checkOrder(audit, index)
  // The tree is fed before anything about this leaf can be refused, so that one bad leaf is one finding.
  if (audit.header!.kind === 'site') audit.tree.add(fromBase64url(reading.leafHash)!)
  audit.leaves += 1
  if (!leaf) return audit.findAll(index, reading.errors)
  if (leaf.received_at < audit.lastReceivedAt) audit.find('received_at', index, 'received_at is earlier than that of the leaf before.')
  audit.lastReceivedAt = leaf.received_at
  if (audit.header!.kind === 'record') await audit.checkLater(index, () => checkProof(audit, reading, trust))
  if (leaf.type === 'event' && !reading.line.erased) await audit.checkLater(index, () => checkEvent(audit, reading, leaf))
  else audit.check(index, () => checkOther(audit, reading, leaf))
  // An event's own facts name its leaf already.
  if (reading.event?.hash !== leaf.hash || !reading.event.read) audit.facts.addLeaf(index, leaf.hash)
}

function checkOrder(audit: Audit, index: number): void {
  const expected = audit.lastIndex + 1
  const isInOrder = audit.header!.kind === 'site' ? index === expected : index >= expected
  audit.lastIndex = Math.max(index, audit.lastIndex)
  if (!isInOrder) audit.find('order', index, `The leaf stands out of order: index ${expected} was expected, ${index} is there.`)
}

async function checkProof(audit: Audit, { line }: LeafReading, { keys }: Trust): Promise<void> {
  if (line.proof === undefined) return refuse('/proof', 'proof_missing', 'A leaf of a record needs its proof.')
  const proof = parseProof(line.proof)
  if (proof.index !== line.index) refuse('/proof', 'proof_index', 'The proof is about another leaf.')
  if (proof.checkpoint !== audit.header!.checkpoint) refuse('/proof', 'proof_checkpoint', 'The proof is against another checkpoint than the file.')
  await verifyProof(line.leaf, proof, keys)
}

/** What stands beside a leaf, or what it says by itself, where that is no event. */
function checkOther(audit: Audit, reading: LeafReading, leaf: Leaf): void {
  const { index } = reading.line
  if (leaf.type === 'key') return addServiceKey(audit, index, leaf)
  if (leaf.type === 'erasure') return audit.facts.addErasure(index, leaf.hash)
  if (reading.line.erased) return audit.facts.addErased(index, leaf.hash)
  checkNotice(audit, reading, leaf)
}

function addServiceKey({ serviceKeys }: Audit, index: number, { hash }: Leaf): void {
  if (serviceKeys.size >= KEPT_LIMIT) refuse('/leaf', 'too_many', `More than ${KEPT_LIMIT} service keys.`)
  if (!serviceKeys.has(hash)) serviceKeys.set(hash, index)
}

function checkNotice({ notices }: Audit, { notice: reading }: LeafReading, leaf: Leaf): void {
  if (reading === null) return refuse('/notice', 'missing_body', 'The notice is missing, and no erasure says why.')
  if (reading.hash !== leaf.hash) refuse('/notice', 'notice_hash', 'The notice is not the one that was logged: its hash differs.')
  if (reading.notice === null) throw new Refusal(reading.errors)
  if (notices.size >= KEPT_LIMIT) refuse('/notice', 'too_many', `More than ${KEPT_LIMIT} notices.`)
  notices.set(leaf.hash, reading.notice)
}

async function checkEvent(audit: Audit, { line: { index }, event: reading }: LeafReading, leaf: Leaf): Promise<void> {
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
  const site = audit.header!.origin.split('/log/').at(-1)!
  const isBound = binding !== null && isBindingOf(binding, site, event.record_id, kid)
  audit.facts.addSpeaker(index, event.record_id, {
    kid: event.attestation === 'server' ? null : kid,
    boundBy: isBound ? { kid: audit.serviceKeys.has(binding.kid) ? null : binding.kid } : undefined,
  })
  const claim = audit.header!.claimed_state
  if (claim) applyEvent(audit.standings, { event, hash: reading.hash, index, receivedAt: leaf.received_at }, Date.parse(claim.at))
}

function checkAudience(audit: Audit, { aud }: ConsentEvent): void {
  if (aud.site !== audit.header!.origin.split('/log/').at(-1)) refuse('/event/aud/site', 'aud', `The event is for the site “${aud.site}”, not for this log's.`)
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

async function finishAudit(audit: Audit, trust: Trust): Promise<void> {
  const { end, leaves, header, checkpoint } = audit
  if (end === null) audit.find('cut_off', null, 'The file is cut off: it has no end line.')
  else if (end !== leaves) audit.find('leaf_count', null, `The end line counts ${end} leaves, there are ${leaves}.`)
  audit.facts.settle(audit.findings, audit.remarks)
  if (trust.policy && checkpoint) await checkPolicy(audit, header!, checkpoint, trust.policy)
  await checkSplitView(checkpoint ? [checkpoint] : [], trust, (code, detail) => audit.find(code, null, detail))
  if (header!.kind === 'site') await finishSite(audit, checkpoint, trust)
  else finishRecord(audit, header!)
}

async function finishSite(audit: Audit, checkpoint: Checkpoint | undefined, trust: Trust): Promise<void> {
  const { tree } = audit
  if (checkpoint) {
    if (tree.size !== checkpoint.size) audit.find('size', null, `The checkpoint is about ${checkpoint.size} leaves, the file has ${tree.size}.`)
    else if (!isEqual(await tree.rootAt(tree.size), checkpoint.root)) audit.find('root', null, 'The leaves do not give the root in the checkpoint: something was changed, removed or moved.')
  }
  await checkCurrentKey(audit, checkpoint, trust)
  for (const note of trust.earlierCheckpoints ?? []) {
    await audit.checkLater(null, async () => {
      const earlier = await verifyCheckpoint(note, trust.keys)
      if (earlier.size === checkpoint?.size) return
      if (earlier.size > tree.size || !isEqual(await tree.rootAt(earlier.size), earlier.root)) {
        refuse('', 'inconsistent', `The log is not a continuation of its checkpoint of size ${earlier.size}.`)
      }
    })
  }
}

// A key leaf hands the log over: from then on the key before it signs nothing more, whoever may still hold it.
async function checkCurrentKey(audit: Audit, checkpoint: Checkpoint | undefined, { keys }: Trust): Promise<void> {
  const indexOf = ({ publicKey }: NoteKey) => audit.serviceKeys.get(hashJson({ crv: 'Ed25519', kty: 'OKP', x: toBase64url(publicKey) })) ?? -1
  const [current] = keys.filter((key) => indexOf(key) >= 0).sort((a, b) => indexOf(b) - indexOf(a))
  if (!checkpoint || !current) return
  try {
    await verifyCheckpoint(audit.header!.checkpoint, [current])
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    audit.find('retired_key', null, `The checkpoint is signed by a key that leaf ${indexOf(current)} had replaced.`)
  }
}

/** Two signed checkpoints of one size and with different roots: the log told two stories. Invalid ones are left to others. */
export async function checkSplitView(known: readonly Checkpoint[], { keys, earlierCheckpoints = [] }: Trust, find: (code: string, detail: string) => void): Promise<void> {
  const roots = new Map(known.map(({ origin, size, root }) => [`${origin} ${size}`, root]))
  for (const note of earlierCheckpoints) {
    let earlier: Checkpoint
    try {
      earlier = await verifyCheckpoint(note, keys)
    } catch (error) {
      if (error instanceof Refusal) continue
      throw error
    }
    const name = `${earlier.origin} ${earlier.size}`
    const root = roots.get(name) ?? earlier.root
    if (!isEqual(root, earlier.root)) find('split_view', `The log signed two different trees of ${earlier.size} leaves: it does not show everybody the same.`)
    roots.set(name, root)
  }
}

function finishRecord(audit: Audit, header: ExportHeader): void {
  audit.remark('record_only', null, 'The file has one record only: whether other leaves are missing cannot be seen here.')
  if (!header.claimed_state) return
  const replayed = describeStandings(audit.standings)
  if (hashJson(replayed) !== hashJson(header.claimed_state.purposes)) {
    audit.find('claimed_state', null, `The events give ${JSON.stringify(replayed)}, the file claims ${JSON.stringify(header.claimed_state.purposes)}.`)
  }
}
