// The widget and the real service, through the mock: what was pressed on a page is in the log, with a proof that holds.
import { setupWorker } from 'msw/browser'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createFaults } from '../../api-mock/faults.ts'
import { createMockHandlers } from '../../api-mock/handlers.ts'
import { createMockService, type MockService } from '../../api-mock/service.ts'
import { parseNoteKey } from '../../core/checkpoint.ts'
import { hashNotice } from '../../core/notice.ts'
import type { WidgetConfig } from '../../core/protocol.ts'
import { verifyReceipt } from '../../core/receipt.ts'
import { bakeConfig, createSite, notices } from './fixtures/notice.ts'
import { createPageConfig, readCookie, startFresh, until, type Visit, visit, type VisitOptions } from './fixtures/visit.ts'

const baseUrl = 'https://consent.example'
const faults = createFaults()
const worker = setupWorker()
let service: MockService

beforeAll(() => worker.start({ quiet: true }))
afterAll(() => worker.stop())

beforeEach(async () => {
  await startFresh()
  faults.heal()
  noticesFetched = 0
  service = await createMockService({ sites: [createSite(location.origin)], baseUrl })
  worker.resetHandlers(...createMockHandlers(service.app, { baseUrl, faults }))
})

let noticesFetched = 0

/** This page's fetch, which the mock answers. */
const fetchHere: typeof fetch = async (...request) => {
  const response = await fetch(...request)
  if (String(request[0]).includes('/notices/')) noticesFetched += 1
  return response
}

/** A page with what the service bakes; only the code comes from here. */
async function visitShop(options: VisitOptions = {}): Promise<Visit> {
  const config = await (await fetch(`${baseUrl}/v1/sites/shop/widget.json?lang=en`)).json() as WidgetConfig
  return visit({ baked: bakeConfig({ ...createPageConfig(), ...config }), fetch: fetchHere, ...options })
}

async function readKeys() {
  return (await (await fetch(`${baseUrl}/log/shop/key`)).text()).trim().split('\n').map(parseNoteKey)
}

const logSize = async () => Number((await (await fetch(`${baseUrl}/log/shop/checkpoint`)).text()).split('\n')[1])

test('a decision is signed, recorded and answered with a proof that needs nobody’s word', async () => {
  const page = await visitShop()
  page.box('analytics').click()
  page.button('save').click()
  const [receipt] = await until(async () => {
    const receipts = await page.sayso.receipts()
    return receipts.length === 1 && receipts
  })
  const { read, leaf } = await verifyReceipt(receipt, await readKeys())
  expect(leaf.type).toBe('event')
  expect(read.event.notice_hash).toBe(hashNotice(notices.en.device))
  expect(read.event.log_anchor).not.toBeNull()
  await until(() => readCookie()?.flag === '')
})

test('a page that cannot sign gets its decision attested by the service', async () => {
  const page = await visitShop({ prepare: (window) => Object.defineProperty(window.crypto, 'subtle', { value: undefined }) })
  page.button('reject-all').click()
  const [receipt] = await until(async () => {
    const receipts = await page.sayso.receipts()
    return receipts.length === 1 && receipts
  })
  const { read } = await verifyReceipt(receipt, await readKeys())
  expect(read.event.attestation).toBe('server')
  await page.reopen()
  page.button('accept-all').click()
  const receipts = await until(async () => {
    const kept = await page.sayso.receipts()
    return kept.length === 2 && kept
  })
  expect((await verifyReceipt(receipts[0], await readKeys())).read.event.prev_event_hash).toBe(read.hash)
})

test('an answer that got lost leads to one event, not two', async () => {
  const page = await visitShop()
  const before = await logSize()
  await until(() => noticesFetched > 0)
  faults.loseAnswers()
  page.button('accept-all').click()
  await until(async () => (await service.store.readHead('shop')).size === before + 1)
  faults.heal()
  page.leave()
  const next = await visitShop({ isBannerDue: false })
  await until(async () => (await next.sayso.receipts()).length === 1)
  expect(await logSize()).toBe(before + 1)
})

test.each([
  ['offline', () => faults.goOffline()], ['unavailable', () => faults.becomeUnavailable()], ['half an answer', () => faults.spoilAnswers()],
])('%s: the choice holds at once and is recorded later', async (_, breakDown) => {
  const page = await visitShop()
  const before = await logSize()
  breakDown()
  page.button('accept-all').click()
  expect(page.sayso.allowed('video')).toBe(true)
  await until(() => readCookie()?.flag === '-')
  faults.heal()
  page.window.dispatchEvent(new page.window.Event('online'))
  await until(async () => (await page.sayso.receipts()).length === 1)
  expect(await logSize()).toBe(before + 1)
})

test('what is ticked in a form brings a mail to the address, and no consent before that is confirmed', async () => {
  const page = await visitShop({ html: '<form><input type="email" name="email"><div data-sayso-opt-in="newsletter"></div><button>Subscribe</button></form>' })
  const box = await until(() => page.document.querySelector('[data-sayso-opt-in] > div')?.shadowRoot?.querySelector('input'))
  page.document.querySelector('form')!.addEventListener('submit', (event) => event.preventDefault())
  box.click()
  page.document.querySelector<HTMLInputElement>('form input')!.value = 'mara@example.org'
  page.document.querySelector<HTMLElement>('form > button')!.click()
  await until(async () => (await page.sayso.receipts()).length === 1)
  await service.app.settle()
  expect(JSON.stringify(service.mails)).toContain('mara@example.org')
})
