// One line of an export, and all that can be checked about it without knowing the others: form, hashes, schema,
// signature. It is most of an audit's work, and none of it depends on order, so lines may be read in parallel.
import { type Access, readAccess } from './access.ts'
import { hashEvent, openEvent } from './event.ts'
import { type ExportLeaf, parseLine } from './export.ts'
import { hashJson, hashText } from './hash.ts'
import { openKeyBinding, type ReadKeyBinding } from './key-binding.ts'
import { type Leaf, parseLeaf } from './leaf.ts'
import { type Notice, parseNotice } from './notice.ts'
import { type FieldError, Refusal } from './refusal.ts'
import { type CheckSignature, type ParsedJws, verifySignature } from './signature.ts'
import { hashLeafText } from './tree.ts'

/** An event beside a leaf; `read` is null where `errors` say why it could not be read. */
export interface EventReading {
  hash: string
  /**
   * With the key binding beside it, where there is one that can be read. `payload` is the JSON text of a ConsentEvent
   * that was checked: a text goes from thread to thread in a tenth of the time that its members take.
   */
  read: { payload: string; kid: string; binding: Pick<ReadKeyBinding, 'kid' | 'binding'> | null } | null
  errors: readonly FieldError[]
}

/** A notice beside a leaf, likewise. */
export interface NoticeReading {
  hash: string
  notice: Notice | null
  errors: readonly FieldError[]
}

/** An access beside a leaf, likewise. */
export interface AccessReading {
  hash: string
  access: Access | null
  errors: readonly FieldError[]
}

/** A line with a leaf. */
export interface LeafReading {
  kind: 'leaf'
  line: Omit<ExportLeaf, 'event' | 'notice' | 'access'>
  /** What stands in the tree: 32 bytes as base64url. */
  leafHash: string
  /** Null where the text is not that of a leaf; `errors` say why. */
  leaf: Leaf | null
  errors: readonly FieldError[]
  /** Null where there is none, or none is due. */
  event: EventReading | null
  notice: NoticeReading | null
  access: AccessReading | null
}

/** What a line turned out to be. Plain data, so that another thread may do the reading. */
export type LineReading = LeafReading | { kind: 'end'; leaves: number } | { kind: 'refused'; errors: readonly FieldError[] }

/** Reads several lines: a reading each, in the same order. */
export type ReadLines = (texts: readonly string[]) => Promise<LineReading[]>

/** What came of reading something: a value, or why there is none. */
interface Attempt<T> {
  value: T | null
  errors: readonly FieldError[]
}

/** A line that was read but for its signatures; `finish` tells what it turned out to be once they are checked. */
interface OpenLine {
  signed: Attempt<{ parsed: ParsedJws }>[]
  finish(): LineReading
}

function attempt<T>(work: () => T): Attempt<T> {
  try {
    return { value: work(), errors: [] }
  } catch (error) {
    return refused(error)
  }
}

function refused(error: unknown): { value: null; errors: readonly FieldError[] } {
  if (error instanceof Refusal) return { value: null, errors: error.errors }
  throw error
}

/**
 * Reads any lines but the first. Never throws for what is in them. First all are taken apart, then all signatures are
 * checked: measured, that is faster than one line after the other (docs/decisions/0011-how-an-audit-reads-lines.md).
 */
export async function readLines(texts: readonly string[], check?: CheckSignature): Promise<LineReading[]> {
  const lines = texts.map(openLine)
  await Promise.all(lines.flatMap(({ signed }) => signed).map(async (one) => {
    if (one.value === null) return
    try {
      await verifySignature(one.value.parsed, check)
    } catch (error) {
      Object.assign(one, refused(error))
    }
  }))
  return lines.map((line) => line.finish())
}

function openLine(text: string): OpenLine {
  const { value: parsed, errors: refusals } = attempt(() => parseLine(text))
  if (parsed === null) return { signed: [], finish: () => ({ kind: 'refused', errors: refusals }) }
  if (!('leaf' in parsed)) return { signed: [], finish: () => ({ kind: 'end', leaves: parsed.leaves }) }
  const { event: jws, notice, access, ...line } = parsed
  const { value: leaf, errors } = attempt(() => parseLeaf(line.leaf))
  const isDue = (type: Leaf['type']) => leaf?.type === type && line.erased !== true
  const body = jws !== undefined && isDue('event') ? openEventBody(jws, line.key_binding) : null
  return {
    signed: body?.signed ?? [],
    finish: () => ({
      kind: 'leaf', line, leafHash: hashLeafText(line.leaf), leaf, errors, event: body?.finish() ?? null,
      notice: notice !== undefined && isDue('notice') ? readNoticeBody(notice) : null,
      access: access !== undefined && isDue('access') ? readAccessBody(access) : null,
    }),
  }
}

function openEventBody(jws: string, keyBinding: string | undefined): Pick<OpenLine, 'signed'> & { finish(): EventReading } {
  const hash = hashEvent(jws)
  const event = attempt(() => {
    const { parsed } = openEvent(jws)
    // Its text is kept; the members of a whole batch would only outlive the next collection.
    parsed.payload = null
    return { parsed }
  })
  const bound = keyBinding === undefined ? undefined : attempt(() => openKeyBinding(keyBinding))
  return {
    signed: bound ? [event, bound] : [event],
    finish: () => ({
      hash,
      read: event.value && {
        payload: event.value.parsed.payloadText, kid: event.value.parsed.kid,
        binding: bound?.value ? { kid: bound.value.parsed.kid, binding: bound.value.binding } : null,
      },
      errors: [...event.errors, ...(bound?.errors ?? []).map((error) => ({ ...error, pointer: `/key_binding${error.pointer}` }))],
    }),
  }
}

function readNoticeBody(body: unknown): NoticeReading {
  const { value, errors } = attempt(() => parseNotice(body, '/notice'))
  return { hash: hashJson(body), notice: value, errors }
}

function readAccessBody(entry: string): AccessReading {
  const { value, errors } = attempt(() => readAccess(entry))
  return { hash: hashText(entry), access: value, errors }
}

/** How lines are read: by whom, and how many batches at a time. */
export interface Reading {
  readLines: ReadLines
  lanes: number
}

const BATCH_CHARACTERS = 128 * 1024
const BATCH_LINES = 512

/** Readings of all lines in order and in batches, `lanes` of them ahead of whoever takes them. */
export async function* readAhead(lines: AsyncIterator<string>, { readLines, lanes }: Reading): AsyncGenerator<LineReading[]> {
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
    yield await batches.shift()!
  }
  if (refused) throw refused
}
