// One line of an export, and all that can be checked about it without knowing the others: form, hashes, schema,
// signature. It is most of an audit's work, and none of it depends on order, so lines may be read in parallel.
import { type Bytes, utf8 } from './bytes.ts'
import { type ConsentEvent, hashEvent, readEvent } from './event.ts'
import { type ExportLeaf, parseLine } from './export.ts'
import { hashJson } from './hash.ts'
import { readKeyBinding, type ReadKeyBinding } from './key-binding.ts'
import { type Leaf, parseLeaf } from './leaf.ts'
import { type Notice, parseNotice } from './notice.ts'
import { type FieldError, Refusal } from './refusal.ts'
import type { CheckSignature } from './signature.ts'
import { hashLeaf } from './tree.ts'

/** An event beside a leaf; `read` is null where `errors` say why it could not be read. */
export interface EventReading {
  hash: string
  /** With the key binding beside it, where there is one that can be read. */
  read: { event: ConsentEvent; kid: string; binding: Pick<ReadKeyBinding, 'kid' | 'binding'> | null } | null
  errors: readonly FieldError[]
}

/** A notice beside a leaf, likewise. */
export interface NoticeReading {
  hash: string
  notice: Notice | null
  errors: readonly FieldError[]
}

/** A line with a leaf. */
export interface LeafReading {
  kind: 'leaf'
  line: Omit<ExportLeaf, 'event' | 'notice'>
  /** What the tree hashes: 32 bytes. */
  leafHash: Bytes
  /** Null where the text is not that of a leaf; `errors` say why. */
  leaf: Leaf | null
  errors: readonly FieldError[]
  /** Null where there is none, or none is due. */
  event: EventReading | null
  notice: NoticeReading | null
}

/** What a line turned out to be. Plain data, so that another thread may do the reading. */
export type LineReading = LeafReading | { kind: 'end'; leaves: number } | { kind: 'refused'; errors: readonly FieldError[] }

/** Reads several lines: a reading each, in the same order. */
export type ReadLines = (texts: readonly string[]) => Promise<LineReading[]>

type Attempt<T> = { value: T; errors: readonly [] } | { value: null; errors: readonly FieldError[] }

async function attempt<T>(work: () => T | Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await work(), errors: [] }
  } catch (error) {
    if (error instanceof Refusal) return { value: null, errors: error.errors }
    throw error
  }
}

/** Reads any line but the first. Never throws for what is in it. */
export async function readLine(text: string, check?: CheckSignature): Promise<LineReading> {
  const { value: parsed, errors: refusals } = await attempt(() => parseLine(text))
  if (parsed === null) return { kind: 'refused', errors: refusals }
  if (!('leaf' in parsed)) return { kind: 'end', leaves: parsed.leaves }
  const { event: jws, notice, ...line } = parsed
  const { value: leaf, errors } = await attempt(() => parseLeaf(line.leaf))
  const isDue = (type: Leaf['type']) => leaf?.type === type && line.erased !== true
  return {
    kind: 'leaf', line, leafHash: hashLeaf(utf8(line.leaf)), leaf, errors,
    event: jws !== undefined && isDue('event') ? await readEventBody(jws, line.key_binding, check) : null,
    notice: notice !== undefined && isDue('notice') ? await readNoticeBody(notice) : null,
  }
}

async function readEventBody(jws: string, keyBinding: string | undefined, check: CheckSignature | undefined): Promise<EventReading> {
  const { value, errors } = await attempt(() => readEvent(jws, check))
  const bound = keyBinding === undefined ? undefined : await attempt(() => readKeyBinding(keyBinding, check))
  return {
    hash: value?.hash ?? hashEvent(jws),
    read: value && { event: value.event, kid: value.kid, binding: bound?.value ? { kid: bound.value.kid, binding: bound.value.binding } : null },
    errors: [...errors, ...(bound?.errors ?? []).map((error) => ({ ...error, pointer: `/key_binding${error.pointer}` }))],
  }
}

async function readNoticeBody(body: unknown): Promise<NoticeReading> {
  const { value, errors } = await attempt(() => parseNotice(body, '/notice'))
  return { hash: hashJson(body), notice: value, errors }
}

/** Reads lines here, in this thread. */
export const readLinesHere: ReadLines = (texts) => Promise.all(texts.map((text) => readLine(text)))

/** How lines are read: by whom, and how many batches at a time. */
export interface Reading {
  readLines: ReadLines
  lanes: number
}

const BATCH_CHARACTERS = 128 * 1024
const BATCH_LINES = 512

/** Readings of all lines in order, `lanes` batches ahead of whoever takes them. */
export async function* readAhead(lines: AsyncIterator<string>, { readLines, lanes }: Reading): AsyncGenerator<LineReading> {
  const batches: Promise<LineReading[]>[] = []
  let refused: Refusal | undefined
  for (let isDone = false; !isDone || batches.length > 0;) {
    while (!isDone && batches.length < lanes) {
      const texts: string[] = []
      try {
        for (let characters = 0; characters < BATCH_CHARACTERS && texts.length < BATCH_LINES;) {
          const next = await lines.next()
          if (next.done) {
            isDone = true
            break
          }
          texts.push(next.value)
          characters += next.value.length
        }
      } catch (error) {
        // What came before is still read; then this is said.
        if (!(error instanceof Refusal)) throw error
        refused = error
        isDone = true
      }
      const batch = readLines(texts)
      // Awaited in its turn; until then a failure is nobody's.
      batch.catch(() => {})
      batches.push(batch)
    }
    yield* (await batches.shift()!)
  }
  if (refused) throw refused
}
