// The settings, read from the environment once, at the start. All that is wrong is said at once.
import { join, resolve } from 'node:path'
import { type FieldError, Refusal } from '../../core/refusal.ts'
import { type EnvironmentKeys, parseEnvironmentKeys } from '../node/key-environment.ts'

/** The settings of DESIGN's "Fixed names", read. */
export interface Environment {
  /** 0: any free port. */
  port: number
  demoPort: number
  /** Database, keys and the mailbox folder are in here. */
  dataDir: string
  /** Without a slash at the end; undefined: http://localhost and the port. */
  baseUrl: string | undefined
  /** PostgreSQL; undefined: SQLite in dataDir. */
  databaseUrl: string | undefined
  smtpUrl: string | undefined
  adminToken: string | undefined
  /** From SAYSO_KEYS; undefined: keys are files in dataDir. */
  keys?: EnvironmentKeys | undefined
  /** Who cosigns: a list of `vkey url` lines, or the path of a file with them. Read by `readWitnesses`. */
  witnesses: string | undefined
  /** A time-stamping authority (RFC 3161), and how often it is asked at most. */
  tsaUrl: string | undefined
  tsaMinutes: number
}

const ADMIN_TOKEN_LENGTH = 16

/** Reads the environment. Throws a Refusal with an error for each setting that is wrong. */
export function readEnvironment(env: Record<string, string | undefined>): Environment {
  const errors: FieldError[] = []

  function read<T>(name: string, otherwise: T, parse: (text: string) => T | undefined, expected: string): T {
    const text = env[name]
    if (text === undefined || text === '') return otherwise
    const value = parse(text)
    if (value === undefined) errors.push({ pointer: name, code: 'environment', detail: expected })
    return value ?? otherwise
  }

  const parsePort = (text: string) => (/^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined)
  const parseOrigin = (text: string) => {
    const bare = text.replace(/\/$/, '')
    return /^https?:\/\//.test(bare) && URL.canParse(bare) && new URL(bare).origin === bare ? bare : undefined
  }
  const environment: Environment = {
    port: read('SAYSO_PORT', 8787, parsePort, 'Not a port: 0 to 65535.'),
    demoPort: read('SAYSO_DEMO_PORT', 8788, parsePort, 'Not a port: 0 to 65535.'),
    dataDir: resolve(env['SAYSO_DATA'] || join('.', 'data')),
    baseUrl: read<string | undefined>('SAYSO_BASE_URL', undefined, parseOrigin, 'Not an address without a path, for example https://consent.example'),
    databaseUrl: read<string | undefined>('SAYSO_DATABASE_URL', undefined, (text) => (/^postgres(?:ql)?:\/\/./.test(text) && URL.canParse(text) ? text : undefined), 'Not a database: postgres://user:password@host/name. Leave it unset for SQLite in SAYSO_DATA.'),
    smtpUrl: read<string | undefined>('SAYSO_SMTP_URL', undefined, (text) => (/^smtps?:\/\/./.test(text) && URL.canParse(text) ? text : undefined), 'Not a mail server: smtp://… or smtps://…'),
    witnesses: env['SAYSO_WITNESSES']?.trim() || undefined,
    tsaUrl: read<string | undefined>('SAYSO_TSA_URL', undefined, (text) => (/^https?:\/\/./.test(text) && URL.canParse(text) ? text : undefined), 'Not the address of a time-stamping authority: http://… or https://…'),
    tsaMinutes: read('SAYSO_TSA_MINUTES', 60, (text) => (/^[1-9]\d{0,4}$/.test(text) ? Number(text) : undefined), 'Not a number of minutes: 1 to 99999.'),
    adminToken: read<string | undefined>('SAYSO_ADMIN_TOKEN', undefined, (text) => (text.length >= ADMIN_TOKEN_LENGTH && !/\s/.test(text) ? text : undefined), `At least ${ADMIN_TOKEN_LENGTH} characters, no white space.`),
  }
  try {
    if (env['SAYSO_KEYS']) environment.keys = parseEnvironmentKeys(env['SAYSO_KEYS'])
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    errors.push(...error.errors)
  }
  if (errors.length > 0) throw new Refusal(errors)
  return environment
}
