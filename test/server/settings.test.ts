// The settings: read whole, refused whole, and told of in the same words everywhere.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Refusal } from '../../core/refusal.ts'
import { describeRefusal } from '../../server/cli/command.ts'
import { readEnvironment } from '../../server/cli/environment.ts'
import { SETTING_NAMES, tellSetting } from '../../server/cli/settings.ts'
import { run } from '../../server/main.ts'
import { generateKey } from '../../server/signer.ts'

const root = dirname(dirname(import.meta.dirname))
const TOKEN = 'a-long-enough-admin-token'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sayso-settings-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function writeFile(name: string, content: string): string {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

/** The lines that are printed about these variables. */
function refusalOf(env: Record<string, string>): string[] {
  try {
    readEnvironment(env)
  } catch (error) {
    if (error instanceof Refusal) return describeRefusal(error).trimEnd().split('\n')
    throw error
  }
  return []
}

describe('what is wrong', () => {
  test('is said all at once: the variable, what was given, and what is expected', () => {
    expect(refusalOf({
      SAYSO_PORT: '99999', SAYSO_DEMO_PORT: 'x', SAYSO_BASE_URL: 'https://consent.example/path', SAYSO_WITNESSES: '/nowhere', SAYSO_TSA_URL: 'ftp://tsa.example', SAYSO_TSA_MINUTES: '0',
      SAYSO_METRICS_PORT: '-1', SAYSO_HOST: 'localhost', SAYSO_LOG_LEVEL: 'loud', SAYSO_LOG_FORMAT: 'xml',
    })).toEqual([
      'SAYSO_HOST: Not an IP address, for example 127.0.0.1 Given: “localhost”',
      'SAYSO_PORT: Not a port: 0 to 65535. Given: “99999”',
      'SAYSO_DEMO_PORT: Not a port: 0 to 65535. Given: “x”',
      'SAYSO_BASE_URL: Not an address without a path, for example https://consent.example Given: “https://consent.example/path”',
      'SAYSO_WITNESSES: Neither “vkey url” lines nor a file that can be read (ENOENT). Given: “/nowhere”',
      'SAYSO_TSA_URL: Not the address of a time-stamping authority: http://… or https://… Given: “ftp://tsa.example”',
      'SAYSO_TSA_MINUTES: Not a number of minutes: 1 to 99999. Given: “0”',
      'SAYSO_METRICS_PORT: Not a port: 0 to 65535. Given: “-1”',
      'SAYSO_LOG_LEVEL: Not one of debug, info, warn, error, silent. Given: “loud”',
      'SAYSO_LOG_FORMAT: Not one of json, text. Given: “xml”',
    ])
  })

  test('is never shown where it is secret, or may hold a password', () => {
    const secrets = {
      SAYSO_DATABASE_URL: 'mysql://u:hunter2@db/x', SAYSO_SMTP_URL: 'mail.example:hunter2', SAYSO_ADMIN_TOKEN: 'hunter2', SAYSO_KEYS: '{"shop.log":"hunter2"}',
      SAYSO_BASE_URL: 'https://me:hunter2@consent.example', SAYSO_TSA_URL: 'tsa://me:hunter2@tsa.example',
    }
    const lines = refusalOf(secrets)
    expect(lines.map((line) => /^[\w/.]+/.exec(line)![0]).sort()).toEqual(['SAYSO_ADMIN_TOKEN', 'SAYSO_BASE_URL', 'SAYSO_DATABASE_URL', 'SAYSO_KEYS/shop.log', 'SAYSO_SMTP_URL', 'SAYSO_TSA_URL'])
    expect(lines.join('\n')).not.toContain('hunter2')
    const files = Object.fromEntries(SETTING_NAMES.filter((name) => tellSetting(name).isSecret).map((name) => [`${name}_FILE`, writeFile(name, secrets[name as keyof typeof secrets])]))
    expect(Object.keys(files)).toEqual(['SAYSO_DATABASE_URL_FILE', 'SAYSO_SMTP_URL_FILE', 'SAYSO_ADMIN_TOKEN_FILE', 'SAYSO_KEYS_FILE'])
    const fromFiles = refusalOf(files)
    expect(fromFiles.map((line) => /^[\w/.]+/.exec(line)![0])).toEqual(['SAYSO_DATABASE_URL_FILE', 'SAYSO_SMTP_URL_FILE', 'SAYSO_ADMIN_TOKEN_FILE', 'SAYSO_KEYS_FILE/shop.log'])
    expect(fromFiles.join('\n')).not.toContain('hunter2')
  })

  test('stands on one line, and a long one is cut', () => {
    const [line] = refusalOf({ SAYSO_LOG_LEVEL: `a\nSAYSO_PORT: fine${'x'.repeat(500)}` })
    expect(line).toContain('Given: “a SAYSO_PORT')
    expect(line!.length).toBeLessThan(200)
  })

  test('includes a port for measurements that is the service’s own', () => {
    expect(refusalOf({ SAYSO_METRICS_PORT: '8787' })).toEqual(['SAYSO_METRICS_PORT: The service itself listens there: another port is expected. Given: “8787”'])
    expect(refusalOf({ SAYSO_PORT: '0', SAYSO_METRICS_PORT: '0' })).toEqual([])
  })
})

test('an address that this machine does not have is told at the start', async () => {
  let told = ''
  const code = await run(['serve'], { env: { SAYSO_DATA: folder, SAYSO_PORT: '0', SAYSO_HOST: '192.0.2.1' }, out: () => {}, err: (text) => void (told += text), signal: AbortSignal.abort() })
  expect([code, told]).toEqual([1, expect.stringMatching(/192\.0\.2\.1.*: set SAYSO_HOST to an address of this machine\.\n$/)])
})

describe('a secret from a file', () => {
  test('is read, without the line break at its end', async () => {
    const key = await generateKey('log')
    const environment = readEnvironment({
      SAYSO_ADMIN_TOKEN_FILE: writeFile('token', `${TOKEN}\n`), SAYSO_KEYS_FILE: writeFile('keys', `{"shop.log":${key}}`),
      SAYSO_SMTP_URL_FILE: writeFile('smtp', 'smtps://u:p@mail.example\r\n'), SAYSO_DATABASE_URL_FILE: writeFile('db', 'postgres://u:p@db/x'),
    })
    expect(environment).toMatchObject({ adminToken: TOKEN, smtpUrl: 'smtps://u:p@mail.example', databaseUrl: 'postgres://u:p@db/x' })
    expect([...environment.keys!.keys()]).toEqual(['shop.log'])
  })

  test('is refused where the variable is set too, where it cannot be read, and where it is empty', () => {
    expect(refusalOf({
      SAYSO_ADMIN_TOKEN: TOKEN, SAYSO_ADMIN_TOKEN_FILE: writeFile('token', TOKEN), SAYSO_SMTP_URL_FILE: '/nowhere/smtp', SAYSO_KEYS_FILE: folder, SAYSO_DATABASE_URL_FILE: writeFile('empty', '\n'), SAYSO_PORT: 'x',
    })).toEqual([
      `SAYSO_DATABASE_URL_FILE: The file is empty. Given: “${join(folder, 'empty')}”`,
      'SAYSO_SMTP_URL_FILE: Not a file that can be read (ENOENT). Given: “/nowhere/smtp”',
      'SAYSO_ADMIN_TOKEN_FILE: SAYSO_ADMIN_TOKEN is set as well: one of the two is expected.',
      `SAYSO_KEYS_FILE: Not a file that can be read (EISDIR). Given: “${folder}”`,
      'SAYSO_PORT: Not a port: 0 to 65535. Given: “x”',
    ])
  })

  test('counts as not set where the variable is empty, as compose files leave one out', () => {
    expect(readEnvironment({ SAYSO_ADMIN_TOKEN: '', SAYSO_ADMIN_TOKEN_FILE: '', SAYSO_WITNESSES: '', SAYSO_PORT: '' })).toMatchObject({ adminToken: undefined, witnesses: [], port: 8787 })
  })
})

describe('the list of settings', () => {
  test('in docs/settings.md is the schema’s, word for word', () => {
    const text = readFileSync(join(root, 'docs/settings.md'), 'utf8')
    const rows = text.split('\n').filter((line) => line.startsWith('| `SAYSO_'))
    expect(rows).toEqual(SETTING_NAMES.map((name) => {
      const { about, otherwise, isSecret } = tellSetting(name)
      return `| \`${name}\`${isSecret ? `, \`${name}_FILE\`` : ''} | ${about} | ${otherwise} |`
    }))
  })

  test('in --help is the schema’s', async () => {
    let help = ''
    await run(['--help'], { env: {}, out: (text) => void (help += text), err: () => {}, signal: AbortSignal.abort() })
    const named = [...help.slice(help.indexOf('Settings')).matchAll(/^ {2}(SAYSO_\w+)(\[_FILE\])? {2,}(.+)$/gm)].map(([, name, file, about]) => ({ name, isSecret: file === '[_FILE]' || undefined, about }))
    expect(named).toEqual(SETTING_NAMES.map((name) => ({ name, isSecret: tellSetting(name).isSecret, about: `${tellSetting(name).about} Else: ${tellSetting(name).otherwise}.` })))
  })

  test('has every setting that the service’s sources and documents name', () => {
    const sources = readdirSync(join(root, 'server'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts')).map((path) => join('server', path))
    const documents = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.md')).map((path) => join('docs', path))
    const named = new Set([...sources, ...documents, 'README.md', 'SECURITY.md'].flatMap((path) => readFileSync(join(root, path), 'utf8').match(/SAYSO_[A-Z_]*[A-Z]\b/g) ?? []))
    const known = new Set<string>(SETTING_NAMES.flatMap((name) => (tellSetting(name).isSecret ? [name, `${name}_FILE`] : [name])))
    // Read by tests and measurements, or a part of the widget's build.
    const others = new Set(['SAYSO_CHROMIUM', 'SAYSO_TEST_DATABASE_URL', 'SAYSO_KILLS', 'SAYSO_FUZZ_REQUESTS', 'SAYSO_FUZZ_SEED', 'SAYSO_PAUSE_SECONDS', 'SAYSO_METER', 'SAYSO_CONFIG', 'SAYSO_URL', 'SAYSO_SITE', 'SAYSO_GOPATH', 'SAYSO_X_FILE'])
    expect([...named].filter((name) => !known.has(name) && !others.has(name))).toEqual([])
  })
})
