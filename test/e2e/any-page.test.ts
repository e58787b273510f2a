// The tag on a page of somebody else's: pasted by a marketer, under a strict policy, on plain http, at 360 px, with the
// keyboard alone, under a hostile style sheet, with a broken configuration.
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
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

test('a strict content security policy with nonces and no Trusted Types: no violation, and the gate works', async ({ stage, page }) => {
  headers = { 'content-security-policy': `default-src 'self'; script-src 'nonce-abc' 'strict-dynamic'; style-src 'self'; connect-src ${stage.serviceUrl}; require-trusted-types-for 'script'; trusted-types 'none'` }
  const violations: string[] = []
  page.on('console', (message) => /Content Security Policy|TrustedScript|Trusted Type/i.test(message.text()) && violations.push(message.text()))
  const mine = await openMine(page, stage, `<!doctype html><html lang="en"><title>Mine</title>${tag(stage, 'nonce="abc"')}
    <script type="text/plain" data-sayso="analytics" nonce="abc">document.title = 'counted'</script>`)
  await mine.button('accept-all').click()
  await expect(page).toHaveTitle('counted')
  await expect.poll(() => mine.receiptCount()).toBe(1)
  expect(violations).toEqual([])
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

test('where storage throws, nothing breaks and nothing is allowed beforehand', async ({ stage, page }) => {
  await page.addInitScript(() => {
    for (const name of ['indexedDB', 'localStorage', 'sessionStorage']) {
      Object.defineProperty(window, name, { get() { throw new DOMException('denied', 'SecurityError') } })
    }
  })
  const mine = await openMine(page, stage, `<!doctype html><html lang="en"><title>Locked</title>${tag(stage)}`)
  await mine.button('accept-all').click()
  await expect.poll(async () => (await mine.sentEvents()).at(-1)?.event.attestation).toBe('ephemeral')
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

const HOSTILE = `*{all:unset!important} button{display:none!important;font-size:3px!important;opacity:0!important} sayso-banner button{width:2px!important;height:2px!important;color:white!important;background:white!important}`

for (const [name, { width, style, colorScheme }] of Object.entries({
  '320 px': { width: 320, style: '', colorScheme: 'light' as const },
  '360 px, dark': { width: 360, style: '', colorScheme: 'dark' as const },
  '1280 px': { width: 1280, style: '', colorScheme: 'light' as const },
  'a hostile style sheet': { width: 768, style: HOSTILE, colorScheme: 'light' as const },
})) {
  test(`refusing is as easy to see and reach as accepting: ${name}`, async ({ stage, page }) => {
    await page.setViewportSize({ width, height: 720 })
    await page.emulateMedia({ colorScheme })
    const mine = await openMine(page, stage, `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Mine</title><style>${style}</style><main><h1>Mine</h1></main>${tag(stage)}`)
    const look = (action: 'accept-all' | 'reject-all' | 'save') => mine.button(action).evaluate((button) => {
      const { width: w, height: h, top, bottom } = button.getBoundingClientRect()
      const { fontSize, fontWeight, padding, color, backgroundColor, opacity } = getComputedStyle(button)
      return { area: w * h, h, isInside: top >= 0 && bottom <= innerHeight, style: { fontSize, fontWeight, padding, color, backgroundColor, opacity } }
    })
    await mine.button('reject-all').waitFor()
    const [accept, reject, save] = [await look('accept-all'), await look('reject-all'), await look('save')]
    for (const other of [reject, save]) {
      expect(other.style).toEqual(accept.style)
      expect(other.area / accept.area).toBeGreaterThan(0.9)
      expect(other.area / accept.area).toBeLessThan(1.1)
    }
    for (const one of [accept, reject, save]) expect(one).toMatchObject({ isInside: true })
    expect(reject.h).toBeGreaterThanOrEqual(24)
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
    await mine.button('reject-all').click()
    await expect(mine.banner).toBeHidden()
  })
}

test('with the keyboard alone, rejecting takes as few steps as accepting; Escape grants nothing', async ({ stage, page }) => {
  const mine = await openMine(page, stage, `<!doctype html><html lang="en"><title>Mine</title>${tag(stage)}`)
  await mine.button('reject-all').waitFor()
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-sayso-action'))
  expect(await focused()).toBeNull()
  const stops: Record<string, number> = {}
  for (let stop = 1; stop <= 40 && !(stops['accept-all'] && stops['reject-all']); stop += 1) {
    await page.keyboard.press('Tab')
    const action = await focused()
    if (action) stops[action] ??= stop
  }
  expect(Math.abs(stops['accept-all']! - stops['reject-all']!)).toBeLessThanOrEqual(2)
  await mine.button('reject-all').focus()
  await page.keyboard.press('Escape')
  expect(Object.values(await mine.choices()).some(Boolean)).toBe(false)
  await mine.open()
  await mine.button('reject-all').waitFor()
  await mine.button('reject-all').focus()
  await page.keyboard.press('Enter')
  await expect(mine.banner).toBeHidden()
  await mine.open()
  await expect.poll(() => mine.choices().catch(() => null)).toMatchObject({ analytics: false })
  await expect(mine.banner).toBeHidden()
})

for (const language of ['en', 'de']) {
  test(`axe finds nothing in the banner (${language}), whose language is that of its words`, async ({ stage, page }) => {
    const mine = await openMine(page, stage, `<!doctype html><html lang="${language}"><meta name="viewport" content="width=device-width"><title>Mine</title><main><h1>Mine</h1></main>${tag(stage)}`)
    await mine.button('reject-all').waitFor()
    await expect(mine.banner).toHaveAttribute('lang', language)
    await expect(mine.button('reject-all')).toHaveText(language === 'en' ? 'Reject all' : 'Alle ablehnen')
    expect((await new AxeBuilder({ page }).include('sayso-banner').analyze()).violations).toEqual([])
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
