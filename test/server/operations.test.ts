// What a service says of itself to whoever runs it: whether it lives, whether it can work, how much it does.
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMockService } from '../../api-mock/service.ts'
import { isAccessLog } from '../../core/access.ts'
import { formatTime } from '../../core/time.ts'
import { readEnvironment } from '../../server/cli/environment.ts'
import { type Running, startService } from '../../server/node/start-service.ts'
import { createMemoryKeyStore, createSigner } from '../../server/signer.ts'
import { createMemoryStore } from '../../server/store-memory.ts'
import { sampleMail } from '../contract/store-samples.ts'
import { createDevice } from '../fixtures/device.ts'
import { startPostgres } from '../fixtures/postgres.ts'
import { parseMetrics } from '../fixtures/prometheus.ts'
import { createSite } from '../fixtures/site.ts'

let folder: string
let running: Running | undefined
let lines: string[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sayso-operations-'))
  lines = []
})
afterEach(async () => {
  await running?.stop()
  running = undefined
  rmSync(folder, { recursive: true, force: true })
})

async function start(env: Record<string, string> = {}): Promise<Running> {
  running = await startService({ environment: readEnvironment({ SAYSO_DATA: folder, SAYSO_PORT: '0', ...env }), isAccessLogged: true, log: (line) => void lines.push(line) })
  await running.app.publish(createSite())
  return running
}

const get = (path: string) => fetch(`${running!.baseUrl}${path}`)

/** A way to a port that can be cut and mended, as a network is. */
async function openTunnel(port: number) {
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((near) => {
    if (isCut) return void near.destroy()
    const far = connect(port, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => [near, far].forEach((each) => each.destroy()))
    }
    near.pipe(far).pipe(near)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true
      for (const socket of sockets) socket.destroy()
    },
    mend: () => void (isCut = false),
    close: () => new Promise((done) => server.close(done)),
  }
}

describe('/readyz', () => {
  test('is 503 with a problem while the database is gone, and 200 again after; the process lives on', { timeout: 120_000 }, async () => {
    const postgres = await startPostgres()
    try {
      const url = new URL(await postgres.createDatabase())
      const tunnel = await openTunnel(Number(url.port))
      url.port = `${tunnel.port}`
      try {
        await start({ SAYSO_DATABASE_URL: url.href })
        expect((await get('/readyz')).status).toBe(200)
        tunnel.cut()
        const response = await get('/readyz')
        expect([response.status, response.headers.get('content-type')]).toEqual([503, 'application/problem+json; charset=utf-8'])
        expect(await response.json()).toMatchObject({ type: '/problems/not_ready', status: 503, errors: [{ pointer: 'store', code: 'not_ready', detail: 'The store does not answer.' }] })
        expect(lines.join('\n')).toContain('not ready: ')
        expect(lines.join('\n')).not.toContain(url.hostname)
        expect((await get('/healthz')).status).toBe(200)
        tunnel.mend()
        expect((await get('/readyz')).status).toBe(200)
        await running!.stop()
        running = undefined
      } finally {
        await tunnel.close()
      }
    } finally {
      await postgres.stop()
    }
  })

  const ask = async (changes: Partial<Parameters<typeof createMockService>[0]>, store = createMemoryStore()) => {
    const { app } = await createMockService({ sites: [], store, ...changes })
    const response = await app.fetch(new Request('https://consent.example/readyz'))
    return { status: response.status, errors: response.status === 200 ? [] : ((await response.json()) as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer) }
  }

  test('says that a key is not there, and not which', async () => {
    const store = createMemoryStore()
    const signer = createSigner(createMemoryKeyStore())
    await createMockService({ sites: [createSite()], store, signer })
    expect(await ask({ signer }, store)).toEqual({ status: 200, errors: [] })
    expect(await ask({ signer, baseUrl: 'https://moved.example' }, store)).toEqual({ status: 200, errors: [] })
    // A log's first key has no leaf: where it is lost another would be made, and the last checkpoint is not of it.
    expect(await ask({ signer: createSigner(createMemoryKeyStore()) }, store)).toEqual({ status: 503, errors: ['keys'] })
    const { app } = await createMockService({ sites: [], store, signer })
    await app.ledger.rotate('shop', 'log')
    expect(await ask({ signer }, store)).toEqual({ status: 200, errors: [] })
    expect(await ask({ signer: createSigner(createMemoryKeyStore()) }, store)).toEqual({ status: 503, errors: ['keys'] })
  })

  test('says that a log’s checkpoint does not cover its leaves', async () => {
    const store = createMemoryStore()
    const signer = createSigner(createMemoryKeyStore())
    await createMockService({ sites: [createSite()], store, signer })
    const head = await store.readHead('shop')
    const { readHead } = store
    store.readHead = async (log) => (log === 'shop' ? { ...head, size: head.size + 1 } : readHead(log))
    expect(await ask({ signer }, store)).toEqual({ status: 503, errors: ['log'] })
  })

  test('and that one of the accesses to a site does not', async () => {
    const store = createMemoryStore()
    const signer = createSigner(createMemoryKeyStore())
    const { app } = await createMockService({ sites: [createSite()], store, signer, adminToken: 'a-long-enough-admin-token' })
    expect((await app.fetch(new Request('https://consent.example/v1/sites/shop/contacts', { headers: { authorization: 'Bearer a-long-enough-admin-token' } }))).status).toBe(200)
    expect(await ask({ signer }, store)).toEqual({ status: 200, errors: [] })
    const { readHead } = store
    store.readHead = async (log) => ({ ...(await readHead(log)), ...(log === 'shop.access' ? { checkpoint: null } : {}) })
    expect(await ask({ signer }, store)).toEqual({ status: 503, errors: ['log'] })
  })

  test('of many sites it looks at some each time, and again at one with a fault until that is mended', async () => {
    const store = createMemoryStore()
    const sites = Array.from({ length: 150 }, (_, i) => createSite({ site: `site-${String(i).padStart(3, '0')}` }))
    const { app } = await createMockService({ sites, store })
    const { readHead } = store
    const looked = new Set<string>()
    let isBroken = true
    store.readHead = async (site) => {
      if (!isAccessLog(site)) looked.add(site)
      const head = await readHead(site)
      return isBroken && site === 'site-120' ? { ...head, checkpoint: null } : head
    }
    const look = async () => (await app.fetch(new Request('https://consent.example/readyz'))).status
    expect([await look(), looked.size]).toEqual([200, 50])
    expect([await look(), looked.size]).toEqual([200, 100])
    expect([await look(), looked.size]).toEqual([503, 150])
    expect([await look(), await look()]).toEqual([503, 503])
    isBroken = false
    expect(await look()).toBe(200)
  })

  test('says that what is to be recorded waits for more than half a minute', async () => {
    let nowMs = Date.parse('2026-11-22T10:00:05.000Z')
    const store = createMemoryStore()
    const { app } = await createMockService({ sites: [createSite()], store, now: () => nowMs })
    const { append } = store
    const [reached, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    store.append = async (batch) => {
      reached.resolve()
      await held.promise
      return append(batch)
    }
    const sending = app.fetch(new Request('https://consent.example/v1/sites/shop/events', { method: 'POST', body: await (await createDevice()).decide({ analytics: 'given' }), headers: { 'content-type': 'text/plain' } }))
    const status = async () => (await app.fetch(new Request('https://consent.example/readyz'))).status
    await reached.promise
    nowMs += 29_000
    expect(await status()).toBe(200)
    nowMs += 2000
    expect(await status()).toBe(503)
    held.resolve()
    expect((await sending).status).toBe(201)
    expect(await status()).toBe(200)
  })
})

describe('/metrics', () => {
  const read = async (url = `${running!.baseUrl}/metrics`) => {
    const response = await fetch(url)
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    return parseMetrics(await response.text())
  }

  test('tells of events, requests, mails, logs and the process, each with its meaning and type', async () => {
    await start({ SAYSO_ADMIN_TOKEN: 'a-long-enough-admin-token' })
    const device = await createDevice()
    const send = (body: string) => fetch(`${running!.baseUrl}/v1/sites/shop/events`, { method: 'POST', body, headers: { 'content-type': 'text/plain' } })
    expect((await send(await device.decide({ analytics: 'given' }))).status).toBe(201)
    expect((await send('nonsense')).status).toBe(422)
    await get(`/p/${'q'.repeat(43)}`)
    await get('/ada@example.org')
    await fetch(`${running!.baseUrl}/v1/sites/shop/contacts`, { headers: { authorization: 'Bearer a-long-enough-admin-token' } })
    const families = await read()
    const valuesOf = (name: string) => families.get(name)!.samples.map(({ labels, value }) => [labels, value])
    const valueOf = (name: string) => families.get(name)!.samples[0]!.value
    expect(valuesOf('sayso_events_recorded_total')).toEqual([[{ site: 'shop' }, 1]])
    const counts = families.get('sayso_http_request_duration_seconds')!.samples.filter(({ name }) => name.endsWith('_count')).map(({ labels: { route, status }, value }) => [route, status, value])
    expect(counts).toEqual([['/v1/sites/{site}/events', '2xx', 1], ['/v1/sites/{site}/events', '4xx', 1], ['/p/{token}', '4xx', 1], ['none', '4xx', 1], ['/v1/sites/{site}/contacts', '2xx', 1]])
    expect(valuesOf('sayso_log_size')).toEqual([[{ site: 'shop' }, 6]])
    expect(valuesOf('sayso_access_log_size')).toEqual([[{ site: 'shop' }, 2]])
    expect(valueOf('sayso_checkpoint_age_seconds')).toBeLessThan(60)
    for (const name of ['sayso_mails_sent_total', 'sayso_mails_failed_total', 'sayso_mails_waiting', 'sayso_mails_stuck', 'sayso_mails_oldest_seconds']) expect(valuesOf(name)).toEqual([[{}, 0]])
    expect(valuesOf('sayso_build_info')).toEqual([[{ version: expect.any(String), node: process.version, widget: expect.any(String) }, 1]])
    expect(valueOf('process_resident_memory_bytes')).toBeGreaterThan(1e7)
    expect(valueOf('process_cpu_seconds_total')).toBeGreaterThan(0)
    expect(Math.abs(valueOf('process_start_time_seconds') - performance.timeOrigin / 1000)).toBeLessThan(1)
    for (const part of ['p50', 'p99', 'max']) expect(valueOf(`nodejs_eventloop_lag_${part}_seconds`)).toBeGreaterThanOrEqual(0)
  })

  test('with a port of its own is there and nowhere else', async () => {
    await start({ SAYSO_METRICS_PORT: '0' })
    expect((await get('/metrics')).status).toBe(404)
    const own = `http://localhost:${running!.metricsPort}`
    expect((await read(`${own}/metrics`)).has('sayso_log_size')).toBe(true)
    for (const [path, method] of [['/healthz', 'GET'], ['/v1/sites/shop/widget.js', 'GET'], ['/metrics', 'POST']]) expect((await fetch(own + path, { method: method! })).status).toBe(404)
  })

  test('are at the address of SAYSO_HOST alone, like the service', async () => {
    await start({ SAYSO_METRICS_PORT: '0', SAYSO_HOST: '127.0.0.2' })
    const ports = [new URL(running!.baseUrl).port, running!.metricsPort]
    const answers = (host: string) => Promise.all(ports.map((port) => fetch(`http://${host}:${port}/metrics`).then(({ status }) => status, ({ cause }: Error) => (cause as NodeJS.ErrnoException).code)))
    expect(await answers('127.0.0.2')).toEqual([404, 200])
    expect(await answers('127.0.0.1')).toEqual(['ECONNREFUSED', 'ECONNREFUSED'])
  })

  test('tells how many mails wait in the store, whoever queued them, and how long the oldest has', async () => {
    let nowMs = Date.parse('2026-11-22T10:00:05.000Z')
    const store = createMemoryStore()
    await createMockService({ sites: [createSite()], store, now: () => nowMs })
    for (const ageMs of [0, 5000]) await store.queueMail(sampleMail(`${ageMs}`, { createdAt: formatTime(nowMs + ageMs) }))
    nowMs += 90_000
    const { app } = await createMockService({ sites: [], store, now: () => nowMs })
    const families = parseMetrics(await (await app.metrics()).text())
    expect(['sayso_mails_waiting', 'sayso_mails_oldest_seconds', 'sayso_mails_stuck'].map((name) => families.get(name)!.samples[0]!.value)).toEqual([2, 90, 0])
  })
})
