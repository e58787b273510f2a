// An export: everything an auditor needs in one file, as newline-delimited JSON. A header, a line for each
// leaf in log order, and an end line, without which the file is cut off.
//
//   {"format":"sayso-export/1","kind":"site","origin":"…","keys":["…"],"checkpoint":"…"}
//   {"index":0,"leaf":"{…}"}
//   {"index":1,"leaf":"{…}","notice":{…}}
//   {"index":2,"leaf":"{…}","event":"eyJ…"}
//   {"end":true,"leaves":3}
import * as v from 'valibot'
import { parseJson } from './json.ts'
import { refuse } from './refusal.ts'
import { validate } from './validate.ts'

/** Media type of an export. */
export const EXPORT_TYPE = 'application/x-ndjson'

/** No leaf, notice or event comes near: a longer line is made to fill memory. */
const LINE_LIMIT = 1024 * 1024

const Count = v.pipe(v.number('A number is expected.'), v.safeInteger('A whole number is expected.'), v.minValue(0, 'Not a count.'))
const Text = v.string('A text is expected.')

/** First line. Its keys are for convenience and are never trusted. */
export const ExportHeader = v.object({
  format: v.literal('sayso-export/1', 'The format is “sayso-export/1”.'),
  /** `accesses`: the log of accesses to a site, whole. */
  kind: v.picklist(['site', 'record', 'accesses'], 'The kind is “site”, “record” or “accesses”.'),
  origin: Text,
  keys: v.array(Text, 'A list is expected.'),
  /** The signed checkpoint that the file is about. */
  checkpoint: Text,
  /** A time stamp (RFC 3161, DER as base64) of a checkpoint of the log, and the proof that the one above continues it. */
  stamp: v.optional(v.object({ checkpoint: Text, token: Text, consistency: v.array(Text, 'A list is expected.') })),
  /** A record's state as the service claims it, at a point in time. */
  claimed_state: v.optional(v.object({ at: Text, purposes: v.record(Text, Text) })),
})
export type ExportHeader = v.InferOutput<typeof ExportHeader>

/** A leaf and what lies beside it. */
export const ExportLeaf = v.object({
  index: Count,
  leaf: Text,
  event: v.optional(Text),
  /** The JWS that let the event's key into its record, where it needed one. */
  key_binding: v.optional(Text),
  notice: v.optional(v.record(Text, v.unknown())),
  /** The text of an access's entry. */
  access: v.optional(Text),
  erased: v.optional(v.literal(true, 'Only true is written.')),
  /** In a record: tlog-proof text against the header's checkpoint. */
  proof: v.optional(Text),
})
export type ExportLeaf = v.InferOutput<typeof ExportLeaf>

/** Last line. */
export const ExportEnd = v.object({ end: v.literal(true), leaves: Count })

/** Writes an export line by line, each with its newline. */
export async function* writeExport(header: ExportHeader, leaves: AsyncIterable<ExportLeaf>): AsyncGenerator<string> {
  yield `${JSON.stringify(header)}\n`
  let count = 0
  for await (const leaf of leaves) {
    count += 1
    yield `${JSON.stringify(leaf)}\n`
  }
  yield `${JSON.stringify({ end: true, leaves: count })}\n`
}

/** Reads the first line. Throws a Refusal. */
export function parseHeader(line: string): ExportHeader {
  return validate(ExportHeader, parseJson(line), '/header')
}

/** What nearly every line is: an event and its leaf, as `writeExport` writes them, and nothing that needs a reader of JSON. */
const EVENT_LINE = /^\{"index":(0|[1-9]\d{0,14}),"leaf":"([ !#-[\]-~]*(?:\\"[ !#-[\]-~]*)*)","event":"([\w.-]*)"\}$/

/** Reads any later line: a leaf, or the end. Throws a Refusal. */
export function parseLine(line: string): ExportLeaf | { leaves: number } {
  const [, index, leaf, event] = EVENT_LINE.exec(line) ?? []
  if (index !== undefined && leaf !== undefined && event !== undefined) return { index: Number(index), leaf: leaf.replaceAll('\\"', '"'), event }
  const value = parseJson(line)
  if (typeof value !== 'object' || value === null) return refuse('', 'line', 'Not a line of an export.')
  return 'end' in value ? { leaves: validate(ExportEnd, value).leaves } : validate(ExportLeaf, value)
}

/** Lines of a text that comes in pieces, without their newlines. Throws a Refusal for one of over a million characters. */
export async function* splitLines(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of pieces) {
    const lines = piece.split('\n')
    lines[0] = rest + lines[0]
    rest = lines.pop()!
    for (const line of lines) yield checkLength(line)
    checkLength(rest)
  }
  if (rest !== '') yield rest
}

function checkLength(line: string): string {
  return line.length > LINE_LIMIT ? refuse('', 'oversize', `A line is longer than ${LINE_LIMIT} characters.`) : line
}
