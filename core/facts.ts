// Which facts about different leaves contradict each other: an event_id that stands twice, a predecessor that is
// not there, a body erased without a record, a stranger's key. Each fact is a row in one of 512 buckets, chosen by the hash or id it
// is about; at the end the buckets are read one by one, so only a 512th of the log is ever in memory.
//
//   16 bytes key (start of the hash, or the id), 16 bytes record, 8 bytes leaf index and kind as one number
import { type Bytes, fromBase64url } from './bytes.ts'
import type { Column, CreateColumn } from './column.ts'
import type { Findings } from './report.ts'

const BUCKETS = 512
const ROW_BYTES = 40
/** A block of 5 KB, which is read by one call of the system. */
const BLOCK_ROWS = 128
const NOBODY = new Uint8Array(16)

const KINDS = ['leaf', 'event', 'erased', 'erasure', 'event_id', 'follows', 'first', 'bound', 'speaks', 'access_id'] as const
type Kind = (typeof KINDS)[number]

/** Rows side by side; a key or a record is read as a text of eight code units. */
class Block {
  readonly bytes: Bytes
  readonly #units: Uint16Array
  readonly #numbers: Float64Array

  constructor(bytes: Bytes = new Uint8Array(ROW_BYTES * BLOCK_ROWS)) {
    this.bytes = bytes
    this.#units = new Uint16Array(bytes.buffer)
    this.#numbers = new Float64Array(bytes.buffer)
  }

  write(row: number, key: Uint8Array, record: Uint8Array, number: number): void {
    this.bytes.set(key, row * ROW_BYTES)
    this.bytes.set(record, row * ROW_BYTES + 16)
    this.#numbers[row * 5 + 4] = number
  }

  *read(rows: number): Generator<Fact> {
    for (let row = 0; row < rows; row += 1) {
      const number = this.#numbers[row * 5 + 4]!
      yield {
        key: asText(this.#units, row * 20), record: asText(this.#units, row * 20 + 8),
        index: Math.floor(number / KINDS.length), kind: KINDS[number % KINDS.length]!,
      }
    }
  }
}

interface Bucket {
  /** Where its full blocks stand in the column. */
  blocks: number[]
  block: Block
  rows: number
}

interface Fact {
  kind: Kind
  key: string
  record: string
  index: number
}

function readHash(hash: string): Uint8Array {
  // 24 characters are 18 bytes.
  return fromBase64url(hash.slice(0, 24))!.subarray(0, 16)
}

/** Value of a hexadecimal digit in lower case, by its code. */
const digitAt = (text: string, at: number) => (text.charCodeAt(at) < 58 ? text.charCodeAt(at) - 48 : text.charCodeAt(at) - 87)

function readUuid(uuid: string): Uint8Array {
  const bytes = new Uint8Array(16)
  let at = 0
  for (let i = 0; i < bytes.length; i += 1) {
    if (uuid[at] === '-') at += 1
    bytes[i] = digitAt(uuid, at) * 16 + digitAt(uuid, at + 1)
    at += 2
  }
  return bytes
}

function asText(units: Uint16Array, at: number): string {
  return String.fromCharCode(units[at]!, units[at + 1]!, units[at + 2]!, units[at + 3]!, units[at + 4]!, units[at + 5]!, units[at + 6]!, units[at + 7]!)
}

/** The service where a key is expected; as text, like what is read from a row. */
const SERVICE = asText(new Uint16Array(8), 0)

/** Collects facts in log order, and judges them at the end. */
export class Facts {
  readonly #column: Column
  readonly #buckets: Bucket[] = Array.from({ length: BUCKETS }, () => ({ blocks: [], block: new Block(), rows: 0 }))
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

  /** An access has this id. */
  addAccess(index: number, accessId: string): void {
    this.#add('access_id', index, readUuid(accessId), NOBODY)
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
    bucket.block.write(bucket.rows, key, record, index * KINDS.length + KINDS.indexOf(kind))
    bucket.rows += 1
    if (bucket.rows < BLOCK_ROWS) return
    bucket.blocks.push(this.#column.length)
    this.#column.append(bucket.block.bytes)
    bucket.rows = 0
  }

  /** Judges all facts: what does not hold goes to `findings`, what is worth knowing to `remarks`. */
  settle(findings: Findings, remarks: Findings): void {
    for (const bucket of this.#buckets) settleBucket(this.#read(bucket), findings, remarks)
  }

  *#read({ blocks, block, rows }: Bucket): Generator<Fact> {
    for (const offset of blocks) yield* new Block(this.#column.read(offset, ROW_BYTES * BLOCK_ROWS)).read(BLOCK_ROWS)
    yield* block.read(rows)
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
  const accessIds = new Set<string>()
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
    access_id({ key, index }) {
      if (accessIds.has(key)) findings.add('access_id_duplicate', index, '/access/access_id: The access_id stands twice in the log.')
      accessIds.add(key)
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
