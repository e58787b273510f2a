// A receipt: the event, its leaf, and the proof that the log has it (c2sp.org/tlog-proof). It convinces
// offline; whoever holds the log's key needs nobody's word.
//
//   c2sp.org/tlog-proof@v1
//   index 17
//   CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//   (an empty line, then the signed checkpoint)
import * as v from 'valibot'
import { type Bytes, fromBase64, toBase64, utf8 } from './bytes.ts'
import { type Checkpoint, type NoteKey, parseCheckpoint, verifyCheckpoint } from './checkpoint.ts'
import { type ReadEvent, readEvent } from './event.ts'
import { type Leaf, parseLeaf } from './leaf.ts'
import { refuse } from './refusal.ts'
import { hashLeaf, isIncluded } from './tree.ts'
import { validate } from './validate.ts'

const PROOF_HEADER = 'c2sp.org/tlog-proof@v1'
const PROOF_PATH_LIMIT = 64

/** A receipt as JSON: all texts, so that the bytes survive. */
export const Receipt = v.strictObject({
  format: v.literal('sayso-receipt/1', 'The format is “sayso-receipt/1”.'),
  event: v.string('A text is expected.'),
  leaf: v.string('A text is expected.'),
  proof: v.string('A text is expected.'),
  notice_hash: v.string('A text is expected.'),
})
export type Receipt = v.InferOutput<typeof Receipt>

/** A proof that a leaf stands in a log. */
export interface LogProof {
  index: number
  path: Bytes[]
  /** The signed checkpoint, as text. */
  checkpoint: string
}

/** The text of a proof. */
export function formatProof({ index, path, checkpoint }: LogProof): string {
  return [PROOF_HEADER, `index ${index}`, ...path.map(toBase64), '', checkpoint].join('\n')
}

/** Reads the text of a proof. Throws a Refusal. */
export function parseProof(text: string): LogProof {
  const gap = text.indexOf('\n\n')
  const [header, indexLine, ...pathLines] = text.slice(0, Math.max(gap, 0)).split('\n')
  const [, index] = /^index (0|[1-9]\d{0,15})$/.exec(indexLine ?? '') ?? []
  const path = pathLines.map(fromBase64)
  if (header !== PROOF_HEADER || index === undefined || path.length > PROOF_PATH_LIMIT || path.some((hash) => hash?.length !== 32)) {
    return refuse('/proof', 'proof', `Not a proof: expected “${PROOF_HEADER}”, “index N”, hashes, an empty line and a checkpoint.`)
  }
  return { index: Number(index), path: path as Bytes[], checkpoint: text.slice(gap + 2) }
}

/** Whether this leaf text stands where the proof says. Returns the verified checkpoint or throws a Refusal. */
export async function verifyProof(leafText: string, proof: LogProof, keys: readonly NoteKey[]): Promise<Checkpoint> {
  const checkpoint = await verifyCheckpoint(proof.checkpoint, keys)
  if (!isIncluded(hashLeaf(utf8(leafText)), proof.index, checkpoint.size, proof.path, checkpoint.root)) {
    refuse('/proof', 'inclusion', `The log does not have this leaf at index ${proof.index}.`)
  }
  return checkpoint
}

/** A receipt that holds. */
export interface VerifiedReceipt {
  read: ReadEvent
  leaf: Leaf
  index: number
  checkpoint: Checkpoint
}

/** Checks a receipt against the log's keys, taken from somewhere else than the receipt. Throws a Refusal. */
export async function verifyReceipt(value: unknown, keys: readonly NoteKey[]): Promise<VerifiedReceipt> {
  const receipt = validate(Receipt, value)
  const read = await readEvent(receipt.event)
  const leaf = parseLeaf(receipt.leaf)
  if (leaf.type !== 'event' || leaf.hash !== read.hash) refuse('/leaf', 'leaf_event', 'The leaf belongs to another event.')
  if (receipt.notice_hash !== read.event.notice_hash) refuse('/notice_hash', 'notice_hash', 'Not the notice that the event names.')
  const proof = parseProof(receipt.proof)
  const checkpoint = await verifyProof(receipt.leaf, proof, keys)
  if (checkpoint.origin.split('/log/').at(-1) !== read.event.aud.site) refuse('/event/aud/site', 'aud', 'The event is for another site than the log.')
  return { read, leaf, index: proof.index, checkpoint }
}

/** The checkpoint inside a receipt, unchecked: for display and as an anchor. */
export function readReceiptCheckpoint(receipt: Receipt): Checkpoint {
  return parseCheckpoint(parseProof(receipt.proof).checkpoint)
}
