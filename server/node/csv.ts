// Reads CSV files with csv-parse.
import { pipeline, Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { refuse } from '../../core/refusal.ts'
import type { CsvRow, ParseCsv } from '../contact-import.ts'

/** A longer line is no contact. */
const LINE_LIMIT = 64 * 1024
const FIELDS_LIMIT = 500

/** What stands between the fields: of the three the one that the first line has most of, outside of quotation marks. */
function findDelimiter(start: string): string {
  const header = start.split(/\r?\n/, 1)[0]!.replace(/"[^"]*"/g, '')
  const count = (delimiter: string) => header.split(delimiter).length
  return [',', ';', '\t'].reduce((most, other) => (count(other) > count(most) ? other : most))
}

/** The beginning of a file, and the whole of it. */
async function peek(bytes: AsyncIterable<Uint8Array>): Promise<{ start: string; all: AsyncIterable<Uint8Array> }> {
  const pieces = bytes[Symbol.asyncIterator]()
  const read: Uint8Array[] = []
  let start = ''
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
    read.push(next.value)
    start += Buffer.from(next.value).toString('utf8')
    if (start.includes('\n') || start.length > LINE_LIMIT) break
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* read
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value
  }
  return { start, all: all() }
}

/** Reads RFC 4180 with `,`, `;` or tab, in UTF-8 with or without a byte order mark. */
export const parseCsv: ParseCsv = async function* (bytes) {
  const { start, all } = await peek(bytes)
  const parser = parse({
    bom: true, info: true, delimiter: findDelimiter(start), relax_column_count: true, skip_empty_lines: true, max_record_size: LINE_LIMIT, encoding: 'utf8',
  })
  // An error of the source ends the parser, which throws it below.
  pipeline(Readable.from(all), parser, () => {})
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (record.length > FIELDS_LIMIT) refuse(`/${info.lines}`, 'csv', `Line ${info.lines} has more than ${FIELDS_LIMIT} fields.`)
      yield { line: info.lines, fields: record } satisfies CsvRow
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    refuse(`/${error['lines'] as number}`, 'csv', `Line ${error['lines'] as number} is not CSV: ${error.code}.`)
  }
}
