// What one IP address may do, and that errors of the service's own show nothing of its inside.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createMemoryStore } from '../../server/store-memory.ts'
import { createMockService } from '../../api-mock/service.ts'
import { askForLink } from '../contract/preference-visit.ts'
import { openStage, postBatch, postJws, type ServiceStage } from '../contract/service-stage.ts'
import { createDevice, type Device } from '../fixtures/device.ts'
import { createSite, SHOP_ORIGIN } from '../fixtures/site.ts'

let stage: ServiceStage
let device: Device
let ip: string

beforeEach(async () => {
  ip = '192.0.2.1'
  stage = await openStage({ connect: (app) => ({ send: (request) => app.fetch(request, { ip }) }) })
  device = await createDevice()
})
afterEach(() => stage.close())

test('an IP address sends 120 events a minute, one by one or together; then it is told when to go on, and nothing is lost', async () => {
  const entries = []
  for (let i = 0; i < 119; i += 1) entries.push({ jws: await device.decide({ analytics: 'given' }) })
  expect((await postBatch(stage, entries.slice(0, 100))).status).toBe(200)
  expect((await postBatch(stage, entries.slice(100))).status).toBe(200)
  expect((await postJws(stage, await device.decide({ video: 'given' }))).status).toBe(201)
  const late = await device.decide({ video: 'refused' })
  const over = await postJws(stage, late)
  expect([over.status, over.headers.get('retry-after'), over.headers.get('access-control-allow-origin')]).toEqual([429, '60', SHOP_ORIGIN])
  ip = '192.0.2.2'
  expect((await postJws(stage, await (await createDevice()).decide({ video: 'given' }))).status).toBe(201)
  ip = '192.0.2.1'
  stage.clock.nowMs += 60_000
  expect((await postJws(stage, late)).status).toBe(201)
})

test('an IP address asks for 30 links in ten minutes', async () => {
  for (let i = 0; i < 30; i += 1) await askForLink(stage, `p${i}@example.org`)
  const over = await stage.send('/v1/sites/shop/links', { method: 'POST', body: '{"email":"p31@example.org"}', headers: { 'content-type': 'application/json' } })
  expect([over.status, over.headers.get('retry-after')]).toEqual([429, '600'])
})

test('an IP address guesses 300 links a minute, and no more', async () => {
  for (let i = 0; i < 300; i += 1) expect((await stage.send(`/p/${'x'.repeat(43)}`, { method: 'HEAD' })).status).toBe(404)
  expect((await stage.send(`/p/${'x'.repeat(43)}`)).status).toBe(429)
})

test('a store that fails is a 500 that says nothing of the inside; the operator’s log names the error, not the data', async () => {
  const lines: string[] = []
  const store = createMemoryStore()
  const { app } = await createMockService({ sites: [createSite()], store, log: (line) => lines.push(line) })
  store.findSite = async () => {
    throw new TypeError('UNIQUE constraint failed: contact.email ada@example.org')
  }
  const response = await app.fetch(new Request('https://consent.example/v1/sites/shop/widget.js'))
  expect(response.status).toBe(500)
  expect(await response.json()).toMatchObject({ type: '/problems/internal', detail: expect.not.stringContaining('UNIQUE') })
  expect(lines.join('\n')).toMatch(/error in GET .*: TypeError/)
  expect(lines.join('\n')).not.toContain('ada@')
  expect((await app.fetch(new Request('https://consent.example/healthz'))).status).toBe(200)
})

test('what is refused can be read by the page that sent it', async () => {
  const refused = await postJws(stage, 'nonsense')
  expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([422, SHOP_ORIGIN])
})
