// The settings, read from the environment once, at the start. All that is wrong is said at once, and no secret with it.
import { readFileSync } from 'node:fs'
import type { BlockList } from 'node:net'
import { resolve } from 'node:path'
import * as v from 'valibot'
import { type FieldError, Refusal } from '../../core/refusal.ts'
import type { Witness } from '../cosigning.ts'
import type { EnvironmentKeys } from '../node/key-environment.ts'
import { type LOG_FORMS, type LOG_LEVELS, SETTING_NAMES, type SettingName, Settings, tellSetting } from './settings.ts'

const SHOWN_CHARACTERS = 60

/** The settings, read; docs/settings.md has what each is for. */
export interface Environment {
  /** An IP address of this machine; undefined: all of them. */
  host: string | undefined
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
  /** Who cosigns. */
  witnesses: readonly Witness[]
  /** A time-stamping authority (RFC 3161), and how often it is asked at most. */
  tsaUrl: string | undefined
  tsaMinutes: number
  /** From whom X-Forwarded-For is believed; undefined: from nobody. */
  trustedProxies?: BlockList | undefined
  /** undefined: /metrics is on the service's own port. */
  metricsPort: number | undefined
  logLevel: (typeof LOG_LEVELS)[number]
  /** undefined: text where somebody looks at a terminal. */
  logForm: (typeof LOG_FORMS)[number] | undefined
}

type Variables = Record<string, string | undefined>

/** A setting as it was given: its text, and the variable it comes from. */
interface Given {
  text: string
  from: string
}

// An empty variable counts as none: that is how compose files and units leave one out.
function findGiven(env: Variables, name: SettingName): Given | undefined {
  const [text, path] = [env[name], tellSetting(name).isSecret ? env[`${name}_FILE`] : undefined]
  const fileName = `${name}_FILE`
  const fail = (detail: string): never => {
    throw new Refusal([{ pointer: fileName, code: 'environment', detail }])
  }
  if (!path) return text ? { text, from: name } : undefined
  if (text) fail(`${name} is set as well: one of the two is expected.`)
  let content = ''
  try {
    // Editors and echo end a file with a line break; no secret has one there.
    content = readFileSync(path, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    fail(`Not a file that can be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).${show(path)}`)
  }
  return content === '' ? fail(`The file is empty.${show(path)}`) : { text: content, from: fileName }
}

// What has an @ may be an address with a password in the wrong place.
function show(text: string): string {
  const line = text.replace(/\p{Cc}+/gu, ' ')
  if (text.includes('@')) return ''
  return ` Given: “${line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line}”`
}

/** Reads the environment. Throws a Refusal with an error for each setting that is wrong. */
export function readEnvironment(env: Variables): Environment {
  const errors: FieldError[] = []
  const given = new Map<string, Given>()
  for (const name of SETTING_NAMES) {
    try {
      const found = findGiven(env, name)
      if (found) given.set(name, found)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      errors.push(...error.errors)
    }
  }
  const result = v.safeParse(Settings, Object.fromEntries([...given].map(([name, { text }]) => [name, text])))
  for (const { path, message } of result.issues ?? []) {
    const [name, ...within] = path!.map(({ key }) => String(key)) as [SettingName, ...string[]]
    const { text, from } = given.get(name)!
    errors.push({ pointer: [from, ...within].join(''), code: 'environment', detail: message + (tellSetting(name).isSecret || within.some(Boolean) ? '' : show(text)) })
  }
  const ports = ['SAYSO_PORT', 'SAYSO_METRICS_PORT'].map((name) => given.get(name)?.text)
  if (ports[1] !== undefined && ports[1] !== '0' && ports[1] === (ports[0] ?? '8787')) errors.push({ pointer: 'SAYSO_METRICS_PORT', code: 'environment', detail: `The service itself listens there: another port is expected.${show(ports[1])}` })
  if (errors.length > 0 || !result.success) throw new Refusal(errors)
  const { output } = result
  return {
    host: output.SAYSO_HOST,
    port: output.SAYSO_PORT ?? 8787,
    demoPort: output.SAYSO_DEMO_PORT ?? 8788,
    dataDir: output.SAYSO_DATA ?? resolve('data'),
    baseUrl: output.SAYSO_BASE_URL,
    databaseUrl: output.SAYSO_DATABASE_URL,
    smtpUrl: output.SAYSO_SMTP_URL,
    adminToken: output.SAYSO_ADMIN_TOKEN,
    keys: output.SAYSO_KEYS,
    witnesses: output.SAYSO_WITNESSES ?? [],
    tsaUrl: output.SAYSO_TSA_URL,
    tsaMinutes: output.SAYSO_TSA_MINUTES ?? 60,
    trustedProxies: output.SAYSO_TRUSTED_PROXIES,
    metricsPort: output.SAYSO_METRICS_PORT,
    logLevel: output.SAYSO_LOG_LEVEL ?? 'info',
    logForm: output.SAYSO_LOG_FORMAT,
  }
}
