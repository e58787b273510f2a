// sayso backup and sayso restore.
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { parseCheckpoint } from '../../core/checkpoint.ts'
import { writeBackup } from '../node/backup.ts'
import { restoreBackup } from '../node/restore.ts'
import { recordAllSites } from './command-access.ts'
import { type Command, type Io, UsageError } from './command.ts'
import { readEnvironment } from './environment.ts'

function listLogs(io: Io, logs: readonly { site: string; checkpoint: string }[]): void {
  for (const { site, checkpoint } of logs) io.out(`${site}: ${parseCheckpoint(checkpoint).size} leaves\n`)
}

/** `sayso backup --out DIR [--with-keys] [--unrecorded]` */
export const backUp: Command = async (args, io) => {
  const { values } = parseArgs({
    args, options: { out: { type: 'string' }, 'with-keys': { type: 'boolean', default: false }, unrecorded: { type: 'boolean', default: false } },
  })
  if (values.out === undefined) throw new UsageError('Name a new folder: --out DIR')
  const folder = resolve(values.out)
  const environment = readEnvironment(io.env)
  const record = async () => values.unrecorded ? undefined : recordAllSites(environment, 'sayso backup', io.err)
  const { logs } = await writeBackup(environment, folder, { withKeys: values['with-keys'], record })
  listLogs(io, logs)
  io.out(values['with-keys']
    ? `All is in ${folder}, private keys too: keep it as you keep those.\n`
    : `All but the keys is in ${folder}. A log cannot be continued without its keys: keep them elsewhere, or use --with-keys.\n`)
  return 0
}

/** `sayso restore DIR [--latest FILE] [--accept-older]` */
export const restore: Command = async (args, io) => {
  const { values, positionals } = parseArgs({
    args, allowPositionals: true, options: { latest: { type: 'string', multiple: true, default: [] }, 'accept-older': { type: 'boolean', default: false } },
  })
  const [folder, ...more] = positionals
  if (folder === undefined || more.length > 0) throw new UsageError('Name the folder of one backup.')
  const { logs, keys } = await restoreBackup(readEnvironment(io.env), resolve(folder), { latest: values.latest, isOlderAccepted: values['accept-older'] })
  listLogs(io, logs)
  io.out(`The keys are ${keys}. Start the service.\n`)
  return 0
}
