// Which facts about different leaves contradict each other: an event_id that stands twice, a predecessor that is
// not there, a body erased without a record, a stranger's key. Each fact is a row in one of 64 buckets, chosen by the hash or id it
// is about; at the end the buckets are read one by one, so only a 64th of the log is ever in memory.
//
//   16 bytes key (start of the hash, or the id), 16 bytes record, 8 bytes leaf index, 1 byte kind
import { type Bytes, fromBase64url } from './bytes.ts'
import type { Column, CreateColumn } from './column.ts'
import type { Findings } from './report.ts'

const BUCKETS = 64
const ROW_BYTES = 41
const BLOCK_ROWS = 96
const NOBODY = new Uint8Array(16)

const KINDS = ['leaf', 'event', 'erased', 'erasure', 'event_id', 'follows', 'first', 'bound', 'speaks'] as const
type Kind = (typeof KINDS)[number]

interface Bucket {
  /** Where its full blocks stand in the column. */
  blocks: number[]
  block: Bytes
  rows: number
}

interface Fact {
  kind: Kind
  key: string
  record: string
  index: number
}

function readHash(hash: string): Uint8Array {
  return fromBase64url(hash)!.subarray(0, 16)
}

function readUuid(uuid: string): Uint8Array {
  const hex = uuid.replaceAll('-', '')
  const bytes = new Uint8Array(16)
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16)
  return bytes
}

function asText(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}

/** The service where a key is expected; as text, like what is read from a row. */
const SERVICE = asText(NOBODY)

/** Collects facts in log order, and judges them at the end. */
export class Facts {
  readonly #column: Column
  readonly #buckets: Bucket[] = Array.from({ length: BUCKETS }, () => ({ blocks: [], block: new Uint8Array(ROW_BYTES * BLOCK_ROWS), rows: 0 }))
  // Random, so that no file can be made to fall into one bucket.
  readonly #seed = crypto.getRandomValues(new Int32Array(1))[0]!

  constructor(createColumn: CreateColumn) {
    this.#column = createColumn()
  }

  /** A leaf with this hash stands in the log. */
  addLeaf(index: number, hash: string): void {
    this.#add('leaf', index, readHash(hash), NOBODY)
  }

  /** An event: its hash (which its leaf should have), id, record and predecessor. */
  addEvent(index: number, hash: string, { event_id, record_id, prev_event_hash }: { event_id: string; record_id: string; prev_event_hash: string | null }): void {
    const record = fromBase64url(record_id)!
    this.#add('event_id', index, readUuid(event_id), NOBODY)
    if (prev_event_hash === null) this.#add('first', index, record, NOBODY)
    else this.#add('follows', index, readHash(prev_event_hash), record)
    this.#add('event', index, readHash(hash), record)
  }

  /**
   * Whose key signed an event of a record, by thumbprint; null for the service, whichever of its keys signed. `boundBy`:
   * whose binding lets that key in, where there is one.
   */
  addSpeaker(index: number, recordId: string, { kid, boundBy }: { kid: string | null; boundBy: { kid: string | null } | undefined }): void {
    const record = fromBase64url(recordId)!
    if (boundBy) this.#add('bound', index, record, boundBy.kid === null ? NOBODY : readHash(boundBy.kid))
    this.#add('speaks', index, record, kid === null ? NOBODY : readHash(kid))
  }

  /** The body of the leaf with this hash is marked as erased. */
  addErased(index: number, hash: string): void {
    this.#add('erased', index, readHash(hash), NOBODY)
  }

  /** A leaf says that the body of the leaf with this hash was erased. */
  addErasure(index: number, hash: string): void {
    this.#add('erasure', index, readHash(hash), NOBODY)
  }

  #add(kind: Kind, index: number, key: Uint8Array, record: Uint8Array): void {
    let mix = this.#seed
    for (const byte of key) mix = Math.imul(mix ^ byte, 0x01000193)
    const bucket = this.#buckets[(mix ^ (mix >>> 16)) & (BUCKETS - 1)]!
    const at = bucket.rows * ROW_BYTES
    bucket.block.set(key, at)
    bucket.block.set(record, at + 16)
    const view = new DataView(bucket.block.buffer, at + 32)
    view.setFloat64(0, index)
    view.setUint8(8, KINDS.indexOf(kind))
    bucket.rows += 1
    if (bucket.rows < BLOCK_ROWS) return
    bucket.blocks.push(this.#column.length)
    this.#column.append(bucket.block)
    bucket.rows = 0
  }

  /** Judges all facts: what does not hold goes to `findings`, what is worth knowing to `remarks`. */
  settle(findings: Findings, remarks: Findings): void {
    for (const bucket of this.#buckets) settleBucket(this.#read(bucket), findings, remarks)
  }

  *#read({ blocks, block, rows }: Bucket): Generator<Fact> {
    for (const offset of blocks) yield* readRows(this.#column.read(offset, ROW_BYTES * BLOCK_ROWS), BLOCK_ROWS)
    yield* readRows(block, rows)
  }
}

function* readRows(block: Bytes, rows: number): Generator<Fact> {
  for (let at = 0; at < rows * ROW_BYTES; at += ROW_BYTES) {
    const view = new DataView(block.buffer, at + 32)
    yield {
      key: asText(block.subarray(at, at + 16)), record: asText(block.subarray(at + 16, at + 32)),
      index: view.getFloat64(0), kind: KINDS[view.getUint8(8)]!,
    }
  }
}

/** Facts about the same hash or id are in the same bucket, in log order. */
function settleBucket(facts: Iterable<Fact>, findings: Findings, remarks: Findings): void {
  const leaves = new Set<string>()
  const recordByEvent = new Map<string, string>()
  const erased = new Map<string, number>()
  const erasures = new Map<string, number>()
  const owners = new Map<string, string>()
  const joined = new Set<string>()
  let binding: Fact | undefined
  const eventIds = new Set<string>()
  const followed = new Set<string>()
  const begun = new Set<string>()

  const remarkFork = (known: Set<string>, key: string, index: number) => {
    if (known.has(key)) remarks.add('fork', index, 'Another event of this record has the same predecessor: two tabs or an outbox did not know of each other.')
    known.add(key)
  }
  const judge: Record<Kind, (fact: Fact) => void> = {
    leaf: ({ key }) => void leaves.add(key),
    event: ({ key, record }) => void recordByEvent.set(key, record),
    erased: ({ key, index }) => void erased.set(key, index),
    erasure({ key, index }) {
      if (!leaves.has(key) && !recordByEvent.has(key)) findings.add('erasure', index, '/leaf: It says that a leaf was erased which does not stand before it.')
      erasures.set(key, index)
    },
    event_id({ key, index }) {
      if (eventIds.has(key)) findings.add('event_id_duplicate', index, '/event/event_id: The event_id stands twice in the log.')
      eventIds.add(key)
    },
    follows({ key, record, index }) {
      remarkFork(followed, key, index)
      // Whose an erased event was can no longer be seen.
      if (recordByEvent.get(key) !== record && !erased.has(key)) findings.add('prev_event_hash', index, '/event/prev_event_hash: It names no earlier event of this record.')
    },
    first: ({ key, index }) => remarkFork(begun, key, index),
    bound: (fact) => void (binding = fact),
    // A key that came in without reason stays in, so that one stranger is one finding.
    speaks({ key, record: speaker, index }) {
      const isIn = (one: string) => owners.get(key) === one || joined.has(key + one)
      const binder = binding?.key === key && binding.index === index ? binding.record : undefined
      // A record whose first key the service let in is the service's, as every contact's is.
      if (!owners.has(key)) owners.set(key, binder === SERVICE ? SERVICE : speaker)
      if (isIn(speaker)) return
      const isBound = binder !== undefined && (binder === SERVICE || isIn(binder))
      if (!isBound) findings.add('record_key', index, '/event: Its record belongs to another key, and nothing binds this one to it.')
      joined.add(key + speaker)
    },
  }
  for (const fact of facts) judge[fact.kind](fact)
  for (const [key, index] of erased) {
    const erasure = erasures.get(key)
    if (erasure === undefined) findings.add('erased_unrecorded', index, 'The body is marked as erased, but no erasure stands in the log.')
    else remarks.add('erased', index, `Erased, as recorded in leaf ${erasure}: that something stood here can be seen, what it was cannot.`)
  }
}
