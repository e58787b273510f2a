// Every way to cheat with a log of accesses that we could think of, tried on the export of a real service over SQLite: by somebody
// who holds the file only, and by an insider who holds the log's key and signs the forged tree anew.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Access } from '../../core/access.ts'
import { parseNoteKey } from '../../core/checkpoint.ts'
import { hashText } from '../../core/hash.ts'
import { createMockService } from '../../api-mock/service.ts'
import type { App } from '../../server/app.ts'
import { exportAccesses, exportSite } from '../../server/export.ts'
import { createMemoryKeyStore, createSigner } from '../../server/signer.ts'
import { createSqlStore, openSqlite } from '../../server/store-sql.ts'
import type { Store } from '../../server/store.ts'
import { collectLines, type Line } from '../fixtures/audit.ts'
import { createSite } from '../fixtures/site.ts'
import { changeLeaf, codesOf, describeForgeries, type Forgery, leavesOf, lineOf, type Original, renumber } from './forgery.ts'

const ORIGIN = 'consent.example/log/shop.access'
const clock = { nowMs: Date.parse('2026-11-22T10:00:00.000Z') }
const folder = mkdtempSync(join(tmpdir(), 'sayso-access-forgeries-'))
let store: Store
let app: App
let original: Original

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
  const held = await app.ledger.checkpoint('shop.access')
  await ask('shop/contact-list')
  await ask('other/contacts')
  const final = await app.ledger.checkpoint('shop.access')
  original = {
    origin: ORIGIN, held, final, signer: await signer.signLog('shop', ORIGIN),
    keys: [...await app.ledger.vkeys('shop.access'), ...await app.ledger.vkeys('shop'), ...await app.ledger.vkeys('other.access')].map(parseNoteKey),
    genuine: await collectLines(exportAccesses('shop', { store, ledger: app.ledger })),
  }
})
afterAll(async () => {
  await app.close()
  await store.close()
  rmSync(folder, { recursive: true })
})

const append = (lines: Line[], line: Line) => void lines.splice(-1, 0, line)
const entryOf = (line: Line) => JSON.parse(line.access as string) as Access

/** Another entry in the place of this one, its leaf as it should be. */
function replaceEntry(line: Line, entry: string): void {
  line.access = entry
  changeLeaf(line, { hash: hashText(entry) })
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

describeForgeries(FORGERIES, () => original, { member: 'access', bodies: 4 })

it('an access in a site’s own log is caught as leaf', async () => {
  const lines = await collectLines(exportSite('shop', { store, ledger: app.ledger }))
  append(lines, { index: leavesOf(lines).length, leaf: lineOf(original.genuine, 4).leaf, access: lineOf(original.genuine, 4).access })
  expect(await codesOf(renumber(lines), original)).toEqual(['leaf', 'size'])
  lines[0]!.kind = 'accesses'
  expect(await codesOf(lines, original)).toEqual(['leaf', 'origin', 'size'])
})

it('the log of another site in its place is caught by its name', async () => {
  const lines = await collectLines(exportAccesses('other', { store, ledger: app.ledger }))
  expect(await codesOf(lines, original)).toEqual([])
  lines[0]!.origin = ORIGIN
  expect(await codesOf(lines, original)).toEqual(['access_site', 'origin'])
})

it('what nothing can show: an operator who reads the database, and records nothing', async () => {
  const { size } = await store.readHead('shop.access')
  expect(await store.listContacts('shop', { after: '', limit: 1 })).toHaveLength(1)
  expect((await store.readHead('shop.access')).size).toBe(size)
})
