// Lint keeps the rooms apart: every forbidden import and every cycle turns it red, every allowed one does not.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = dirname(import.meta.dirname)
const rooms = ['core', 'ui', 'widget', 'preference-center', 'server', 'api-mock', 'demo', 'test', 'bench', 'scripts']

const mayImport: Record<string, string[]> = {
  core: [],
  ui: ['core'],
  widget: ['core', 'ui'],
  'preference-center': ['core', 'ui'],
  server: ['core', 'preference-center'],
  demo: ['core', 'server', 'preference-center'],
  test: rooms,
  bench: rooms,
  scripts: rooms,
}
const mockMayImport = ['app', 'store', 'store-memory', 'ledger', 'link', 'signer']
const nodeOnly = ['node:fs', 'kysely', 'better-sqlite3', 'pg', 'pino', 'nodemailer', '@hono/node-server']
const nodeFiles = ['server/main.ts', 'server/store-sql.ts', 'server/migrations/0001.ts', 'server/cli/verify.ts', 'server/node/mail.ts']

interface Finding {
  filename: string
  code: string
}

let folder: string
const files: Record<string, string> = {}
let findings: Finding[]

// All fixtures are linted in one run: `importing` notes who imports what, under a file name of its own.
function importing(importer: string, specifier: string): string {
  const path = importer.endsWith('.ts') ? importer : `${importer}/probe-${Object.keys(files).length}.ts`
  files[path] = `${files[path] ?? ''}import * as x${Object.keys(files).length} from "${specifier}";\n`
  return path
}

const forbidden: { name: string; path: string }[] = []
const allowed: { name: string; path: string }[] = []

for (const [room, may] of Object.entries(mayImport)) {
  for (const other of rooms.filter((candidate) => candidate !== room)) {
    const list = may.includes(other) ? allowed : forbidden
    list.push({ name: `${room} imports ${other}`, path: importing(room, `../${other}/thing.ts`) })
    list.push({ name: `${room} imports ${other} from a folder of its own`, path: importing(`${room}/deeper`, `../../${other}/thing.ts`) })
  }
}
for (const name of mockMayImport) {
  allowed.push({ name: `api-mock imports server/${name}`, path: importing('api-mock', `../server/${name}.ts`) })
}
for (const target of [
  '../server/main.ts',
  '../server/store-sql.ts',
  '../server/routes/events.ts',
  '../ui/thing.ts',
  '../widget/thing.ts',
  '../demo/thing.ts',
]) {
  forbidden.push({ name: `api-mock imports ${target}`, path: importing('api-mock', target) })
}
allowed.push({ name: 'api-mock imports core', path: importing('api-mock', '../core/thing.ts') })
for (const specifier of nodeOnly) {
  for (const room of ['core', 'ui', 'widget', 'preference-center', 'server', 'server/routes', 'api-mock']) {
    forbidden.push({ name: `${room} imports ${specifier}`, path: importing(room, specifier) })
  }
}
for (const file of nodeFiles) {
  allowed.push({
    name: `${file} imports Node's own modules and drivers`,
    path: nodeOnly.map((specifier) => importing(file, specifier))[0]!,
  })
}
for (const target of ['./main.ts', './store-sql.ts', './migrations/0001.ts', './cli/verify.ts', './node/mail.ts']) {
  forbidden.push({ name: `the part of server that runs in a tab imports ${target}`, path: importing('server', target) })
}
allowed.push({ name: 'server/main.ts imports demo', path: importing('server/main.ts', '../demo/thing.ts') })
forbidden.push({ name: 'server/cli imports demo', path: importing('server/cli', '../../demo/thing.ts') })

files['core/re-exports.ts'] = `export { thing } from "../ui/thing.ts";\n`
files['core/only-types.ts'] = `import type { Thing } from "../ui/thing.ts";\nexport type Other = Thing;\n`
forbidden.push(
  { name: 'core re-exports ui', path: 'core/re-exports.ts' },
  { name: 'core imports only a type of ui', path: 'core/only-types.ts' },
)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sayso-lint-'))
  write('.oxlintrc.json', readFileSync(join(root, '.oxlintrc.json'), 'utf8'))
  for (const room of rooms) write(`${room}/thing.ts`, 'export const thing = 1;\nexport type Thing = 1;\n')
  for (const [path, text] of Object.entries(files)) write(path, text)
  write('core/hen.ts', `import { egg } from "./egg.ts";\nexport const hen = (): unknown => egg;\n`)
  write('core/egg.ts', `import { hen } from "./hen.ts";\nexport const egg = (): unknown => hen;\n`)
  write('core/default.ts', 'export default 1;\n')
  write('core/barrel.ts', `export * from "./thing.ts";\n`)
  findings = await lint()
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('lint turns red when', () => {
  test.each(forbidden)('$name', ({ path }) => {
    expect(codesFor(path)).toContain('eslint(no-restricted-imports)')
  })

  test('two files import each other', () => {
    expect(codesFor('core/hen.ts')).toContain('eslint-plugin-import(no-cycle)')
  })

  test('a file has a default export', () => {
    expect(codesFor('core/default.ts')).toContain('eslint-plugin-import(no-default-export)')
  })

  test('a file hands on everything of another', () => {
    expect(codesFor('core/barrel.ts')).toContain('oxc(no-barrel-file)')
  })
})

describe('lint stays green when', () => {
  test.each(allowed)('$name', ({ path }) => {
    expect(codesFor(path)).not.toContain('eslint(no-restricted-imports)')
  })
})

describe("the project's own files", () => {
  const sources = rooms.flatMap((room) => listSources(room))

  // Lint reads static imports only.
  test('no room reaches into a forbidden one by a dynamic import', () => {
    const reaching = sources.filter((path) => {
      const may = mayImport[path.split('/')[0]!]
      const imports = readFileSync(join(root, path), 'utf8').matchAll(/\bimport\(\s*["'`](?:\.\.\/)+([\w-]+)\//g)
      return may !== undefined && [...imports].some(([, room]) => rooms.includes(room!) && !may.includes(room!))
    })
    expect(reaching.filter((path) => path !== 'server/main.ts')).toEqual([])
  })

  test('none is a dump or a table of contents', () => {
    const dumps = /^(index|utils?|helpers?|types|common)\.tsx?$/
    expect(sources.filter((path) => dumps.test(basename(path)))).toEqual([])
  })
})

function codesFor(path: string): string[] {
  return findings.filter(({ filename }) => filename === path).map(({ code }) => code)
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

function lint(): Promise<Finding[]> {
  const oxlint = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint')
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [oxlint, '--format=json'], { cwd: folder, maxBuffer: 64 << 20 }, (_failed, output, errors) => {
      try {
        resolve((JSON.parse(output) as { diagnostics: Finding[] }).diagnostics)
      } catch {
        reject(new Error(`oxlint printed no report:\n${output}\n${errors}`))
      }
    })
  })
}

function listSources(room: string): string[] {
  return readdirSync(root).includes(room)
    ? readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
        .filter((path) => /\.tsx?$/.test(path) && !path.includes('node_modules'))
        .map((path) => `${room}/${path}`)
    : []
}
