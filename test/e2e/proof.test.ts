// Proof that convinces somebody who does not trust the service: a receipt from the visitor's own device, checked in a
// browser that sends nothing, and what the operator can show.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from 'playwright/test'
import type { Receipt } from '../../core/receipt.ts'
import { ShopPage } from './shop-page.ts'
import { type Stage, test } from './stage.ts'

test.use({ scene: 'proof' })

test.describe.configure({ mode: 'serial' })

const readKey = async (stage: Stage) => (await (await fetch(`${stage.serviceUrl}/log/shop/key`)).text()).trim()

/** The visitor's receipt, as the panel's button saves it. */
let receiptFile: string
let receipt: Receipt
let eventId: string

async function check(page: Page, file: string, key: string): Promise<void> {
  await page.locator('#file').setInputFiles(file)
  await page.locator('#key').fill(key)
  await page.getByRole('button', { name: 'Check', exact: true }).click()
  await page.locator('[data-verdict]').waitFor()
}

test('a visitor decides, and saves the receipt from the panel', async ({ stage, page }) => {
  const shop = new ShopPage(page, stage)
  await shop.openWithBanner()
  await shop.box('analytics').check()
  await shop.button('save').click()
  await expect.poll(() => shop.receiptCount()).toBe(1)
  await shop.reopen()
  await shop.button('choose').click()
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download receipt' }).click()
  receiptFile = join(stage.dataDir, 'receipt.json')
  await (await download).saveAs(receiptFile)
  receipt = JSON.parse(readFileSync(receiptFile, 'utf8')) as Receipt
  eventId = (await shop.sentEvents())[0]!.event.event_id

  const opened = page.waitForEvent('popup')
  await page.getByRole('link', { name: 'Read and print' }).click()
  const sheet = await opened
  await expect(sheet.getByRole('heading', { level: 1 })).toHaveText('Consent receipt')
  await expect(sheet.locator('main')).toContainText('Fern & Filament GmbH')
  await expect(sheet.locator('main')).toContainText('Save my choice')
  await sheet.emulateMedia({ media: 'print' })
  await expect(sheet.getByRole('link', { name: 'Download as JSON' }).first()).toBeHidden()
  await expect(sheet.locator('pre.file').last()).toContainText('sayso-receipt/1')
  await sheet.close()
})

test('on /verify it holds, and nothing left the browser for that', async ({ stage, page }) => {
  await page.goto(`${stage.serviceUrl}/verify`)
  await page.locator('#check').waitFor()
  await page.waitForLoadState('networkidle')
  const sent: string[] = []
  page.on('request', (request) => sent.push(request.url()))
  await check(page, receiptFile, await readKey(stage))

  await expect(page.getByRole('status')).toContainText('The receipt holds')
  await expect(page.locator('[data-verdict]')).toHaveAttribute('data-verdict', 'holds')
  await expect(page.locator('#result')).toContainText('The browser signed this decision itself')
  expect(sent).toEqual([])
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
})

test('one that was tampered with is named as such', async ({ stage, page }) => {
  const [header, payload, signature] = receipt.event.split('.')
  const event = JSON.parse(Buffer.from(payload!, 'base64url').toString()) as { decisions: { event_state: string }[] }
  for (const decision of event.decisions) decision.event_state = 'given'
  const forged = join(stage.dataDir, 'forged.json')
  writeFileSync(forged, JSON.stringify({ ...receipt, event: [header, Buffer.from(JSON.stringify(event)).toString('base64url'), signature].join('.') }))

  await page.goto(`${stage.serviceUrl}/verify`)
  await check(page, forged, await readKey(stage))
  await expect(page.getByRole('status')).toContainText('The receipt does not hold')
  await expect(page.locator('.findings')).toContainText('the event was changed after it was signed, or forged')
})

test('with the service’s own key the page fetches that one thing, and says that this is weaker', async ({ stage, page }) => {
  await page.goto(`${stage.serviceUrl}/verify?lang=de`)
  await page.locator('#check').waitFor()
  await page.waitForLoadState('networkidle')
  const sent: string[] = []
  page.on('request', (request) => sent.push(new URL(request.url()).pathname))
  await page.locator('#file').setInputFiles(receiptFile)
  await page.getByRole('button', { name: 'Den Schlüssel dieses Dienstes verwenden' }).click()
  await expect(page.locator('#key')).toHaveValue(/\+/)
  await page.getByRole('button', { name: 'Prüfen', exact: true }).click()
  await expect(page.getByRole('status')).toContainText('Der Beleg stimmt')
  await expect(page.locator('#result')).toContainText('Betrügt der Dienst')
  expect(sent).toEqual(['/log/shop/key'])
})

test('an export of the whole log holds too, event by event', async ({ stage, page }) => {
  const file = join(stage.dataDir, 'shop.ndjson')
  expect((await stage.run('export', '--site', 'shop', '--out', file)).exitCode).toBe(0)
  await page.goto(`${stage.serviceUrl}/verify`)
  await check(page, file, await readKey(stage))
  await expect(page.getByRole('status')).toContainText('The export of the whole log')
  await expect(page.locator('tbody tr')).toHaveCount(1)
  await expect(page.locator('tbody tr')).toContainText('signed by a browser with its own key')
})

test('the operator sees the event beside the banner, drawn again; pressing it records nothing', async ({ stage, page }) => {
  await page.goto(`${stage.serviceUrl}/evidence/${eventId}`)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Evidence')
  await page.getByLabel('Admin token').fill('a guess')
  await page.getByRole('button', { name: 'Show' }).click()
  await expect(page.getByRole('alert')).toHaveText('This is not the admin token.')
  await page.getByLabel('Admin token').fill('e2e-admin-token-of-sufficient-length')
  await page.getByRole('button', { name: 'Show' }).click()

  await expect(page.locator('main')).toContainText('which is the one that this service has')
  await expect(page.locator('table')).toContainText('the same')
  const drawn = page.frameLocator('iframe.preview').locator('sayso-banner')
  await expect(drawn).toContainText('Fern & Filament GmbH')
  for (const statement of await page.locator('table tbody td[lang]').allInnerTexts()) await expect(drawn).toContainText(statement)
  for (const box of await drawn.locator('input[type=checkbox]').all()) await expect(box).not.toBeChecked()
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])

  const sizeBefore = await stage.logSize()
  const posts: string[] = []
  page.on('requestfinished', (request) => request.method() === 'POST' && posts.push(request.url()))
  await drawn.locator('[data-sayso-action=accept-all]').click()
  await expect(drawn).toBeHidden()
  await page.waitForLoadState('networkidle')
  expect(posts).toEqual([])
  expect(await stage.logSize()).toBe(sizeBefore)
  expect(await page.context().cookies()).toEqual([])
})

test('a form for messages is drawn again, too', async ({ stage, page }) => {
  const shop = new ShopPage(page, stage)
  await shop.openWithBanner()
  await shop.button('reject-all').click()
  await shop.subscribe('proof@example.org', ['newsletter'])
  const findOptIn = async () => (await stage.readLog()).find(({ source }) => source.channel === 'opt-in')
  await expect.poll(findOptIn).toBeDefined()
  const event = (await findOptIn())!
  await expect.poll(async () => (await fetch(`${stage.serviceUrl}/v1/events/${event.event_id}/receipt`)).status).toBe(200)
  await page.goto(`${stage.serviceUrl}/evidence/${event.event_id}`)
  await page.getByLabel('Admin token').fill('e2e-admin-token-of-sufficient-length')
  await page.getByRole('button', { name: 'Show' }).click()
  await expect(page.frameLocator('iframe.preview').locator('form')).toContainText(event.decisions[0]!.statement_text)
})

test.describe('every page of proof', () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const language of ['en', 'de']) {
      test(`axe finds nothing, and 360 px are wide enough: ${language}, ${colorScheme}`, async ({ stage, page }) => {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize({ width: 360, height: 740 })
        const event = await (await fetch(`${stage.serviceUrl}/v1/events/${eventId}/receipt?format=jsonld`)).json() as Record<string, any>
        const hash = event['dpv:hasRecordOfActivity']['dpv:hasNotice'][0]['dct:identifier'] as string
        const contact = (await (await fetch(`${stage.serviceUrl}/v1/sites/shop/notices/current?lang=${language}&scope=contact`, { redirect: 'manual' })).headers.get('location'))!.split('/').at(-1)
        const look = async (path: string) => {
          const { violations } = await new AxeBuilder({ page }).analyze()
          expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), path).toEqual([])
          expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(360)
        }
        for (const path of [`/v1/events/${eventId}/receipt?format=html&lang=${language}`, `/v1/sites/shop/notices/${hash}/compare/${contact}?lang=${language}`, `/verify?lang=${language}`, ...(language === 'en' ? ['/openapi'] : [])]) {
          await page.goto(stage.serviceUrl + path)
          await look(path)
        }
        await page.goto(`${stage.serviceUrl}/evidence/${eventId}?lang=${language}`)
        await look('the form for the token')
        await page.locator('#token').fill('e2e-admin-token-of-sufficient-length')
        await page.locator('form button').click()
        await page.frameLocator('iframe.preview').locator('sayso-banner').waitFor()
        await look('evidence')
      })
    }
  }
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('the page explains the command line', async ({ stage, page }) => {
    await page.goto(`${stage.serviceUrl}/verify`)
    await expect(page.locator('#check')).toBeHidden()
    await expect(page.locator('main')).toContainText('sayso verify FILE --key VKEY')
    expect(eventId).toBeTruthy()
  })
})
