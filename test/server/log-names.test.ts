// A log keeps its name: the service may move to another address, and a command may be told none.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseCheckpoint } from '../../core/checkpoint.ts'
import { findFreePort } from '../../scripts/demo-process.ts'
import { createLogNames } from '../../server/log-names.ts'
import { createMemoryStore } from '../../server/store-memory.ts'
import { sayso as runSayso, whileServing } from '../fixtures/command.ts'
import { createDevice } from '../fixtures/device.ts'
import { createLedgerFixture } from '../fixtures/ledger.ts'
import { createSite, SHOP_ORIGIN } from '../fixtures/site.ts'

let folder: string
let env: Record<string, string>
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sayso-names-'))
  env = { SAYSO_DATA: join(folder, 'data'), SAYSO_PORT: '0', SAYSO_BASE_URL: 'https://first.example' }
  writeFileSync(join(folder, 'site.json'), JSON.stringify(createSite()))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const sayso = (...args: string[]) => runSayso(args, env)

/** Exports a log, checks it against its key, and returns the name it goes by. */
async function verify(...more: string[]): Promise<string> {
  const [file, vkey] = [join(folder, 'export.ndjson'), (await sayso('key', '--site', 'shop', ...more)).out.trim().split('\n')[0]!]
  expect((await sayso('export', '--site', 'shop', ...more, '--out', file)).code).toBe(0)
  expect(await sayso('verify', file, '--key', vkey)).toMatchObject({ code: 0, err: '' })
  return vkey.split('+')[0]!
}

test('a service at another address goes on with the log, and takes events that name its checkpoints', async () => {
  await sayso('site', 'publish', join(folder, 'site.json'))
  await verify('--accesses')
  const device = await createDevice()
  for (const address of ['https://second.example', 'https://third.example']) {
    const port = await findFreePort()
    env = { ...env, SAYSO_BASE_URL: address, SAYSO_PORT: String(port) }
    const { code, out, err } = await whileServing(env, async () => {
      const url = `http://127.0.0.1:${port}`
      const { origin, size, root } = parseCheckpoint(await (await fetch(`${url}/log/shop/checkpoint`)).text())
      expect(origin).toBe('first.example/log/shop')
      const body = await device.decide({ analytics: 'given' }, { log_anchor: { origin, size, root: Buffer.from(root).toString('base64') } })
      const answer = await fetch(`${url}/v1/sites/shop/events`, { method: 'POST', body, headers: { 'content-type': 'text/plain', origin: SHOP_ORIGIN } })
      expect([answer.status, await answer.text()]).toEqual([201, expect.stringContaining('first.example/log/shop')])
    })
    expect([code, out + err]).toEqual([0, expect.stringContaining('1 of 1 logs began at another address and keep their names, for example first.example/log/shop.')])
  }
  expect(await verify()).toBe('first.example/log/shop')
  expect(await verify('--accesses')).toBe('first.example/log/shop.access')
})

test('a command without SAYSO_BASE_URL writes to the log under its own name', async () => {
  await sayso('site', 'publish', join(folder, 'site.json'))
  delete env.SAYSO_BASE_URL
  // The first access of all: that log is called after the site's own.
  expect(await verify('--accesses')).toBe('first.example/log/shop.access')
  expect((await sayso('key', 'rotate', '--site', 'shop')).out.split('\n').slice(0, 2).map((vkey) => vkey.split('+')[0])).toEqual(['first.example/log/shop', 'first.example/log/shop.access'])
  expect(await verify()).toBe('first.example/log/shop')
  expect(await verify('--accesses')).toBe('first.example/log/shop.access')
})

test('a command without SAYSO_BASE_URL names a new log as the service over the same folder does', async () => {
  const { out, err } = await whileServing(env, async () => {})
  expect(out + err).not.toContain('another address')
  delete env.SAYSO_BASE_URL
  expect((await sayso('site', 'publish', join(folder, 'site.json'))).out).toContain('are in the log of first.example/log/shop.')
  env.SAYSO_BASE_URL = 'https://second.example'
  writeFileSync(join(folder, 'other.json'), JSON.stringify({ ...createSite(), site: 'other' }))
  expect((await sayso('site', 'publish', join(folder, 'other.json'))).out).toContain('are in the log of second.example/log/other.')
})

test('a service that cannot keep its address for commands says so, and serves', async () => {
  mkdirSync(join(folder, 'data/base-url'), { recursive: true })
  const { code, out, err } = await whileServing(env, async () => {})
  expect([code, out + err]).toEqual([0, expect.stringContaining('keeping the address for commands failed: Error EISDIR')])
})

test('a name is settled by the first checkpoint, whoever wrote it', async () => {
  const store = createMemoryStore()
  const find = createLogNames(store, 'https://second.example/')
  expect([await find('shop'), await find('shop.access')]).toEqual(['second.example/log/shop', 'second.example/log/shop.access'])
  await createLedgerFixture({ store })
  expect([await find('shop'), await find('shop.access')]).toEqual(['consent.example/log/shop', 'consent.example/log/shop.access'])
  expect(await find('other')).toBe('second.example/log/other')
})
