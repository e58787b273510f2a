// What a page lives through in a real browser: it is put aside and brought back, it is one of several tabs, it reloads
// because its site wants it; and nothing on it moves.
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type BrowserContext, chromium } from 'playwright'
import { expect } from 'playwright/test'
import demoSite from '../../demo/site.json' with { type: 'json' }
import { launchOptions } from '../../scripts/browser.ts'
import { ShopPage } from './shop-page.ts'
import { type Stage, test } from './stage.ts'

test.use({ scene: 'page-life' })

let server: Server
let requested: string[] = []
/** Answers that wait until they are let go. */
const waiting = new Map<string, () => void>()
const origin = () => `http://localhost:${(server.address() as AddressInfo).port}`
const pages: Record<string, string> = {}

test.beforeAll(async ({ stage }) => {
  server = createServer((request, response) => {
    const path = new URL(request.url!, 'http://localhost').pathname
    requested.push(path)
    if (path.endsWith('.js')) return void response.writeHead(200, { 'content-type': 'text/javascript' }).end(`(window.ran ??= []).push([${JSON.stringify(path)}, !!document.querySelector('#last')])`)
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    const [start, rest] = (pages[path] ?? '<!doctype html><title>Other</title>').split('<!-- later -->')
    if (rest === undefined) return void response.end(start)
    response.write(start)
    waiting.set(path, () => response.end(rest))
  })
  await new Promise<void>((resolve) => server.listen(0, resolve))
  const notices = demoSite.notices.map((notice) => ({ ...notice, purposes: notice.purposes.map((purpose) => purpose.id === 'analytics' ? { ...purpose, tags: ['_ga*'] } : purpose) }))
  for (const [site, more] of Object.entries({ life: {}, reloading: { on_withdrawal: 'reload' } })) {
    const file = join(stage.dataDir, `${site}.json`)
    writeFileSync(file, JSON.stringify({ ...demoSite, ...more, notices, site, origins: [origin()] }))
    const published = await stage.run('site', 'publish', file)
    expect(published.exitCode, published.stderr).toBe(0)
  }
})
test.afterAll(() => void server.close())
test.beforeEach(() => {
  requested = []
})

const page = (stage: Stage, body: string, site = 'life') => `<!doctype html><html lang="en"><title>Life</title><link rel="icon" href="data:,"><script src="${stage.serviceUrl}/v1/sites/${site}/widget.js"></script>${body}<a href="#" data-sayso-open>Choices</a>`
const open = async (context: BrowserContext, stage: Stage, path: string) => {
  const shop = new ShopPage(await context.newPage(), { ...stage, shopUrl: origin() })
  await shop.open(path)
  return shop
}
const FRAME = '<iframe id="film" data-sayso="video" data-src="/film" title="Film"></iframe>'
const withdraw = (shop: ShopPage) => shop.page.evaluate(() => (window as unknown as { sayso: { withdraw(): void } }).sayso.withdraw())

test('FAIRNESS 18: a page brought back from the bfcache is as it was, and after a withdrawal elsewhere nothing on it is allowed', async ({ stage }) => {
  const { args, ...options } = launchOptions(process.env)
  const browser = await chromium.launch({ ...options, args, ignoreDefaultArgs: ['--disable-back-forward-cache'] })
  try {
    const context = await browser.newContext()
    pages['/back'] = page(stage, `${FRAME}<script>addEventListener('pageshow', (event) => { window.isBack = event.persisted })</script>`)
    pages['/on'] = page(stage, '<p>On</p>')
    const shop = await open(context, stage, '/back')
    await shop.button('accept-all').click()
    await expect.poll(() => shop.receiptCount()).toBe(1)
    await shop.open('/back')
    await expect(shop.page.locator('#film[src]')).toHaveCount(1)
    const isBack = () => shop.page.evaluate(() => (window as unknown as { isBack?: boolean }).isBack)
    await shop.open('/on')
    await shop.page.goBack({ waitUntil: 'commit' })
    await expect.poll(isBack, 'the widget keeps no page from the cache').toBe(true)
    await expect(shop.page.locator('#film[src]')).toHaveCount(1)

    await shop.open('/on')
    await withdraw(shop)
    await expect.poll(() => shop.choices()).toMatchObject({ video: false })
    // The message of the withdrawal may have put it out of the cache: then it is a new page, else it looks at the cookie.
    await shop.page.goBack({ waitUntil: 'commit' })
    await expect(shop.page.locator('#film[src]')).toHaveCount(0)
    await expect(shop.page.locator('div[data-sayso=video]')).toHaveCount(1)
    expect(await shop.choices()).toEqual({ analytics: false, video: false, advertising: false })
    await expect(shop.banner).toHaveCount(0)
  } finally {
    await browser.close()
  }
})

test('FAIRNESS 18: a withdrawal in one tab takes the frames and cookies of the others', async ({ stage, context }) => {
  pages['/tab'] = page(stage, FRAME)
  const one = await open(context, stage, '/tab')
  await one.button('accept-all').click()
  await expect.poll(() => one.receiptCount()).toBe(1)
  const two = await open(context, stage, '/tab')
  await expect(two.page.locator('#film[src]')).toHaveCount(1)
  await two.page.evaluate(() => {
    document.cookie = '_ga=1'
    sessionStorage.setItem('_ga_more', '1')
  })
  await withdraw(one)
  await expect(two.page.locator('iframe')).toHaveCount(0)
  await expect.poll(() => two.page.evaluate(() => [document.cookie.includes('_ga'), sessionStorage.length])).toEqual([false, 0])
})

test('a site that says so reloads its pages once when something is withdrawn, and the withdrawal is recorded', async ({ stage, context }) => {
  pages['/reload'] = page(stage, '<script type="text/plain" data-sayso="analytics" src="/tag.js"></script>', 'reloading')
  const shop = await open(context, stage, '/reload')
  await shop.button('accept-all').click()
  await expect.poll(() => shop.receiptCount()).toBe(1)
  const other = await open(context, stage, '/reload')
  const ran = ({ page: opened }: ShopPage) => opened.evaluate(() => (window as unknown as { ran?: unknown[] }).ran?.length ?? 0).catch(() => undefined)
  await expect.poll(() => ran(other)).toBe(1)
  const sizeBefore = await stage.logSize('reloading')
  requested = []
  await withdraw(shop).catch(() => undefined)
  for (const one of [shop, other]) await expect.poll(() => ran(one)).toBe(0)
  await expect.poll(() => stage.logSize('reloading')).toBe(sizeBefore + 1)
  await expect.poll(() => shop.receiptCount().catch(() => 0)).toBe(2)
  expect(requested.filter((path) => path === '/reload')).toHaveLength(2)
})

test('a deferred script of somebody who agreed before waits for the whole page, an ordinary one does not', async ({ stage, context }) => {
  pages['/whole'] = page(stage, '')
  const shop = await open(context, stage, '/whole')
  await shop.button('accept-all').click()
  await expect.poll(() => shop.receiptCount()).toBe(1)
  const parked = (name: string, more = '') => `<script type="text/plain" data-sayso="analytics" src="/${name}.js" ${more}></script>`
  pages['/whole'] = page(stage, `${parked('deferred', 'defer')}${parked('ordinary')}<!-- later --><p id="last">Last</p>`)
  const opened = shop.page.goto(`${origin()}/whole`)
  await expect.poll(() => requested).toContain('/ordinary.js')
  expect(requested).not.toContain('/deferred.js')
  waiting.get('/whole')!()
  await opened
  const ran = () => shop.page.evaluate(() => (window as unknown as { ran?: unknown[] }).ran)
  await expect.poll(ran).toEqual([['/ordinary.js', false], ['/deferred.js', true]])
})

test('CLS is 0 while placeholders come and embeds are loaded', async ({ stage, context }) => {
  pages['/still'] = page(stage, `<style>.wide{display:block;width:100%;border:0;aspect-ratio:16/9}</style>
    <p>Words ${FRAME} words</p>${FRAME.replace('id="film"', 'class="wide"')}<img data-sayso="video" data-src="/film" alt="" width="200" height="100"><p id="below">Below</p>`)
  const shop = await open(context, stage, '/still')
  await shop.page.evaluate(() => {
    Object.assign(window, { shift: 0 })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) (window as unknown as { shift: number }).shift += (entry as unknown as { value: number }).value
    }).observe({ type: 'layout-shift', buffered: true })
  })
  await expect(shop.page.locator('div[data-sayso=video] button')).toHaveCount(6)
  const top = () => shop.page.locator('#below').evaluate((element) => element.getBoundingClientRect().top)
  const before = await top()
  // Not by a press, after which a shift would be forgiven.
  await shop.page.evaluate(() => (window as unknown as { sayso: { set(what: object): void } }).sayso.set({ video: true }))
  await expect(shop.page.locator('iframe[src]')).toHaveCount(2)
  expect(await top()).toBe(before)
  await shop.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
  expect(await shop.page.evaluate(() => (window as unknown as { shift: number }).shift)).toBe(0)
})

test('a placeholder is reached and pressed with the keyboard alone', async ({ stage, context }) => {
  pages['/keys'] = page(stage, `<main>${FRAME}</main>`)
  const shop = await open(context, stage, '/keys')
  const group = shop.page.getByRole('group', { name: 'Film' })
  const button = group.getByRole('button', { name: 'Load only this one' })
  await button.waitFor()
  await group.getByRole('button', { name: 'Allow and load' }).focus()
  await shop.page.keyboard.press('Tab')
  await expect(button).toBeFocused()
  await shop.page.keyboard.press('Enter')
  await expect(shop.page.locator('#film[src]')).toBeFocused()
  expect(await shop.choices()).toMatchObject({ video: false })
})
