// sayso verify FILE --key VKEY: the offline audit of an export or a receipt. Exit code 0: all holds, 1: something
// does not, 2: called wrongly or nothing could be read.
import { open, readFile, stat } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { Trust } from '../../core/audit.ts'
import { fromUtf8 } from '../../core/bytes.ts'
import { type NoteKey, parseNoteKey } from '../../core/checkpoint.ts'
import { splitLines } from '../../core/export.ts'
import { parsePolicy, type Policy } from '../../core/policy.ts'
import { Refusal, refuse } from '../../core/refusal.ts'
import type { Finding, Report } from '../../core/report.ts'
import { verifyExport } from '../../core/verify.ts'
import { auditReceipt, isReceipt } from '../../core/verify-receipt.ts'
import { createColumnFolder } from '../node/column-file.ts'
import { createReadPool } from '../node/read-pool.ts'
import { createMemoryHold } from '../node/steady-memory.ts'
import { type Command, describeRefusal, type Io, UsageError } from './command.ts'
import { createProgress } from './progress.ts'

/** A string of more than 128 KiB is a large object to V8 and stays until a full collection. */
const PIECE_BYTES = 64 * 1024

/** Each read of the file is a way to another thread and back. */
const READ_BYTES = 16 * PIECE_BYTES

/** Nothing that is shorter is worth starting threads for, and no receipt is longer. */
const SHORT_CHARACTERS = 512 * 1024

/** The bytes of a file, always in the same buffer: buffers that are left behind wait long for their collection. */
async function* readBytes(path: string): AsyncGenerator<Buffer> {
  const file = await open(path)
  try {
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES)
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, READ_BYTES)
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

/** Text of a file that may be large. Throws a Refusal for invalid UTF-8. */
async function* readPieces(path: string, onBytes: (bytes: number) => void): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const decode = (bytes?: Buffer) => {
    try {
      return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode()
    } catch {
      return refuse('', 'utf8', 'Not valid UTF-8.')
    }
  }
  for await (const bytes of path === '-' ? (process.stdin as AsyncIterable<Buffer>) : readBytes(path)) {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const piece = bytes.subarray(at, at + PIECE_BYTES)
      onBytes(piece.length)
      yield decode(piece)
    }
  }
  yield decode()
}

/** The beginning of a text, the whole of it where that is short, and what comes after. */
async function peek(pieces: AsyncGenerator<string>): Promise<{ start: string; isWhole: boolean; all: AsyncIterable<string> }> {
  let start = ''
  let isWhole = false
  let failure: unknown
  try {
    while (!isWhole && start.length < SHORT_CHARACTERS) {
      const next = await pieces.next()
      if (next.done) isWhole = true
      else start += next.value
    }
  } catch (error) {
    // What came before is still read; then this is said.
    if (!(error instanceof Refusal)) throw error
    failure = error
  }
  async function* all(): AsyncGenerator<string> {
    yield start
    if (failure) throw failure
    yield* pieces
  }
  return { start, isWhole, all: all() }
}

async function audit(path: string, trust: Trust, io: Io): Promise<Report> {
  const progress = createProgress(io, path === '-' ? undefined : (await stat(path)).size)
  const holdMemory = createMemoryHold()
  const onBytes = (bytes: number) => {
    progress.advance(bytes)
    holdMemory(bytes)
  }
  try {
    const { start, isWhole, all } = await peek(readPieces(path, onBytes))
    if (isWhole && isReceipt(start)) return (await auditReceipt(start, trust)).report
    return isWhole ? await verifyExport(splitLines(all), trust) : await auditLong(splitLines(all), trust)
  } finally {
    progress.end()
  }
}

/** With all cores, and with what is to be remembered in files. */
async function auditLong(lines: AsyncIterable<string>, trust: Trust): Promise<Report> {
  const pool = createReadPool()
  const folder = createColumnFolder()
  try {
    return await verifyExport(lines, trust, { ...pool, createColumn: folder.createColumn })
  } finally {
    folder.close()
    await pool.close()
  }
}

function describeFinding(kind: string, { code, index, detail }: Finding): string {
  return `${kind} ${index === null ? 'file' : `leaf ${index}`}: ${code}: ${detail}\n`
}

function describeReport({ findings, remarks, totals, isValid, kind, origin, leaves, events, accesses }: Report): string {
  const { device, ephemeral, server } = events
  const unlisted = (what: string, listed: Finding[], total: number) => (total > listed.length ? `and ${total - listed.length} more ${what}\n` : '')
  return [
    ...findings.map((finding) => describeFinding('FAIL', finding)), unlisted('that do not hold', findings, totals.findings),
    ...remarks.map((remark) => describeFinding('note', remark)), unlisted('notes', remarks, totals.remarks),
    `${isValid ? 'All holds' : 'Something does not hold'}: ${kind ?? 'unknown'} ${origin ?? ''}, ${leaves} leaves\n`,
    accesses ? `accesses: ${accesses.admin + accesses.token + accesses.command} (${accesses.admin} with the admin token, ${accesses.token} with tokens, ${accesses.command} by commands)\n`
      : `events: ${device + ephemeral + server} (${device} signed by a device, ${ephemeral} by an ephemeral key, ${server} attested by the service)\n`,
  ].join('')
}

/** The policy in a file. */
async function readPolicy(path: string): Promise<Policy> {
  try {
    const bytes = await readFile(path)
    return parsePolicy(fromUtf8(bytes) ?? refuse('', 'utf8', 'not valid UTF-8'))
  } catch (error) {
    if (error instanceof Refusal) throw new UsageError(describeRefusal(error, path).trim())
    throw new UsageError(`${path}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`)
  }
}

function readKeys(texts: readonly string[], policy: Policy | undefined): NoteKey[] {
  // Several vkeys may come as one text, a line each, as /log/{site}/key gives them.
  const vkeys = texts.flatMap((text) => text.split('\n')).filter((line) => line.trim() !== '')
  if (vkeys.length + (policy?.logs.length ?? 0) === 0) throw new UsageError('Give the log’s key, taken from somewhere else than the file: --key VKEY.')
  try {
    return [...vkeys.map(parseNoteKey), ...(policy?.logs ?? [])]
  } catch (error) {
    if (error instanceof Refusal) throw new UsageError(describeRefusal(error).trim())
    throw error
  }
}

/**
 * `sayso verify FILE --key VKEY [--policy FILE] [--checkpoint FILE] [--json]`, `-` for standard input; --key and
 * --checkpoint may be repeated. The log's keys may stand in the policy instead. With `--json` the report is one JSON object on one line, `{"format":"sayso-report/1",…}`.
 */
export const verifyFile: Command = async (args, io) => {
  const { values, positionals } = parseArgs({
    args, allowPositionals: true,
    options: {
      key: { type: 'string', multiple: true, default: [] }, checkpoint: { type: 'string', multiple: true, default: [] },
      policy: { type: 'string' }, json: { type: 'boolean', default: false },
    },
  })
  const [path, ...more] = positionals
  if (path === undefined || more.length > 0) throw new UsageError('Name one export or receipt.')
  const policy = values.policy === undefined ? undefined : await readPolicy(values.policy)
  const keys = readKeys(values.key, policy)
  let report
  try {
    const earlierCheckpoints = await Promise.all(values.checkpoint.map((file) => readFile(file, 'utf8')))
    report = await audit(path, { keys, earlierCheckpoints, policy }, io)
  } catch (error) {
    const { code, syscall, path: unread = path } = error as NodeJS.ErrnoException
    if (code === undefined || !['open', 'read', 'stat'].includes(syscall ?? '')) throw error
    io.err(`${unread}: cannot be read (${code})\n`)
    return 2
  }
  io.out(values.json ? `${JSON.stringify({ format: 'sayso-report/1', ...report })}\n` : describeReport(report))
  return report.isValid ? 0 : 1
}
