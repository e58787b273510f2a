// The tag on a page of somebody else's: pasted by a marketer, on plain http, with a broken configuration, in two tabs, on an
// origin that is not the site's. What is fair there is looked at in fairness/.
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright'
import { expect } from 'playwright/test'
import { launchOptions } from '../../scripts/browser.ts'
import demoSite from '../../demo/site.json' with { type: 'json' }
import { readStorage, ShopPage } from './shop-page.ts'
import { type Stage, test } from './stage.ts'

test.use({ scene: 'any-page' })

let server: Server
let port: number
let body = ''
let headers: Record<string, string> = {}

test.beforeAll(async ({ stage }) => {
  server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers })
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, resolve))
  port = (server.address() as AddressInfo).port
  const file = join(stage.dataDir, 'mine.json')
  writeFileSync(file, JSON.stringify({ ...demoSite, site: 'mine', appearance: {}, origins: [`http://localhost:${port}`, `http://plain.test:${port}`] }))
  const published = await stage.run('site', 'publish', file)
  expect(published.exitCode, published.stderr).toBe(0)
})
test.afterAll(() => void server.close())
test.beforeEach(() => {
  headers = {}
})

const tag = (stage: Stage, attributes = '') => `<script async ${attributes} src="${stage.serviceUrl}/v1/sites/mine/widget.js"></script>`
const openMine = async (page: Page, stage: Stage, html: string, host = 'localhost') => {
  body = html
  const mine = new ShopPage(page, { ...stage, shopUrl: `http://${host}:${port}` })
  await mine.open()
  return mine
}

test('a tag pasted into a bare page works: asked, refused, recorded', async ({ stage, page }) => {
  const mine = await openMine(page, stage, `<!doctype html><html lang="en"><title>Mine</title><p>Hello</p>${tag(stage)}<a href="#" data-sayso-open>Choices</a>`)
  await mine.button('reject-all').click()
  await expect.poll(() => mine.receiptCount()).toBe(1)
  expect(await stage.logSize('mine')).toBeGreaterThan(0)
  await mine.reopen()
  expect(await mine.banner.locator('input:checked').count()).toBe(0)
})

test('on plain http, where a browser cannot sign, the service attests and says so', async ({ stage }) => {
  const options = launchOptions(process.env)
  const browser = await chromium.launch({ ...options, args: [...(options.args ?? []), '--host-resolver-rules=MAP plain.test 127.0.0.1'] })
  const page = await browser.newPage()
  const mine = await openMine(page, stage, `<!doctype html><html lang="en"><title>Plain</title>${tag(stage)}<p>Plain http</p>`, 'plain.test')
  expect(await page.evaluate(() => isSecureContext)).toBe(false)
  const sizeBefore = await stage.logSize('mine')
  await mine.box('video').check()
  await mine.button('save').click()
  await expect.poll(() => stage.logSize('mine')).toBe(sizeBefore + 1)
  await expect.poll(() => mine.receiptCount()).toBe(1)
  const { stdout } = await stage.run('export', '--site', 'mine')
  const last = JSON.parse(stdout.trim().split('\n').at(-2)!) as { event: string }
  const event = JSON.parse(Buffer.from(last.event.split('.')[1]!, 'base64url').toString()) as { attestation: string; aud: { origin: string } }
  expect(event).toMatchObject({ attestation: 'server', aud: { origin: `http://plain.test:${port}` } })
  const [vkey] = (await (await fetch(`${stage.serviceUrl}/log/mine/key`)).text()).split('\n')
  const file = join(stage.dataDir, 'mine.ndjson')
  writeFileSync(file, stdout)
  expect((await stage.run('verify', file, '--key', vkey!)).exitCode).toBe(0)
  await browser.close()
})

for (const [name, damage] of Object.entries({
  'a configuration that is no configuration': (text: string) => text.replace(/,\["[\w-]{43}",.*\],"---"/, ',7,"---"'),
  'a configuration without words': (text: string) => text.replace(/\[\["analytics",.*?\]\],/, 'null,'),
})) {
  test(`${name}: no banner, nothing allowed, one line in the console`, async ({ stage, page }) => {
    const lines: string[] = []
    page.on('console', (message) => message.type() === 'error' && lines.push(message.text()))
    page.on('pageerror', (error) => lines.push(error.message))
    await page.route('**/widget.js', async (route) => {
      const response = await route.fetch()
      const text = await response.text()
      const damaged = damage(text)
      expect(damaged).not.toBe(text)
      await route.fulfill({ response, body: damaged })
    })
    const mine = await openMine(page, stage, `<!doctype html><html lang="en"><title>Mine</title>${tag(stage)}<link rel="icon" href="data:,">
      <script type="text/plain" data-sayso="analytics">document.title = 'counted'</script>`)
    await page.waitForLoadState('networkidle')
    await expect.poll(() => lines.length).toBe(1)
    expect(lines[0]).toMatch(/^sayso:/)
    await expect(mine.banner).toHaveCount(0)
    await expect(page).toHaveTitle('Mine')
  })
}

test('a page without a link of its own has a button that opens the choice again, and two clicks withdraw', async ({ stage, page }) => {
  const mine = await openMine(page, stage, `<!doctype html><html lang="en"><title>Mine</title>${tag(stage)}<p>Hello</p>`)
  const reopen = page.locator('button[data-sayso-open]')
  await mine.button('accept-all').click()
  await expect(reopen).toHaveText('Your privacy choices')
  await reopen.click()
  await expect(reopen).toHaveCount(0)
  await page.keyboard.press('Escape')
  await expect(reopen).toBeFocused()
  await reopen.press('Enter')
  await mine.button('reject-all').click()
  await expect.poll(() => mine.choices()).toMatchObject({ analytics: false })
  await page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<a href="#" data-sayso-open>Choices</a>'))
  await expect(reopen).toHaveCount(0)
})

test('a choice in one tab is followed by the other', async ({ stage, context }) => {
  const html = `<!doctype html><html lang="en"><title>Mine</title>${tag(stage)}<a href="#" data-sayso-open>Choices</a>`
  const [first, second] = [await context.newPage(), await context.newPage()]
  const one = await openMine(first, stage, html)
  const two = await openMine(second, stage, html)
  await two.button('reject-all').waitFor()
  await one.button('accept-all').click()
  await expect.poll(() => two.choices()).toMatchObject({ analytics: true })
  await expect(two.banner).toBeHidden()
  await one.reopen()
  await one.button('reject-all').click()
  await expect.poll(() => two.choices()).toMatchObject({ analytics: false })
})

test('an event from an origin that is not the site’s is refused', async ({ stage, page }) => {
  const other = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><html lang="en"><title>Other</title>${tag(stage)}`))
  await new Promise<void>((resolve) => other.listen(0, resolve))
  const sizeBefore = await stage.logSize('mine')
  const shop = new ShopPage(page, { ...stage, shopUrl: `http://localhost:${(other.address() as AddressInfo).port}` })
  await shop.openWithBanner()
  const refused = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/events'))
  await shop.button('accept-all').click()
  await refused
  expect(await stage.logSize('mine')).toBe(sizeBefore)
  expect((await readStorage(page.context(), page)).cookies).toContain('sayso')
  other.close()
})
