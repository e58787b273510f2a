// Every way to cheat with a log of accesses that we could think of, tried on the export of a real service over SQLite: by somebody
// who holds the file only, and by an insider who holds the log's key and signs the forged tree anew.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Access } from '../../core/access.ts'
import { utf8 } from '../../core/bytes.ts'
import { type NoteKey, type NoteSigner, parseNoteKey, signCheckpoint } from '../../core/checkpoint.ts'
import { hashText } from '../../core/hash.ts'
import { TreeHistory } from '../../core/history.ts'
import { formatLeaf, type Leaf, parseLeaf } from '../../core/leaf.ts'
import { hashLeaf } from '../../core/tree.ts'
import { createMockService } from '../../api-mock/service.ts'
import type { App } from '../../server/app.ts'
import { exportAccesses, exportSite } from '../../server/export.ts'
import { createMemoryKeyStore, createSigner } from '../../server/signer.ts'
import { createSqlStore, openSqlite } from '../../server/store-sql.ts'
import type { Store } from '../../server/store.ts'
import { auditLines, collectLines, type Line } from '../fixtures/audit.ts'
import { createSite } from '../fixtures/site.ts'

const ORIGIN = 'consent.example/log/shop.access'
const clock = { nowMs: Date.parse('2026-11-22T10:00:00.000Z') }
const folder = mkdtempSync(join(tmpdir(), 'sayso-access-forgeries-'))
let store: Store
let app: App
let logSigner: NoteSigner
let keys: NoteKey[]
let genuine: Line[]
/** What a witness kept before the last access. */
let held: string
let final: string

async function ask(path: string, method = 'GET', body?: object): Promise<void> {
  clock.nowMs += 1000
  const init = { method, headers: { authorization: 'Bearer a-long-enough-admin-token', 'content-type': 'application/json' }, ...(body ? { body: JSON.stringify(body) } : {}) }
  expect((await app.fetch(new Request(`https://consent.example/v1/sites/${path}`, init))).ok).toBe(true)
}

// Leaves: 0 key, 1 Ada made a contact, 2 the contacts looked at, 3 her link made, 4 all of them taken out.
beforeAll(async () => {
  store = createSqlStore(await openSqlite(join(folder, 'sayso.db')))
  const signer = createSigner(createMemoryKeyStore())
  ;({ app } = await createMockService({ store, signer, sites: [createSite(), createSite({ site: 'other' })], now: () => clock.nowMs, adminToken: 'a-long-enough-admin-token' }))
  await ask('shop/contacts', 'POST', { email: 'ada@example.org' })
  await ask('shop/contacts')
  const [ada] = await store.listContacts('shop', { after: '', limit: 1 })
  await ask(`shop/contacts/${ada!.id}/links`, 'POST', { kind: 'P' })
  held = await app.ledger.checkpoint('shop.access')
  await ask('shop/contact-list')
  await ask('other/contacts')
  final = await app.ledger.checkpoint('shop.access')
  logSigner = await signer.signLog('shop', ORIGIN)
  keys = [...await app.ledger.vkeys('shop.access'), ...await app.ledger.vkeys('shop'), ...await app.ledger.vkeys('other.access')].map(parseNoteKey)
  genuine = await collectLines(exportAccesses('shop', { store, ledger: app.ledger }))
})
afterAll(async () => {
  await app.close()
  await store.close()
  rmSync(folder, { recursive: true })
})

const leavesOf = (lines: Line[]) => lines.filter((line) => 'leaf' in line)
const lineOf = (lines: Line[], index: number): Line => lines.find((line) => line.index === index)!
const changeLeaf = (line: Line, change: Partial<Leaf>) => void (line.leaf = formatLeaf({ ...parseLeaf(line.leaf as string), ...change }))
const append = (lines: Line[], line: Line) => void lines.splice(-1, 0, line)
const entryOf = (line: Line) => JSON.parse(line.access as string) as Access

/** Another entry in the place of this one, its leaf as it should be. */
function replaceEntry(line: Line, entry: string): void {
  line.access = entry
  changeLeaf(line, { hash: hashText(entry) })
}

function renumber(lines: Line[]): Line[] {
  for (const [index, line] of leavesOf(lines).entries()) line.index = index
  lines.at(-1)!.leaves = leavesOf(lines).length
  return lines
}

/** What an insider does last: builds the tree over the forged leaves and signs it. */
async function sign(lines: Line[]): Promise<Line[]> {
  const tree = new TreeHistory()
  for (const line of leavesOf(lines)) tree.add(hashLeaf(utf8(line.leaf as string)))
  lines[0]!.checkpoint = await signCheckpoint({ origin: ORIGIN, size: tree.size, root: await tree.rootAt(tree.size) }, logSigner)
  return lines
}

async function codesOf(lines: Line[], earlierCheckpoints: string[] = []): Promise<string[]> {
  const report = await auditLines(lines, { keys, earlierCheckpoints })
  expect(report.isValid).toBe(report.totals.findings === 0)
  return [...new Set(report.findings.map(({ code }) => code))].sort()
}

interface Forgery {
  name: string
  forge: (lines: Line[]) => unknown
  /** What the audit says of the forger who has the file only. */
  outsider: string[]
  /** What it says of one who has the log's key too. Nothing: only a checkpoint that somebody kept shows it. */
  insider: string[]
}

const FORGERIES: Forgery[] = [
  { name: 'an entry altered', outsider: ['access_hash'], insider: ['access_hash'],
    forge: (lines) => void (lineOf(lines, 4).access = JSON.stringify({ ...entryOf(lineOf(lines, 4)), operator: { kind: 'command', id: null, name: null } })) },
  { name: 'an entry altered, its leaf too', outsider: ['root'], insider: [],
    forge: (lines) => replaceEntry(lineOf(lines, 2), JSON.stringify({ ...entryOf(lineOf(lines, 2)), subject: { contact_ids: [] } })) },
  { name: 'an entry spelt in another way', outsider: ['access_hash'], insider: ['access_hash'],
    forge: (lines) => void (lineOf(lines, 2).access = ` ${lineOf(lines, 2).access}`) },
  { name: 'an entry deleted, its leaf kept', outsider: ['missing_body'], insider: ['missing_body'],
    forge: (lines) => void delete lineOf(lines, 3).access },
  { name: 'an entry said to be erased', outsider: ['missing_body'], insider: ['missing_body'],
    forge(lines) {
      delete lineOf(lines, 3).access
      lineOf(lines, 3).erased = true
    } },
  { name: 'an entry deleted with its leaf', outsider: ['size'], insider: [], forge: (lines) => void lines.splice(4, 1) },
  { name: 'the last entry cut off', outsider: ['size'], insider: [], forge: (lines) => void lines.splice(5, 1) },
  { name: 'entries re-ordered', outsider: ['received_at', 'root'], insider: ['received_at'], forge: (lines) => void lines.splice(2, 0, ...lines.splice(4, 1)) },
  { name: 'entries exchanged between their leaves', outsider: ['access_hash'], insider: ['access_hash'],
    forge(lines) {
      const [a, b] = [lineOf(lines, 2), lineOf(lines, 3)]
      ;[a.access, b.access] = [b.access, a.access]
    } },
  { name: 'an access back-dated', outsider: ['received_at', 'root'], insider: ['received_at'],
    forge: (lines) => changeLeaf(lineOf(lines, 4), { received_at: '2025-01-01T00:00:00.000Z' }) },
  { name: 'an entry twice', outsider: ['access_id_duplicate', 'size'], insider: ['access_id_duplicate'],
    forge: (lines) => append(lines, { ...lineOf(lines, 4) }) },
  { name: 'an entry of another site', outsider: ['access_site', 'root'], insider: ['access_site'],
    forge: (lines) => replaceEntry(lineOf(lines, 4), JSON.stringify({ ...entryOf(lineOf(lines, 4)), site: 'other' })) },
  { name: 'an entry with an address in it', outsider: ['root', 'unknown_member'], insider: ['unknown_member'],
    forge: (lines) => replaceEntry(lineOf(lines, 3), JSON.stringify({ ...entryOf(lineOf(lines, 3)), email: 'ada@example.org' })) },
  { name: 'a subject that is no random id', outsider: ['check', 'root'], insider: ['check'],
    forge: (lines) => replaceEntry(lineOf(lines, 3), JSON.stringify({ ...entryOf(lineOf(lines, 3)), subject: { contact_id: 'ada@example.org' } })) },
  { name: 'an entry that is no JSON', outsider: ['json_syntax', 'root'], insider: ['json_syntax'], forge: (lines) => replaceEntry(lineOf(lines, 3), 'none of your business') },
  { name: 'a leaf of a site’s own log among them', outsider: ['leaf', 'root'], insider: ['leaf'],
    forge: (lines) => changeLeaf(lineOf(lines, 3), { type: 'erasure' }) },
  { name: 'an access passed off as an event', outsider: ['leaf', 'root'], insider: ['leaf'], forge: (lines) => changeLeaf(lineOf(lines, 3), { type: 'event' }) },
  { name: 'the log passed off as a site’s own', outsider: ['leaf', 'origin'], insider: ['leaf', 'origin'], forge: (lines) => void (lines[0]!.kind = 'site') },
]

it('the genuine export holds, against what was kept too', async () => {
  expect(await codesOf(genuine)).toEqual([])
  expect(await codesOf(genuine, [held, final])).toEqual([])
  expect(genuine.filter((line) => line.access)).toHaveLength(4)
})

describe.each(FORGERIES)('$name', ({ forge, outsider, insider }) => {
  const forged = async () => {
    const lines = structuredClone(genuine)
    await forge(lines)
    return renumber(lines)
  }

  it(`is caught as ${outsider.join(', ')}`, async () => {
    expect(await codesOf(await forged())).toEqual(outsider)
  })

  it(insider.length > 0 ? `by an insider it is caught as ${insider.join(', ')}` : 'by an insider only a checkpoint kept elsewhere shows it', async () => {
    const lines = await sign(await forged())
    expect(await codesOf(lines)).toEqual(insider)
    if (insider.length === 0) expect([['inconsistent'], ['split_view']]).toContainEqual(await codesOf(lines, [final]))
  })
})

it('an access in a site’s own log is caught as leaf', async () => {
  const lines = await collectLines(exportSite('shop', { store, ledger: app.ledger }))
  append(lines, { index: leavesOf(lines).length, leaf: lineOf(genuine, 4).leaf, access: lineOf(genuine, 4).access })
  expect(await codesOf(renumber(lines))).toEqual(['leaf', 'size'])
  lines[0]!.kind = 'accesses'
  expect(await codesOf(lines)).toEqual(['leaf', 'origin', 'size'])
})

it('the log of another site in its place is caught by its name', async () => {
  const lines = await collectLines(exportAccesses('other', { store, ledger: app.ledger }))
  expect(await codesOf(lines)).toEqual([])
  lines[0]!.origin = ORIGIN
  expect(await codesOf(lines)).toEqual(['access_site', 'origin'])
})

it('what nothing can show: an operator who reads the database, and records nothing', async () => {
  const { size } = await store.readHead('shop.access')
  expect(await store.listContacts('shop', { after: '', limit: 1 })).toHaveLength(1)
  expect((await store.readHead('shop.access')).size).toBe(size)
})
