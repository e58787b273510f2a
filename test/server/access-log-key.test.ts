// A log of accesses is signed by the key of its site's own log, under a name of its own: it names that key from the start, follows
// when it changes, and is never begun with another.
import { beforeEach, describe, expect, it } from 'vitest'
import { accessLogOf, writeAccess } from '../../core/access.ts'
import { formatNoteKey, type NoteKey, parseCheckpoint, parseNoteKey, signCheckpoint, verifyCheckpoint } from '../../core/checkpoint.ts'
import { exportAccesses } from '../../server/export.ts'
import { createLedger } from '../../server/ledger.ts'
import { createEnvironmentKeyStore, parseEnvironmentKeys } from '../../server/node/key-environment.ts'
import { checkKeys } from '../../server/readiness.ts'
import { createMemoryKeyStore, createSigner, generateKey, type KeyStore } from '../../server/signer.ts'
import { auditLines, codesOf, collectLines } from '../fixtures/audit.ts'
import { createLedgerFixture, type LedgerFixture } from '../fixtures/ledger.ts'

const LOG = accessLogOf('shop')
let keyStore: KeyStore
let fixture: LedgerFixture
beforeEach(async () => {
  keyStore = createMemoryKeyStore()
  fixture = await createLedgerFixture({ keyStore })
})

let salts = 0
const record = (from = fixture) => from.ledger.recordAccesses('shop', [writeAccess({
  site: 'shop', operator: { kind: 'admin', id: null, name: null }, action: 'contacts:read', route: 'GET /v1/sites/{site}/contacts', status: 200, subject: null,
}, { timeMs: from.clock.nowMs, salt: Buffer.alloc(16, (salts += 1)).toString('base64url') })])
const readKeys = async (log = LOG) => (await fixture.ledger.vkeys(log)).map(parseNoteKey)
const audit = async (keys: NoteKey[], earlierCheckpoints: string[] = []) => codesOf(await auditLines(await collectLines(exportAccesses('shop', fixture)), { keys, earlierCheckpoints }))
const same = ({ publicKey }: NoteKey) => Buffer.from(publicKey).toString('hex')

describe('the key', () => {
  it('is that of the site’s own log under another name, and the first leaf says so', async () => {
    expect((await readKeys()).map(same)).toEqual(fixture.keys.map(same))
    await record()
    const [key] = await readKeys()
    expect([key!.name, same(key!)]).toEqual(['consent.example/log/shop.access', same(fixture.keys[0]!)])
    expect((await fixture.store.readLeaves(LOG, 0, 9)).map(({ type }) => type)).toEqual(['key', 'access'])
    expect(await audit([key!])).toEqual([])
    expect(await audit(fixture.keys)).toEqual(['checkpoint_key'])
    expect((await keyStore.list()).sort()).toEqual(['shop.events', 'shop.log'])
  })

  it('of an empty log is the current one, even where the site’s own log changed it before', async () => {
    await fixture.ledger.rotate('shop', 'log')
    expect((await fixture.store.readHead(LOG)).size).toBe(0)
    const [current] = await readKeys('shop')
    await record()
    expect((await readKeys()).map(same)).toEqual([same(current!)])
    expect(await audit(await readKeys())).toEqual([])
  })
})

describe('when the site’s own log changes its key', () => {
  it('the log of accesses is handed over at once, in a checkpoint that both keys sign; then the new one signs alone', async () => {
    await record()
    const [oldKey] = await readKeys()
    const before = await fixture.ledger.checkpoint(LOG)
    await fixture.ledger.rotate('shop', 'log')
    const [newKey, former] = await readKeys()
    expect([former, same(newKey!)]).toEqual([oldKey, same((await readKeys('shop'))[0]!)])
    const handOver = await fixture.ledger.checkpoint(LOG)
    for (const key of [oldKey, newKey!]) expect((await verifyCheckpoint(handOver, [key!])).size).toBe(3)
    await record()
    await expect(verifyCheckpoint(await fixture.ledger.checkpoint(LOG), [oldKey!])).rejects.toThrow('not signed by the given log key')
    expect(await audit([newKey!, oldKey!], [before])).toEqual([])
    expect((await fixture.store.readLeaves(LOG, 0, 9)).map(({ type }) => type)).toEqual(['key', 'access', 'key', 'access'])
  })

  it('what the old one signs afterwards is caught', async () => {
    await record()
    const oldSigner = await createSigner(keyStore).signLog('shop', await fixture.ledger.origin(LOG))
    await fixture.ledger.rotate('shop', 'log')
    await record()
    const lines = await collectLines(exportAccesses('shop', fixture))
    lines[0]!.checkpoint = await signCheckpoint(parseCheckpoint(lines[0]!.checkpoint as string), oldSigner)
    expect(codesOf(await auditLines(lines, { keys: await readKeys() }))).toEqual(['retired_key'])
  })

  it('and nothing more was done, the next access does it', async () => {
    await record()
    const { readHead } = fixture.store
    // As if the command had ended in between.
    fixture.store.readHead = async (log) => (log === LOG ? { size: 0, checkpoint: null, lastReceivedAt: null } : readHead(log))
    await fixture.ledger.rotate('shop', 'log')
    fixture.store.readHead = readHead
    expect((await fixture.store.readHead(LOG)).size).toBe(2)
    await record()
    expect((await readKeys()).map(same)).toEqual((await readKeys('shop')).map(same))
    expect(await audit(await readKeys())).toEqual([])
  })

  it('a service that lacks the new one records no access', async () => {
    await record()
    const poor = createMemoryKeyStore()
    for (const name of await keyStore.list()) await poor.add(name, (await keyStore.find(name))!)
    const other = await createLedgerFixture({ store: fixture.store, keyStore: poor })
    await fixture.ledger.rotate('shop', 'log')
    const { size } = await fixture.store.readHead(LOG)
    await expect(record(other)).rejects.toThrow('The key that signs the log of “shop” now is not here.')
    expect((await fixture.store.readHead(LOG)).size).toBe(size)
  })
})

it('a key that was lost and made anew begins no log of accesses', async () => {
  const ledger = createLedger({ store: fixture.store, signer: createSigner(createMemoryKeyStore()), baseUrl: 'https://consent.example', now: () => fixture.clock.nowMs })
  await expect(record({ ...fixture, ledger })).rejects.toThrow('The key here is not the one that signed the log of “shop” so far.')
  expect((await fixture.store.readHead(LOG)).size).toBe(0)
  await record()
  expect((await fixture.store.readHead(LOG)).size).toBe(2)
})

it('SAYSO_KEYS needs no key of its own for it', async () => {
  const keys = createEnvironmentKeyStore(parseEnvironmentKeys(`{"shop.log":${await generateKey('log')},"shop.events":${await generateKey('events')}}`))
  const other = await createLedgerFixture({ keyStore: keys })
  await record(other)
  await checkKeys({ store: other.store, signer: createSigner(keys), ledger: other.ledger })
  expect(formatNoteKey(parseNoteKey((await other.ledger.vkeys(LOG))[0]!))).toMatch(/^consent\.example\/log\/shop\.access\+/)
  expect(await other.ledger.checkpoint(LOG)).toMatch(/\n2\n/)
})
