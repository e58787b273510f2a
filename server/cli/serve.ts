// sayso serve: the consent service, until it is asked to end.
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import * as v from 'valibot'
import { parseJson } from '../../core/json.ts'
import { validate } from '../../core/validate.ts'
import { DEFAULT_LIMITS, type Limits } from '../limits.ts'
import { createLog } from '../node/logger.ts'
import { startService } from '../node/start-service.ts'
import type { Command } from './command.ts'
import { readEnvironment } from './environment.ts'

const Count = v.pipe(v.number('A number is expected.'), v.safeInteger('A whole number is expected.'), v.minValue(1, 'At least 1.'))
const LimitsFile = v.strictObject(Object.fromEntries(Object.keys(DEFAULT_LIMITS).map((name) => [name, v.optional(Count)])) as Record<keyof Limits, v.OptionalSchema<typeof Count, undefined>>)

/** The limits that a file sets in place of the usual ones. */
async function readLimits(path: string | undefined): Promise<Partial<Limits>> {
  if (path === undefined) return {}
  const limits = validate(LimitsFile, parseJson(await readFile(path, 'utf8')))
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined))
}

/** `sayso serve [--limits FILE] [--quiet] [--accept-older]` */
export const serve: Command = async (args, io) => {
  const { values } = parseArgs({ args, options: { limits: { type: 'string' }, quiet: { type: 'boolean', default: false }, 'accept-older': { type: 'boolean', default: false } } })
  const environment = readEnvironment(io.env)
  const log = createLog({ level: environment.logLevel, form: environment.logForm ?? (io.isOutWatched ? 'text' : 'json'), write: io.out })
  const running = await startService({ environment, limits: await readLimits(values.limits), isAccessLogged: !values.quiet, isOlderAccepted: values['accept-older'], log })
  log(`Sayso is at ${running.baseUrl}`, { level: 'info', url: running.baseUrl })
  if (running.metricsPort !== undefined) log(`/metrics is on port ${running.metricsPort}`, { level: 'info', port: running.metricsPort })
  if (environment.smtpUrl === undefined) log(`SAYSO_SMTP_URL is not set: mails are written to ${environment.dataDir}/mailbox.`)
  if (!io.signal.aborted) await once(io.signal, 'abort')
  await running.stop()
  return 0
}
