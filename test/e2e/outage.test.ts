// The service is down, the browser is closed, the network comes and goes: the choice holds at once, and its event
// arrives later, once, in order.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright'
import { expect } from 'playwright/test'
import { launchOptions } from '../../scripts/browser.ts'
import { readStorage, ShopPage } from './shop-page.ts'
import { test } from './stage.ts'

test.use({ scene: 'outage' })

/** Waits until the module that signs is there, so that an outage does not keep it away. */
const waitForModules = (page: Page) => page.waitForLoadState('networkidle')

test('decisions made while the service is down arrive after it is back, across a restart of the browser', async ({ stage }) => {
  const profile = mkdtempSync(join(tmpdir(), 'sayso-profile-'))
  const open = () => chromium.launchPersistentContext(profile, { ...launchOptions(process.env), locale: 'en-GB' })
  let context = await open()
  let shop = new ShopPage(context.pages()[0]!, stage)
  await shop.openWithBanner()
  await waitForModules(shop.page)
  await stage.stop()
  // The demo shop is gone with the service, so the page that is open goes on alone.
  await shop.box('analytics').check()
  await shop.button('save').click()
  await expect(shop.banner).toBeHidden()
  await shop.reopen()
  await shop.box('analytics').uncheck()
  await shop.button('save').click()
  await expect.poll(async () => (await readStorage(context, shop.page)).databases.length).toBeGreaterThan(0)
  await expect.poll(async () => (await shop.sentEvents()).length, { message: 'it tried to send' }).toBeGreaterThan(0)
  await context.close()

  await stage.start()
  expect(await stage.readLog()).toEqual([])
  context = await open()
  shop = new ShopPage(context.pages()[0]!, stage)
  await shop.open()
  await expect.poll(() => shop.receiptCount().catch(() => 0)).toBe(2)
  await expect(shop.banner).toBeHidden()
  const events = await stage.readLog()
  expect(events.map(({ decisions }) => decisions.find(({ purpose_id }) => purpose_id === 'analytics')?.event_state)).toEqual(['given', 'withdrawn'])
  expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(2)
  expect(events[0]!.prev_event_hash).toBeNull()
  expect(events[1]!.prev_event_hash).not.toBeNull()

  await shop.open()
  await shop.page.waitForLoadState('networkidle')
  expect(await stage.readLog()).toHaveLength(2)
  await context.close()
  rmSync(profile, { recursive: true, force: true })
})

test('an answer that got lost on the way leads to one event, not two', async ({ stage, page }) => {
  const shop = new ShopPage(page, stage)
  const before = (await stage.readLog()).length
  await shop.openWithBanner()
  let isLost = false
  await page.route('**/v1/sites/shop/events', async (route) => {
    if (isLost) return route.continue()
    isLost = true
    await route.fetch()
    return route.abort('connectionreset')
  })
  await shop.button('reject-all').click()
  await expect.poll(() => isLost).toBe(true)
  await expect.poll(async () => (await stage.readLog()).length).toBe(before + 1)
  await page.evaluate(() => window.dispatchEvent(new Event('online')))
  await expect.poll(() => shop.receiptCount(), { timeout: 60_000 }).toBe(1)
  expect(await stage.readLog()).toHaveLength(before + 1)
})

test('a restart of the service keeps the log, its key and every receipt', async ({ stage, page }) => {
  const shop = new ShopPage(page, stage)
  await shop.openWithBanner()
  await shop.button('accept-all').click()
  await expect.poll(() => shop.receiptCount()).toBe(1)
  const [sent] = await shop.sentEvents()
  const read = async () => Promise.all(['/log/shop/key', '/log/shop/checkpoint', `/v1/events/${sent!.event.event_id}/receipt`]
    .map(async (path) => (await fetch(stage.serviceUrl + path)).text()))
  const before = await read()
  await stage.stop()
  await stage.start()
  expect(await read()).toEqual(before)
})

test('a page without the service shows no banner, allows nothing, and works', async ({ stage, page }) => {
  await page.route(`${stage.serviceUrl}/**`, (route) => route.abort('connectionrefused'))
  const shop = new ShopPage(page, stage)
  await shop.open()
  await page.waitForLoadState('networkidle')
  await expect(shop.banner).toHaveCount(0)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  expect(shop.requests.filter((request) => /collect|film|remember-for-ads/.test(request.url()))).toEqual([])
})
