// Every setting there is: one schema of what the environment may say. docs/settings.md and --help list what stands here, and
// a test holds them to it. Settings that are secret may come from a file instead: SAYSO_X_FILE names it.
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import * as v from 'valibot'
import { Refusal } from '../../core/refusal.ts'
import { parseEnvironmentKeys } from '../node/key-environment.ts'
import { parseProxies } from '../node/caller.ts'
import { readWitnesses } from '../node/witness-list.ts'

const ADMIN_TOKEN_LENGTH = 16

/** From the chattiest to the quietest. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export const LOG_FORMS = ['json', 'text'] as const

/** What is told of a setting beside its form. */
interface Telling {
  /** What it is for. */
  about: string
  /** What it is where it is not set, in words or as written. */
  otherwise: string
  /** Never printed, and may come from a file. */
  isSecret?: true
}

/** A setting: undefined where it is not set. `name` is at fault where `parse` refuses or finds nothing in the text. */
function setting<T>(name: string, expected: string, parse: (text: string) => T | undefined, telling: Telling) {
  const read = v.rawTransform<string, T>(({ dataset, addIssue, NEVER }) => {
    try {
      const value = parse(dataset.value)
      if (value !== undefined) return value
      addIssue({ message: expected })
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      // A Refusal names the place within the setting: SAYSO_KEYS/shop.log.
      for (const { pointer, detail } of error.errors) {
        addIssue({ message: detail, path: [{ type: 'unknown', origin: 'value', input: null, key: pointer.slice(name.length), value: null }] })
      }
    }
    return NEVER
  })
  return v.pipe(v.optional(v.pipe(v.string(), read)), v.metadata({ ...telling }))
}

function oneOf<const T extends string>(values: readonly T[]): (text: string) => T | undefined {
  return (text) => values.find((value) => value === text)
}

const isUrl = (text: string, start: RegExp) => start.test(text) && URL.canParse(text)
const parsePort = (text: string) => (/^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined)
const parseUrl = (start: RegExp) => (text: string) => (isUrl(text, start) ? text : undefined)
const parseMinutes = (text: string) => (/^[1-9]\d{0,4}$/.test(text) ? Number(text) : undefined)
const parseToken = (text: string) => (text.length >= ADMIN_TOKEN_LENGTH && !/\s/.test(text) ? text : undefined)
const parseOrigin = (text: string) => {
  const bare = text.replace(/\/$/, '')
  return isUrl(bare, /^https?:\/\//) && new URL(bare).origin === bare ? bare : undefined
}

const PORT = 'Not a port: 0 to 65535.'
const META = {
  host: { about: 'The one address of this machine where the service, its metrics and the demo’s shop listen: 127.0.0.1 behind a proxy on it.', otherwise: 'all addresses' },
  port: { about: 'Where the service listens; 0: any free port.', otherwise: '8787' },
  demoPort: { about: 'Where the shop of `sayso demo` listens.', otherwise: '8788' },
  data: { about: 'Folder of the SQLite database, the keys and the mailbox.', otherwise: './data' },
  database: { about: 'A PostgreSQL database: postgres://user:password@host/name', otherwise: 'SQLite in SAYSO_DATA', isSecret: true },
  baseUrl: { about: 'Where people reach the service: an address without a path. A new log is named after it.', otherwise: 'http://localhost and the port' },
  smtp: { about: 'A mail server: smtp://… or smtps://…', otherwise: 'mails are written to the mailbox folder', isSecret: true },
  token: { about: `For the operators’ routes: at least ${ADMIN_TOKEN_LENGTH} characters, no white space.`, otherwise: 'they answer to nobody', isSecret: true },
  keys: { about: 'Private keys by name, as JSON; see `sayso key new`.', otherwise: 'files in SAYSO_DATA', isSecret: true },
  witnesses: { about: 'Who cosigns checkpoints: `vkey url` lines, or the path of a file with them.', otherwise: 'nobody' },
  tsa: { about: 'A time-stamping authority (RFC 3161): http://… or https://…', otherwise: 'none' },
  tsaMinutes: { about: 'Minutes between two stamps of a log, at least: 1 to 99999.', otherwise: '60' },
  proxies: { about: 'Proxies in front, addresses and networks (10.0.0.0/8): from them X-Forwarded-For says who calls.', otherwise: 'no header is believed' },
  metricsPort: { about: 'A port of its own for /metrics, which then is nowhere else; 0: any free port.', otherwise: '/metrics is on SAYSO_PORT' },
  level: { about: `The least that is logged: ${LOG_LEVELS.join(', ')}.`, otherwise: 'info' },
  form: { about: 'How lines are logged: json, or text for people.', otherwise: 'text on a terminal, else json' },
} satisfies Record<string, Telling>

/** What the environment may say. */
export const Settings = v.object({
  SAYSO_HOST: setting('SAYSO_HOST', 'Not an IP address, for example 127.0.0.1', (text) => (isIP(text) > 0 ? text : undefined), META.host),
  SAYSO_PORT: setting('SAYSO_PORT', PORT, parsePort, META.port),
  SAYSO_DEMO_PORT: setting('SAYSO_DEMO_PORT', PORT, parsePort, META.demoPort),
  SAYSO_DATA: setting('SAYSO_DATA', 'Not a folder.', (text) => resolve(text), META.data),
  SAYSO_BASE_URL: setting('SAYSO_BASE_URL', 'Not an address without a path, for example https://consent.example', parseOrigin, META.baseUrl),
  SAYSO_DATABASE_URL: setting('SAYSO_DATABASE_URL', 'Not a database: postgres://user:password@host/name. Leave it unset for SQLite in SAYSO_DATA.', parseUrl(/^postgres(?:ql)?:\/\/./), META.database),
  SAYSO_SMTP_URL: setting('SAYSO_SMTP_URL', 'Not a mail server: smtp://… or smtps://…', parseUrl(/^smtps?:\/\/./), META.smtp),
  SAYSO_ADMIN_TOKEN: setting('SAYSO_ADMIN_TOKEN', `At least ${ADMIN_TOKEN_LENGTH} characters, no white space.`, parseToken, META.token),
  SAYSO_KEYS: setting('SAYSO_KEYS', 'An object of private keys by name is expected.', parseEnvironmentKeys, META.keys),
  SAYSO_WITNESSES: setting('SAYSO_WITNESSES', 'Neither “vkey url” lines nor a file.', readWitnesses, META.witnesses),
  SAYSO_TSA_URL: setting('SAYSO_TSA_URL', 'Not the address of a time-stamping authority: http://… or https://…', parseUrl(/^https?:\/\/./), META.tsa),
  SAYSO_TSA_MINUTES: setting('SAYSO_TSA_MINUTES', 'Not a number of minutes: 1 to 99999.', parseMinutes, META.tsaMinutes),
  SAYSO_TRUSTED_PROXIES: setting('SAYSO_TRUSTED_PROXIES', 'Not a list of IP addresses and networks, for example 10.0.0.0/8, 2001:db8::1', parseProxies, META.proxies),
  SAYSO_METRICS_PORT: setting('SAYSO_METRICS_PORT', PORT, parsePort, META.metricsPort),
  SAYSO_LOG_LEVEL: setting('SAYSO_LOG_LEVEL', `Not one of ${LOG_LEVELS.join(', ')}.`, oneOf(LOG_LEVELS), META.level),
  SAYSO_LOG_FORMAT: setting('SAYSO_LOG_FORMAT', `Not one of ${LOG_FORMS.join(', ')}.`, oneOf(LOG_FORMS), META.form),
})

/** A setting's name. */
export type SettingName = keyof typeof Settings.entries

/** All names, in the order in which they are told. */
export const SETTING_NAMES = Object.keys(Settings.entries) as SettingName[]

/** What is told of a setting. */
export function tellSetting(name: SettingName): Telling {
  return v.getMetadata(Settings.entries[name]) as unknown as Telling
}

/** The settings for --help, a line each. */
export function listSettings(): string {
  const lines = SETTING_NAMES.map((name) => ({ name: `${name}${tellSetting(name).isSecret ? '[_FILE]' : ''}`, ...tellSetting(name) }))
  const width = Math.max(...lines.map(({ name }) => name.length))
  return lines.map(({ name, about, otherwise }) => `  ${name.padEnd(width)}  ${about} Else: ${otherwise}.`).join('\n')
}
