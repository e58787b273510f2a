// The log of accesses at a terminal: exports by command stand in it, it is exported, checked, backed up and restored like any log.
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Access, writeAccess } from '../../core/access.ts'
import type { ConsentEvent } from '../../core/event.ts'
import { parseCompact } from '../../core/signature.ts'
import { findFreePort } from '../../scripts/demo-process.ts'
import { readEnvironment } from '../../server/cli/environment.ts'
import { openData } from '../../server/node/open-data.ts'
import { sayso as runSayso, whileServing } from '../fixtures/command.ts'
import { createDevice } from '../fixtures/device.ts'
import { createSite, SHOP_ORIGIN } from '../fixtures/site.ts'

const ADMIN_TOKEN = 'a-long-enough-admin-token'
let folder: string
let env: Record<string, string>
const sayso = (...args: string[]) => runSayso(args, env)

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sayso-accesses-'))
  const port = await findFreePort()
  env = { SAYSO_DATA: join(folder, 'data'), SAYSO_PORT: String(port), SAYSO_BASE_URL: `http://localhost:${port}`, SAYSO_ADMIN_TOKEN: ADMIN_TOKEN }
  writeFileSync(join(folder, 'site.json'), JSON.stringify(createSite()))
  expect((await sayso('site', 'publish', join(folder, 'site.json'))).code).toBe(0)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function entriesOf(text: string): Access[] {
  return text.trim().split('\n').flatMap((line) => {
    const { access } = JSON.parse(line) as { access?: string }
    return access === undefined ? [] : [JSON.parse(access) as Access]
  })
}

async function exportAccesses(): Promise<{ path: string; text: string; vkey: string }> {
  const path = join(folder, 'accesses.ndjson')
  expect(await sayso('export', '--site', 'shop', '--accesses', '--out', path)).toEqual({ code: 0, out: '', err: '' })
  return { path, text: readFileSync(path, 'utf8'), vkey: (await sayso('key', '--site', 'shop', '--accesses')).out.trim() }
}

const readContacts = (url: string) => fetch(`${url}/v1/sites/shop/contacts`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })

describe('sayso export', () => {
  test('of a site, a record and the accesses is an access, too, and the file of them holds', async () => {
    const jws = await (await createDevice()).decide({ analytics: 'given' })
    const { record_id: recordId } = parseCompact(jws).payload as unknown as ConsentEvent
    await whileServing(env, async (url) => {
      expect((await fetch(`${url}/v1/sites/shop/events`, { method: 'POST', body: jws, headers: { 'content-type': 'text/plain', origin: SHOP_ORIGIN } })).status).toBe(201)
      expect((await sayso('contacts', 'export', '--site', 'shop')).code).toBe(0)
    })
    expect((await sayso('export', '--site', 'shop')).code).toBe(0)
    for (const format of ['ndjson', 'jsonld']) expect((await sayso('export', '--site', 'shop', '--record', recordId, '--format', format)).code).toBe(0)
    expect((await sayso('export', '--site', 'shop', '--record', 'nobody')).code).toBe(1)
    const { path, text, vkey } = await exportAccesses()
    expect(entriesOf(text).map(({ operator, action, route, status, subject }) => [operator.kind, action, route, status, subject])).toEqual([
      ['admin', 'contacts:export', 'GET /v1/sites/{site}/contact-list', 200, null], ['command', 'site:export', 'sayso export', null, null],
      ['command', 'records:export', 'sayso export', null, { record_id: recordId }], ['command', 'records:export', 'sayso export', null, { record_id: recordId }],
      ['command', 'accesses:read', 'sayso export', null, null],
    ])
    expect(await sayso('verify', path, '--key', vkey)).toEqual({
      code: 0, err: '', out: `All holds: accesses ${env.SAYSO_BASE_URL!.replace('http://', '')}/log/shop.access, 6 leaves\naccesses: 5 (1 with the admin token, 0 with tokens, 4 by commands)\n`,
    })
    writeFileSync(path, text.replace('contacts:export', 'contacts:read'))
    expect(await sayso('verify', path, '--key', vkey)).toMatchObject({ code: 1, out: expect.stringMatching(/^FAIL leaf 1: access_hash: /) })
    const ownKey = (await sayso('key', '--site', 'shop')).out.trim()
    expect(await sayso('verify', path, '--key', ownKey)).toMatchObject({ code: 1, out: expect.stringContaining('checkpoint_key') })
  })

  test('that cannot be recorded writes nothing', async () => {
    await exportAccesses()
    cpSync(join(folder, 'data/keys'), join(folder, 'kept-keys'), { recursive: true })
    rmSync(join(folder, 'data/keys/shop.log.jwk'))
    const out = join(folder, 'out.ndjson')
    expect(await sayso('export', '--site', 'shop', '--out', out)).toMatchObject({ code: 1, out: '', err: expect.stringContaining('The key that signs the log of “shop” now is not here.') })
    expect(await sayso('export', '--site', 'shop')).toMatchObject({ code: 1, out: '' })
    expect(existsSync(out)).toBe(false)
    rmSync(join(folder, 'data/keys'), { recursive: true })
    cpSync(join(folder, 'kept-keys'), join(folder, 'data/keys'), { recursive: true })
    expect((await sayso('export', '--site', 'shop')).code).toBe(0)
  })

  test.each([[['--accesses', '--record', 'x']], [['--accesses', '--format', 'jsonld']]])('with %j ends with 2, and is no access', async (more) => {
    expect((await sayso('export', '--site', 'shop', ...more)).code).toBe(2)
    expect(entriesOf((await exportAccesses()).text)).toHaveLength(1)
  })

  test('of thousands of accesses is checked by all cores', async () => {
    const { store, ledger } = await openData(readEnvironment(env), env.SAYSO_BASE_URL!)
    const entry = (i: number) => writeAccess({
      site: 'shop', operator: { kind: 'token', id: 'n'.repeat(22), name: 'Newsletter tool' }, action: 'contacts:read', route: 'GET /v1/sites/{site}/contacts', status: 200, subject: null,
    }, { timeMs: Date.now(), salt: Buffer.alloc(16, i).toString('base64url') })
    await ledger.recordAccesses('shop', Array.from({ length: 2000 }, (_, i) => entry(i)))
    await store.close()
    const { path, text, vkey } = await exportAccesses()
    expect(text.length).toBeGreaterThan(600_000)
    expect(await sayso('verify', path, '--key', vkey)).toMatchObject({ code: 0, out: expect.stringContaining('accesses: 2001 (0 with the admin token, 2000 with tokens, 1 by commands)') })
    const lines = text.split('\n')
    lines[1500] = lines[1500]!.replace('Newsletter tool', 'Somebody else’s')
    writeFileSync(path, lines.join('\n'))
    expect(await sayso('verify', path, '--key', vkey)).toMatchObject({ code: 1, out: expect.stringMatching(/^FAIL leaf 1499: access_hash: /) })
  })
})

test('sayso key rotate hands over both logs, and prints both keys', async () => {
  await exportAccesses()
  const { out, code } = await sayso('key', 'rotate', '--site', 'shop')
  const [own, ofAccesses] = out.split('\n')
  expect([code, own!.includes('/log/shop+'), ofAccesses!.includes('/log/shop.access+')]).toEqual([0, true, true])
  const { path, vkey } = await exportAccesses()
  expect(vkey.split('\n')[0]).toBe(ofAccesses)
  expect((await sayso('verify', path, '--key', ofAccesses!)).code).toBe(0)
})

test('a backup has it, and an older state of it is refused, by restore and by serve', async () => {
  await whileServing(env, async (url) => void (await readContacts(url)))
  expect((await sayso('backup', '--out', join(folder, 'old'), '--with-keys')).out).toMatch(/^shop: 5 leaves\nshop\.access: 3 leaves\n/)
  await whileServing(env, async (url) => void (await readContacts(url)))
  const older = { code: 1, err: expect.stringContaining('shop.access: The log has 3 leaves here and had 4. Going on from here would fork it.') }
  expect(await sayso('restore', join(folder, 'old'))).toMatchObject(older)
  for (const ending of ['', '-wal', '-shm']) rmSync(join(folder, `data/sayso.db${ending}`), { force: true })
  cpSync(join(folder, 'old/sayso.db'), join(folder, 'data/sayso.db'))
  expect(await sayso('serve')).toMatchObject(older)

  env = { ...env, SAYSO_DATA: join(folder, 'elsewhere') }
  expect(await sayso('restore', join(folder, 'old'))).toMatchObject({ code: 0 })
  await whileServing(env, async (url) => expect((await readContacts(url)).status).toBe(200))
  const { path, text, vkey } = await exportAccesses()
  expect(entriesOf(text).map(({ operator, action, route, status }) => [operator.kind, action, route, status])).toEqual([
    ['admin', 'contacts:read', 'GET /v1/sites/{site}/contacts', 200], ['command', 'site:export', 'sayso backup', null],
    ['admin', 'contacts:read', 'GET /v1/sites/{site}/contacts', 200], ['command', 'accesses:read', 'sayso export', null],
  ])
  expect((await sayso('verify', path, '--key', vkey)).code).toBe(0)
})

describe('sayso backup', () => {
  test('that cannot be recorded copies nothing, but with the explicit word', async () => {
    await exportAccesses()
    rmSync(join(folder, 'data/keys/shop.log.jwk'))
    const [first, second] = [join(folder, 'first'), join(folder, 'second')]
    const failed = await sayso('backup', '--out', first)
    expect(failed).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^Nothing was copied: .* --unrecorded .*\n.*The key that signs the log of “shop” now is not here\./) })
    expect(readdirSync(first)).toEqual([])
    expect(await sayso('backup', '--out', second, '--unrecorded')).toMatchObject({ code: 0, err: '', out: expect.stringContaining('shop.access: 2 leaves') })
  })

  test('of nothing says so, and makes nothing', async () => {
    env = { ...env, SAYSO_DATA: join(folder, 'empty') }
    for (const more of [[], ['--unrecorded']]) {
      expect(await sayso('backup', '--out', join(folder, 'backup'), ...more)).toMatchObject({ code: 1, out: '', err: expect.stringContaining(`There is no sayso.db in ${env.SAYSO_DATA}.`) })
    }
    expect(readdirSync(folder).sort()).toEqual(['data', 'site.json'])
  })
})
