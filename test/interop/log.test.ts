// The served log, checked by tools that nobody here wrote: Go's sumdb packages over HTTP, and the jose command.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMockService } from '../../api-mock/service.ts'
import type { Notice } from '../../core/notice.ts'
import { computeThumbprint } from '../../core/signature.ts'
import { type App, createApp } from '../../server/app.ts'
import { listen } from '../../server/node/http.ts'
import { createFileKeyStore } from '../../server/node/key-files.ts'
import { createSigner } from '../../server/signer.ts'
import { createSqlStore, openSqlite } from '../../server/store-sql.ts'
import type { Store } from '../../server/store.ts'
import { createDevice } from '../fixtures/device.ts'
import { createSite, SHOP_ORIGIN } from '../fixtures/site.ts'
import { buildTlog, hasGo, hasJose, runTool } from './tools.ts'

const BASE_URL = 'https://consent.example'
let folder: string
let tlog: string

interface Served {
  app: App
  log: string
  vkey: string
  stop(): Promise<void>
}

const assets = { loader: '__SAYSO_CONFIG__', build: 'test', rest: 'rest.js', files: new Map() }

/** The service over SQLite on a port, as it is after every start: nothing but the data folder is carried over. */
async function serve(): Promise<Served> {
  const store = createSqlStore(await openSqlite(join(folder, 'sayso.db')))
  const app = createApp({
    store, signer: createSigner(createFileKeyStore(join(folder, 'keys'))), mailer: { send: async () => {} }, now: Date.now, baseUrl: BASE_URL,
    random: (length) => crypto.getRandomValues(new Uint8Array(length)), assets, limits: { eventsPerIp: 1e6 },
  })
  await app.publish(createSite())
  const server = await listen(0, (request) => app.fetch(request, { ip: '192.0.2.1' }))
  const log = `http://127.0.0.1:${server.port}/log/shop`
  return {
    app, log, vkey: (await (await fetch(`${log}/key`)).text()).trim(),
    async stop() {
      await server.close()
      await app.close()
      await store.close()
    },
  }
}

/** Sends that many events in batches; each batch may be one checkpoint. */
async function grow({ log }: Served, count: number, batch = 40): Promise<void> {
  const device = await createDevice()
  for (let sent = 0; sent < count; sent += batch) {
    const events: { jws: string }[] = []
    for (let i = sent; i < Math.min(count, sent + batch); i += 1) events.push({ jws: await device.decide({ analytics: i % 2 === 0 ? 'given' : 'withdrawn' }) })
    const response = await fetch(new URL('/v1/sites/shop/events', log), { method: 'POST', body: JSON.stringify({ events }), headers: { 'content-type': 'application/json', origin: SHOP_ORIGIN } })
    const { results } = (await response.json()) as { results: { status: number }[] }
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set([201]))
  }
}

const kept: string[] = []

async function keepCheckpoint({ log }: Served): Promise<void> {
  const path = join(folder, `checkpoint-${kept.length}`)
  writeFileSync(path, await (await fetch(`${log}/checkpoint`)).text())
  kept.push(path)
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sayso-interop-'))
  if (hasGo) tlog = await buildTlog(folder)
}, 180_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(!hasGo)('Go’s sumdb packages', () => {
  test('open the checkpoint, rebuild the root, find every record and every earlier checkpoint, past 600 leaves and a restart', async () => {
    let served = await serve()
    const { vkey } = served
    await keepCheckpoint(served)
    for (const count of [1, 2, 60, 190, 1, 100]) {
      await grow(served, count)
      await keepCheckpoint(served)
    }
    await served.stop()
    served = await serve()
    try {
      expect(served.vkey).toBe(vkey)
      await keepCheckpoint(served)
      for (const count of [150, 131]) {
        await grow(served, count)
        await keepCheckpoint(served)
      }
      const { code, out, err } = await runTool(tlog, [served.log, vkey, '1', ...kept.slice(0, -1)])
      expect({ code, err }).toEqual({ code: 0, err: '' })
      expect(out).toBe('size 640, 640 records included, 45 pairs consistent\n')

      // They do refuse what is wrong: another key, and a checkpoint that was signed but is not of this history.
      const foreign = await createMockService({ sites: [createSite()], baseUrl: BASE_URL })
      const [other] = await foreign.app.ledger.vkeys('shop')
      expect(await runTool(tlog, [served.log, other!, '1'])).toMatchObject({ code: 1, err: expect.stringContaining('note') })
    } finally {
      await served.stop()
    }
  }, 180_000)

  test('verify a log of 70,000 leaves, whose tree has three levels of tiles', async () => {
    const { app, store } = await createMockService({ sites: [createSite()], baseUrl: BASE_URL })
    const sizes = await growFast(app, store, 70_000)
    const server = await listen(0, (request) => app.fetch(request, { ip: '192.0.2.1' }))
    try {
      const paths = await Promise.all(sizes.map(async (size) => {
        const path = join(folder, `large-${size}`)
        writeFileSync(path, (await store.findCheckpoint('shop', size))!.note)
        return path
      }))
      const [vkey] = await app.ledger.vkeys('shop')
      const { code, out, err } = await runTool(tlog, [`http://127.0.0.1:${server.port}/log/shop`, vkey!, '7919', ...paths.slice(0, -1)])
      expect({ code, err }).toEqual({ code: 0, err: '' })
      expect(out).toBe(`size ${sizes.at(-1)}, 10 records included, ${(sizes.length * (sizes.length - 1)) / 2} pairs consistent\n`)
    } finally {
      await server.close()
      await app.close()
    }
  }, 300_000)
})

/** Grows a log through its sequencer, 512 leaves a batch; resolves to the sizes of ten of its checkpoints. */
async function growFast({ ledger }: App, store: Store, count: number): Promise<number[]> {
  // Notices go in by hash without being read, so these need not be whole.
  const notices = Array.from({ length: count }, (_, i) => ({ n: i }) as unknown as Notice)
  await ledger.publish({ ...createSite(), notices })
  await ledger.publish(createSite())
  const sizes: number[] = []
  for (let size = 1; size <= (await store.readHead('shop')).size; size += 1) if (await store.findCheckpoint('shop', size)) sizes.push(size)
  return sizes.filter((size, i) => i === sizes.length - 1 || i % Math.ceil(sizes.length / 9) === 0)
}

describe.skipIf(!hasJose)('the jose command', () => {
  test('verifies an event with the key in its header, and refuses it with a byte changed', async () => {
    const device = await createDevice()
    const jws = await device.decide({ analytics: 'given', video: 'refused' })
    const [header, payload, signature] = jws.split('.')
    const { jwk } = JSON.parse(Buffer.from(header!, 'base64url').toString()) as { jwk: object }
    const write = (name: string, text: string) => {
      const path = join(folder, name)
      writeFileSync(path, text)
      return path
    }
    const key = write('device.jwk', JSON.stringify(jwk))
    const good = await runTool('jose', ['jws', 'ver', '-i', write('event.jws', jws), '-k', key, '-O', '-'])
    expect(good).toMatchObject({ code: 0, out: Buffer.from(payload!, 'base64url').toString() })

    const changed = Buffer.from(payload!, 'base64url').toString().replace('"refused"', '"given"')
    const forged = [header, Buffer.from(changed).toString('base64url'), signature].join('.')
    expect((await runTool('jose', ['jws', 'ver', '-i', write('forged.jws', forged), '-k', key])).code).not.toBe(0)
    const foreign = write('foreign.jwk', JSON.stringify((await createDevice()).signer.publicJwk))
    expect((await runTool('jose', ['jws', 'ver', '-i', write('event.jws', jws), '-k', foreign])).code).not.toBe(0)
  })

  test('finds the same thumbprint', async () => {
    const { signer } = await createDevice()
    const path = join(folder, 'thumbprint.jwk')
    writeFileSync(path, JSON.stringify(signer.publicJwk))
    expect((await runTool('jose', ['jwk', 'thp', '-i', path, '-a', 'S256'])).out.trim()).toBe(computeThumbprint(signer.publicJwk))
  })
})
