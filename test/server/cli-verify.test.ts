// sayso verify as an auditor meets it: the real command in a process of its own, its report, its exit code.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { writeExportFile } from '../../bench/export-file.ts'
import { formatNoteKey } from '../../core/checkpoint.ts'
import type { Receipt } from '../../core/receipt.ts'
import { exportSite } from '../../server/export.ts'
import { run } from '../../server/main.ts'
import { createDevice } from '../fixtures/device.ts'
import { createLedgerFixture, type LedgerFixture } from '../fixtures/ledger.ts'

const root = join(import.meta.dirname, '../..')
/** A build of its own: inside the project, where its packages are found. */
const built = join(root, 'test-results', 'command')
// Each test starts processes.
vi.setConfig({ testTimeout: 60_000 })

let folder: string
let fixture: LedgerFixture
let vkey: string
let receipt: Receipt
let small: string
let long: { path: string; vkey: string }

function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

function sayso(args: string[], { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {}): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(built, 'main.js'), ...args], { env: { ...process.env, ...env } })
    const ended = { out: '', err: '' }
    child.stdout.on('data', (data) => void (ended.out += String(data)))
    child.stderr.on('data', (data) => void (ended.err += String(data)))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...ended }))
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

const reportOf = async (args: string[], options?: { input?: string }) => {
  const { out, code } = await sayso(['verify', ...args, '--json'], options)
  return { code, report: JSON.parse(out) as Record<string, any> }
}

beforeAll(async () => {
  await build({ root, mode: 'server', configFile: join(root, 'vite.config.ts'), logLevel: 'warn', build: { outDir: built } })
  folder = mkdtempSync(join(tmpdir(), 'sayso-verify-'))
  fixture = await createLedgerFixture()
  vkey = formatNoteKey(fixture.keys[0]!)
  const [result] = await fixture.record(await (await createDevice()).decide({ analytics: 'given' }))
  receipt = (result as { receipt: Receipt }).receipt
  let text = ''
  for await (const piece of exportSite('shop', fixture)) text += piece
  small = write('small.ndjson', text)
  const path = join(folder, 'long.ndjson')
  long = { path, vkey: await writeExportFile(path, 800) }
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('sayso verify --json', () => {
  test('gives one report on one line, and 0 where all holds', async () => {
    const { code, report } = await reportOf([small, '--key', vkey])
    expect(code).toBe(0)
    expect(report).toMatchObject({ format: 'sayso-report/1', isValid: true, kind: 'site', leaves: 6, findings: [], totals: { findings: 0, remarks: 0 }, events: { device: 1, ephemeral: 0, server: 0 } })
  })

  test('names what does not hold, and ends with 1', async () => {
    const path = write('changed.ndjson', readFileSync(small, 'utf8').replace('Count visits to improve the shop.', 'Count visits and sell the result.'))
    const { code, report } = await reportOf([path, '--key', vkey])
    expect(code).toBe(1)
    expect(report.isValid).toBe(false)
    expect(report.findings).toContainEqual({ code: 'notice_hash', index: 1, detail: expect.stringContaining('its hash differs') })
  })

  test('reads standard input', async () => {
    expect((await reportOf(['-', '--key', vkey], { input: readFileSync(small, 'utf8') })).code).toBe(0)
  })

  test('says of a file that is not UTF-8 where it stopped holding, without a stack', async () => {
    const path = join(folder, 'latin1.ndjson')
    writeFileSync(path, Buffer.concat([readFileSync(small), Buffer.from([0xff, 0xfe])]))
    const { code, report } = await reportOf([path, '--key', vkey])
    expect({ code, codes: report.findings.map((finding: { code: string }) => finding.code) }).toEqual({ code: 1, codes: ['utf8'] })
  })
})

describe('a receipt', () => {
  test('is checked by the same command', async () => {
    const path = write('receipt.json', JSON.stringify(receipt, null, 2))
    expect(await reportOf([path, '--key', vkey])).toMatchObject({ code: 0, report: { kind: 'receipt', isValid: true, origin: 'consent.example/log/shop', events: { device: 1 } } })
    expect((await sayso(['verify', path, '--key', vkey])).out).toMatch(/^All holds: receipt consent\.example\/log\/shop, 1 leaves\n/)
  })

  test.each<[string, (text: string) => string, string]>([
    ['whose leaf is another', (text) => text.replace(/received_at\\":\\"2026/, String.raw`received_at\":\"2025`), 'inclusion'],
    ['that says the same name twice', (text) => text.replace('{', '{"format":"sayso-receipt/1",'), 'json_duplicate_name'],
    ['whose notice is another', (text) => text.replace(/"notice_hash":"./, '"notice_hash":"_'), 'notice_hash'],
  ])('%s does not hold', async (_name, forge, code) => {
    const { code: exit, report } = await reportOf([write('forged.json', forge(JSON.stringify(receipt))), '--key', vkey])
    expect(exit).toBe(1)
    expect(report.findings.map((finding: { code: string }) => finding.code)).toEqual([code])
  })
})

describe('a long file', () => {
  test('is read by all cores, finds the same, and leaves nothing behind', async () => {
    const scratch = mkdtempSync(join(folder, 'scratch-'))
    const good = await sayso(['verify', long.path, '--key', long.vkey, '--json'], { env: { TMPDIR: scratch } })
    expect(good).toMatchObject({ code: 0, err: '' })
    expect(JSON.parse(good.out)).toMatchObject({ isValid: true, leaves: 801, events: { device: 800 } })
    expect(readdirSync(scratch)).toEqual([])

    const lines = readFileSync(long.path, 'utf8').split('\n')
    lines[700] = lines[700]!.replace(/"event":"eyJ/, '"event":"eyK')
    const { code, report } = await reportOf([write('long-changed.ndjson', lines.join('\n')), '--key', long.vkey])
    expect(code).toBe(1)
    expect(report.findings).toContainEqual(expect.objectContaining({ code: 'event_hash', index: 699 }))
  })

  test('shows how far it is to somebody at a terminal, and to nobody else', async () => {
    let shown = ''
    const io = { env: {}, out: () => {}, err: (text: string) => void (shown += text), signal: new AbortController().signal }
    await run(['verify', long.path, '--key', long.vkey], io)
    expect(shown).toBe('')
    await run(['verify', long.path, '--key', long.vkey], { ...io, isWatched: true })
    expect(shown).toContain('\r[##############################] 100 %')
    expect(shown.endsWith('\r\u001b[K')).toBe(true)
  })
})

test.each([[['verify']], [['verify', 'x']], [['verify', 'x', 'y', '--key', 'k']], [['verify', 'x', '--key', 'nonsense']]])('%j ends with 2', async (args) => {
  expect(await sayso(args)).toMatchObject({ code: 2, out: '' })
})

test('a file or folder that cannot be read ends with 2 and its name', async () => {
  const path = join(folder, 'none.ndjson')
  expect(await sayso(['verify', path, '--key', vkey])).toEqual({ code: 2, out: '', err: `${path}: cannot be read (ENOENT)\n` })
  expect(await sayso(['verify', folder, '--key', vkey])).toEqual({ code: 2, out: '', err: `${folder}: cannot be read (EISDIR)\n` })
  expect(await sayso(['verify', small, '--key', vkey, '--checkpoint', path])).toEqual({ code: 2, out: '', err: `${path}: cannot be read (ENOENT)\n` })
})
