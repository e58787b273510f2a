// The offline audit of an export: needs the file and the log's key, taken from somewhere else, and nobody's
// word. It reads line by line and reports everything that does not hold, by name.
//
// Not checked: that a device belongs to a human identity, and that the operator did not invent a device at the
// time. A record's file has only its own leaves, so there it cannot be seen whether others are missing.
import { checkAccess, checkKind, checkLeafType } from './audit-access.ts'
import { checkEvent, checkNotice } from './audit-event.ts'
import { finishAudit } from './audit-end.ts'
import { Audit, KEPT_LIMIT, type Trust } from './audit.ts'
import { fromBase64url } from './bytes.ts'
import { verifyCheckpoint } from './checkpoint.ts'
import { type CreateColumn, createMemoryColumn } from './column.ts'
import { parseHeader } from './export.ts'
import type { Leaf } from './leaf.ts'
import { type LeafReading, type LineReading, readAhead, type Reading, readLines as readLinesHere } from './read-line.ts'
import { parseProof, verifyProof } from './receipt.ts'
import { refuse } from './refusal.ts'
import type { Report } from './report.ts'

/** How the audit is carried out; it finds the same either way. */
export interface Means extends Partial<Reading> {
  /** Where it remembers what it read: in memory, unless said otherwise. */
  createColumn?: CreateColumn
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
  audit.check(null, () => checkKind(header))
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
  if (audit.isWhole) audit.tree.add(fromBase64url(reading.leafHash)!)
  audit.leaves += 1
  if (!leaf) return audit.findAll(index, reading.errors)
  if (leaf.received_at < audit.lastReceivedAt) audit.find('received_at', index, 'received_at is earlier than that of the leaf before.')
  audit.lastReceivedAt = leaf.received_at
  if (!audit.isWhole) await audit.checkLater(index, () => checkProof(audit, reading, trust))
  if (leaf.type === 'event' && !reading.line.erased && audit.header!.kind !== 'accesses') await audit.checkLater(index, () => checkEvent(audit, reading, leaf))
  else audit.check(index, () => checkOther(audit, reading, leaf))
  // An event's own facts name its leaf already.
  if (reading.event?.hash !== leaf.hash || !reading.event.read) audit.facts.addLeaf(index, leaf.hash)
}

function checkOrder(audit: Audit, index: number): void {
  const expected = audit.lastIndex + 1
  const isInOrder = audit.isWhole ? index === expected : index >= expected
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
  checkLeafType(audit.header!.kind, leaf)
  if (leaf.type === 'access') return checkAccess(audit, reading, leaf)
  if (leaf.type === 'key') return addServiceKey(audit, index, leaf)
  if (leaf.type === 'erasure') return audit.facts.addErasure(index, leaf.hash)
  if (reading.line.erased) return audit.facts.addErased(index, leaf.hash)
  checkNotice(audit, reading, leaf)
}

function addServiceKey({ serviceKeys }: Audit, index: number, { hash }: Leaf): void {
  if (serviceKeys.size >= KEPT_LIMIT) refuse('/leaf', 'too_many', `More than ${KEPT_LIMIT} service keys.`)
  if (!serviceKeys.has(hash)) serviceKeys.set(hash, index)
}
