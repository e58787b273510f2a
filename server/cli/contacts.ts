// sayso contacts: lists of contacts into and out of the running service, and lists of those whom nobody may write to.
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { parseArgs } from 'node:util'
import type { LineResult } from '../answers/contacts.ts'
import { type Command, type Io, UsageError } from './command.ts'
import { createProgress } from './progress.ts'
import { createServiceClient } from './service-client.ts'

/** Lines that are worth a word; all others are only counted. */
const MOST_LINES = 1000

/** A file as a request body, with a bar for whoever watches. */
async function openFile(path: string, io: Io): Promise<{ body: ReadableStream; end: () => void }> {
  const { size } = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${path}: cannot be read (${error.code ?? 'unknown'})`)
  })
  const progress = createProgress(io, size)
  async function* read(): AsyncGenerator<Buffer> {
    for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
      progress.advance(piece.length)
      yield piece
    }
  }
  return { body: Readable.toWeb(Readable.from(read())) as ReadableStream, end: progress.end }
}

async function* readJsonLines(response: Response): AsyncGenerator<LineResult | { end: true; totals: Record<string, number> }> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n')
    rest = lines.pop()!
    for (const line of lines) yield JSON.parse(line) as LineResult
  }
}

/** `sayso contacts import FILE --site S [--dry-run] [--purposes A,B] [--source WORDS] [--no-ask]` */
export const importContactList: Command = async (args, io) => {
  const { values, positionals: [path, ...more] } = parseArgs({
    args, allowPositionals: true,
    options: { site: { type: 'string' }, 'dry-run': { type: 'boolean', default: false }, purposes: { type: 'string' }, source: { type: 'string' }, 'no-ask': { type: 'boolean', default: false } },
  })
  if (path === undefined || more.length > 0) throw new UsageError('Name one CSV file.')
  const call = createServiceClient(io, values.site)
  const query = new URLSearchParams({
    ...(values['dry-run'] ? { dry_run: '1' } : {}), ...(values['no-ask'] ? { ask: '0' } : {}),
    ...(values.purposes === undefined ? {} : { purposes: values.purposes }), ...(values.source === undefined ? {} : { source: values.source }),
  })
  const file = await openFile(path, io)
  let [shown, isWhole] = [0, false]
  try {
    const response = await call(`contact-list?${query}`, { method: 'POST', body: file.body, type: 'text/csv', duplex: 'half' })
    for await (const result of readJsonLines(response)) {
      if ('end' in result) {
        isWhole = true
        file.end()
        const totals = Object.entries(result.totals).map(([outcome, count]) => `${count} ${outcome}`).join(', ')
        io.out(`${values['dry-run'] ? 'Would be' : 'Done'}: ${totals || 'nothing'}.\n`)
      } else if (result.detail !== undefined || result.recorded !== null) {
        shown += 1
        if (shown <= MOST_LINES) io.out(`${path}:${result.line}: ${result.outcome}${result.recorded === null ? '' : `, ${result.recorded}`}${result.detail === undefined ? '' : `: ${result.detail}`}\n`)
      }
    }
  } finally {
    file.end()
  }
  if (shown > MOST_LINES) io.out(`… and ${shown - MOST_LINES} more lines like these.\n`)
  if (!isWhole) io.err('The service ended its answer early: look at its output, then run the same import again; what was taken is known then.\n')
  return isWhole ? 0 : 1
}

/** `sayso contacts export --site S` */
export const exportContacts: Command = async (args, io) => {
  const { values } = parseArgs({ args, options: { site: { type: 'string' } } })
  const response = await createServiceClient(io, values.site)('contact-list')
  const decoder = new TextDecoder()
  for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) io.out(decoder.decode(piece, { stream: true }))
  return 0
}

/** `sayso contacts suppress FILE --site S` */
export const suppressAddresses: Command = async (args, io) => {
  const { values, positionals: [path, ...more] } = parseArgs({ args, allowPositionals: true, options: { site: { type: 'string' } } })
  if (path === undefined || more.length > 0) throw new UsageError('Name one file, with an address or a hash on each line.')
  const call = createServiceClient(io, values.site)
  const file = await openFile(path, io)
  const response = await call('suppressions', { method: 'POST', body: file.body, type: 'text/plain', duplex: 'half' }).finally(file.end)
  const { added, invalid_lines: invalid } = (await response.json()) as { added: number; invalid_lines: number[] }
  io.out(`Suppressed: ${added}.\n`)
  if (invalid.length > 0) io.err(`Neither an address nor a hash: line ${invalid.join(', ')}.\n`)
  return invalid.length > 0 ? 1 : 0
}
