// The service inside a browser tab: the very app answers what the page fetches, from an event to the mail's link.
import { setupWorker } from 'msw/browser'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMockHandlers } from '../../api-mock/handlers.ts'
import { createMockService, type MockService } from '../../api-mock/service.ts'
import { parseNoteKey } from '../../core/checkpoint.ts'
import { createClient } from '../../core/client.ts'
import { verifyReceipt } from '../../core/receipt.ts'
import { createDevice } from '../fixtures/device.ts'
import { createNotice, createSite } from '../fixtures/site.ts'

let service: MockService
let worker: ReturnType<typeof setupWorker>

beforeAll(async () => {
  service = await createMockService({ sites: [createSite()] })
  worker = setupWorker(...createMockHandlers(service.app, { baseUrl: service.baseUrl }))
  await worker.start({ onUnhandledFrame: 'bypass', quiet: true })
})
afterAll(() => worker.stop())

test('an event of the page is recorded, and its receipt holds', async () => {
  const device = await createDevice()
  const client = createClient({ base: service.baseUrl, site: 'shop', fetch: fetch.bind(window) })
  const outcome = await client.sendEvents([{ jws: await device.decide({ analytics: 'given' }) }])
  if (outcome.kind !== 'ok' || !('receipt' in outcome.value[0]!)) throw new Error('no receipt')
  const keys = (await service.app.ledger.vkeys('shop')).map(parseNoteKey)
  expect((await verifyReceipt(outcome.value[0].receipt, keys)).read.event.decisions[0]!.event_state).toBe('given')
})

test('the widget comes with the site’s notice', async () => {
  const text = await (await fetch(`${service.baseUrl}/v1/sites/shop/widget.js?lang=de`)).text()
  expect(text).toContain(createNotice('device', 'de').purposes[1]!.statement_text)
})

test('a typed address gets a mail whose link opens the page', async () => {
  const device = await createDevice()
  const client = createClient({ base: service.baseUrl, site: 'shop', fetch: fetch.bind(window) })
  await client.sendEvents([{ jws: await device.decide({ newsletter: 'given' }, { notice: createNotice('contact') }), contact: { email: 'ada@example.org' } }])
  await service.app.settle()
  const link = /https:\/\/\S+\/p\/[\w-]{43}/.exec(service.mails[0]!.text)![0]
  // A tab's requests carry no cookie of the mock's, so the visit goes on by its handle.
  const opened = await service.app.fetch(new Request(link))
  const page = await service.app.fetch(new Request(new URL(opened.headers.get('location')!, service.baseUrl)))
  expect(await page.text()).toContain(createNotice('contact').purposes[0]!.statement_text)
})
