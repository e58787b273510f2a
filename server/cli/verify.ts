// sayso verify FILE --key VKEY: the offline audit of an export. Exit code 0: all holds, 1: something does not.
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { fromUtf8 } from '../../core/bytes.ts'
import { parseNoteKey } from '../../core/checkpoint.ts'
import { splitLines } from '../../core/export.ts'
import { parsePolicy, type Policy } from '../../core/policy.ts'
import { Refusal, refuse } from '../../core/refusal.ts'
import type { Finding } from '../../core/report.ts'
import { verifyExport } from '../../core/verify.ts'
import { type Command, describeRefusal, UsageError } from './command.ts'

/** Text of a file that may be large; invalid UTF-8 throws. */
async function* readPieces(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const source = path === '-' ? process.stdin : createReadStream(path)
  for await (const bytes of source as AsyncIterable<Buffer>) yield decoder.decode(bytes, { stream: true })
  yield decoder.decode()
}

function describeFinding(kind: string, { code, index, detail }: Finding): string {
  return `${kind} ${index === null ? 'file' : `leaf ${index}`}: ${code}: ${detail}\n`
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

/**
 * `sayso verify FILE --key VKEY [--policy FILE] [--checkpoint FILE]`, `-` for standard input; --key and --checkpoint may
 * be repeated. The log's keys may stand in the policy instead.
 */
export const verifyFile: Command = async (args, io) => {
  const { values, positionals } = parseArgs({
    args, allowPositionals: true,
    options: { policy: { type: 'string' }, key: { type: 'string', multiple: true, default: [] }, checkpoint: { type: 'string', multiple: true, default: [] } },
  })
  const [path, ...more] = positionals
  if (path === undefined || more.length > 0) throw new UsageError('Name one export file.')
  // Several vkeys may come as one text, a line each, as /log/{site}/key gives them.
  const vkeys = values.key.flatMap((text) => text.split('\n')).filter((line) => line.trim() !== '')
  const policy = values.policy === undefined ? undefined : await readPolicy(values.policy)
  if (vkeys.length + (policy?.logs.length ?? 0) === 0) throw new UsageError('Give the log’s key, taken from somewhere else than the file: --key VKEY.')
  let keys
  try {
    keys = [...vkeys.map(parseNoteKey), ...(policy?.logs ?? [])]
  } catch (error) {
    if (error instanceof Refusal) throw new UsageError(describeRefusal(error).trim())
    throw error
  }
  const earlierCheckpoints = await Promise.all(values.checkpoint.map((file) => readFile(file, 'utf8')))
  let report
  try {
    report = await verifyExport(splitLines(readPieces(path)), { keys, earlierCheckpoints, policy })
  } catch (error) {
    const reason = error instanceof TypeError ? 'not valid UTF-8' : (error as NodeJS.ErrnoException).code
    if (reason === undefined) throw error
    io.err(`${path}: cannot be read (${reason})\n`)
    return error instanceof TypeError ? 1 : 2
  }
  for (const finding of report.findings) io.out(describeFinding('FAIL', finding))
  for (const remark of report.remarks) io.out(describeFinding('note', remark))
  const { device, ephemeral, server } = report.events
  io.out(`${report.isValid ? 'All holds' : 'Something does not hold'}: ${report.kind ?? 'unknown'} ${report.origin ?? ''}, ${report.leaves} leaves\n`)
  io.out(`events: ${device + ephemeral + server} (${device} signed by a device, ${ephemeral} by an ephemeral key, ${server} attested by the service)\n`)
  return report.isValid ? 0 : 1
}
