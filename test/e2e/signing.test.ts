// A choice behind a link, signed by the browser itself: what the person sees, what an auditor finds, and that nothing
// is lost where the browser cannot.
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright'
import { expect } from 'playwright/test'
import { createLink } from './operator.ts'
import { type Stage, test } from './stage.ts'

test.use({ scene: 'signing' })

const BY_BROWSER = 'By your browser, with its own key'
const BY_SERVICE = 'By the service, on your behalf'

const readVkey = async (stage: Stage) => (await (await fetch(`${stage.serviceUrl}/log/shop/key`)).text()).trim()
const entries = (page: Page) => page.locator('.history > ol > li')
const listDatabases = (page: Page) => page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))

async function save(page: Page, ids: string[], isTicked = true): Promise<void> {
  for (const id of ids) await page.locator(`input[name=purpose][value=${id}]`).setChecked(isTicked)
  const count = await entries(page).count()
  await page.getByRole('button', { name: 'Save my choices' }).click()
  await expect(entries(page)).toHaveCount(count + 1)
  await expect(page.getByRole('alert')).toContainText('Your choices are saved')
}

function watchPosts(page: Page): string[] {
  const posts: string[] = []
  page.on('request', (request) => request.method() === 'POST' && posts.push(new URL(request.url()).pathname))
  return posts
}

test('saving is signed by the browser, once for each press, and keeps nothing before the first', async ({ stage, page }) => {
  const { preferences } = await createLink(stage, 'signs@example.org')
  const posts = watchPosts(page)
  await page.goto(preferences)
  await page.waitForLoadState('networkidle')
  expect(await listDatabases(page)).toEqual([])

  const sizeBefore = await stage.logSize()
  await save(page, ['newsletter'])
  expect(posts).toEqual(['/p/key-bindings', '/p/open'])
  await expect(entries(page)).toHaveCount(1)
  await expect(entries(page).first()).toContainText(BY_BROWSER)
  await expect(entries(page).first()).toContainText('You pressed “Save my choices”')
  expect(await stage.logSize()).toBe(sizeBefore + 1)
  expect(await listDatabases(page)).toEqual(['sayso-pages'])

  // A binding is asked for once; the next press follows from the page that came back, and the next from a fresh visit.
  await save(page, ['newsletter', 'offers'])
  await page.goto(preferences)
  await page.getByRole('button', { name: 'Unsubscribe from all' }).click()
  await expect(page.getByRole('alert')).toContainText('You took back')
  expect(posts).toEqual(['/p/key-bindings', '/p/open', '/p/open', '/p/open'])
  await expect(entries(page)).toHaveCount(3)
  for (const entry of await entries(page).all()) await expect(entry).toContainText(BY_BROWSER)
  expect(await stage.logSize()).toBe(sizeBefore + 3)
})

test('in German too', async ({ stage, page }) => {
  await page.goto((await createLink(stage, 'unterschreibt@example.org', 'de')).preferences)
  await page.locator('input[name=purpose][value=offers]').check()
  await page.getByRole('button', { name: 'Auswahl speichern' }).click()
  await expect(entries(page).first()).toContainText('Ihr Browser, mit eigenem Schlüssel')
})

test('an auditor finds it signed by a device, and nothing wrong, in the export of the whole log', async ({ stage, page }) => {
  await page.goto((await createLink(stage, 'audited@example.org')).preferences)
  await save(page, ['newsletter'])
  await save(page, ['newsletter'], false)
  const file = join(stage.dataDir, 'shop.ndjson')
  expect((await stage.run('export', '--site', 'shop', '--out', file)).exitCode).toBe(0)
  const { exitCode, stdout } = await stage.run('verify', file, '--key', await readVkey(stage), '--json')
  const report = JSON.parse(stdout) as { events: { device: number } }
  expect(report).toMatchObject({ isValid: true, findings: [], events: { ephemeral: 0, server: 0 } })
  expect(report.events.device).toBeGreaterThanOrEqual(2)
  expect(exitCode).toBe(0)
})

test('a private context has a key of its own, and both are let in', async ({ stage, page, browser }) => {
  const { preferences } = await createLink(stage, 'two@example.org')
  await page.goto(preferences)
  await save(page, ['newsletter'])
  const other = await (await browser.newContext()).newPage()
  await other.goto(preferences)
  await save(other, ['offers'])
  for (const entry of await entries(other).all()) await expect(entry).toContainText(BY_BROWSER)
  await other.context().close()
})

test.describe('a browser that cannot sign still saves', () => {
  const saveOnce = async (stage: Stage, context: BrowserContext, email: string) => {
    const page = await context.newPage()
    await page.goto((await createLink(stage, email)).preferences)
    const sizeBefore = await stage.logSize()
    await save(page, ['newsletter'])
    await expect(entries(page)).toHaveCount(1)
    await expect(entries(page).first()).toContainText(BY_SERVICE)
    expect(await stage.logSize()).toBe(sizeBefore + 1)
  }

  const crippled: [string, (context: BrowserContext) => Promise<unknown>][] = [
    ['without crypto.subtle', (context) => context.addInitScript(() => Object.defineProperty(crypto, 'subtle', { value: undefined }))],
    ['without IndexedDB', (context) => context.addInitScript(() => Object.defineProperty(window, 'indexedDB', { value: undefined }))],
    ['with a clock an hour ahead', (context) => context.addInitScript(() => {
      const now = Date.now.bind(Date)
      Date.now = () => now() + 3_600_000
    })],
    ['to which no binding is given', (context) => context.route('**/p/key-bindings', (route) => route.fulfill({ status: 503 }))],
    ['that cannot have the notice', (context) => context.route('**/notices/*', (route) => route.abort())],
    ['that gets another notice', (context) => context.route('**/notices/*', (route) => route.fulfill({ json: { why: 'Other words.' } }))],
    ['that cannot load the code', (context) => context.route('**/page/part.*', (route) => route.abort())],
    ['whose page shows other words than the notice', (context) => context.addInitScript(() => document.addEventListener('DOMContentLoaded', () => {
      for (const words of document.querySelectorAll('.purpose-label span')) words.textContent = 'Something nicer.'
    }))],
  ]
  for (const [name, cripple] of crippled) {
    test(name, async ({ stage, context }) => {
      await cripple(context)
      await saveOnce(stage, context, `${name.replaceAll(/\W+/g, '.')}@example.org`)
    })
  }

  test('whose key store never opens, after a wait', async ({ stage, context }) => {
    await context.addInitScript(() => {
      indexedDB.open = () => new EventTarget() as IDBOpenDBRequest
    })
    await saveOnce(stage, context, 'never.opens@example.org')
  })
})
