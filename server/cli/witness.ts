// sayso witness: cosigns the checkpoints of other people's logs, until it is asked to end.
import { once } from 'node:events'
import { mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { formatNoteKey, type NoteKey, parseNoteKey } from '../../core/checkpoint.ts'
import { Refusal } from '../../core/refusal.ts'
import { listen } from '../node/http.ts'
import { createFileKeyStore } from '../node/key-files.ts'
import { openWitnessFile } from '../node/witness-file.ts'
import { createWitnessKey } from '../witness-key.ts'
import { createWitness } from '../witness.ts'
import { type Command, describeRefusal, UsageError } from './command.ts'

const DEFAULT_PORT = '8790'

/** The vkeys of a text, a line each; lines that start with # are for people. */
function readVkeys(text: string): NoteKey[] {
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
  try {
    return lines.map((line) => parseNoteKey(line))
  } catch (error) {
    if (error instanceof Refusal) throw new UsageError(describeRefusal(error).trim())
    throw error
  }
}

/** `sayso witness --name NAME --log VKEY [--logs FILE] [--data DIR] [--port N]`; --log and --logs may be repeated. */
export const runWitness: Command = async (args, io) => {
  const { values } = parseArgs({
    args,
    options: {
      name: { type: 'string' }, data: { type: 'string', default: join('.', 'witness') }, port: { type: 'string', default: DEFAULT_PORT },
      log: { type: 'string', multiple: true, default: [] }, logs: { type: 'string', multiple: true, default: [] },
    },
  })
  const { name, port } = values
  if (name === undefined || !/^[^\s+]+$/.test(name)) throw new UsageError('Name the witness, without white space or “+”: --name witness.example/w1')
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new UsageError('--port is 0 to 65535.')
  const files = await Promise.all(values.logs.map((path) => readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${path}: cannot be read (${error.code ?? 'unknown'})`)
  })))
  const logs = [...values.log, ...files].flatMap(readVkeys)
  if (logs.length === 0) throw new UsageError('Give the key of each log to watch: --log VKEY, or --logs FILE with a key a line.')

  const folder = resolve(values.data)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const signer = await createWitnessKey(createFileKeyStore(join(folder, 'keys')), name)
  const memory = openWitnessFile(join(folder, 'witness.db'))
  try {
    const witness = createWitness({ logs, signer, memory, now: Date.now, log: (line) => io.out(`${line}\n`) })
    const server = await listen(Number(port), (request) => witness.fetch(request))
    io.out(`${formatNoteKey(signer.key)}\nThe witness is at http://localhost:${server.port}, for ${[...new Set(logs.map((log) => log.name))].join(', ')}\n`)
    if (!io.signal.aborted) await once(io.signal, 'abort')
    await server.close()
    return 0
  } finally {
    memory.close()
  }
}
