// Automatic mode in a real browser: what comes from a listed host does not run, and what code puts on the page is not
// even asked for, until it is allowed; what runs is told to stop when it no longer is.
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { chromium } from 'playwright'
import { expect } from 'playwright/test'
import demoSite from '../../demo/site.json' with { type: 'json' }
import { launchOptions } from '../../scripts/browser.ts'
import { OwnPage } from './own-page.ts'
import { ShopPage } from './shop-page.ts'
import { test } from './stage.ts'

test.use({ scene: 'automatic' })

let page: Server
let tracker: Server
let html = ''
let asked: string[] = []

const portOf = (server: Server) => (server.address() as AddressInfo).port
const listen = (server: Server) => new Promise<void>((resolve) => server.listen(0, resolve))

test.beforeAll(async ({ stage }) => {
  page = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html))
  tracker = createServer((request, response) => {
    asked.push(request.url!)
    const isScript = request.url!.endsWith('.js')
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' }).end(isScript ? `(window.ran ??= []).push(${JSON.stringify(request.url)})` : '<title>frame</title>')
  })
  await Promise.all([listen(page), listen(tracker)])
  const file = join(stage.dataDir, 'automatic.json')
  // A host has no port in the site file, so the tracker's stands in the browser's resolver rules.
  const list = [{ id: 'tracker', purpose: 'analytics', hosts: ['tracker.test'] }, { id: 'films', purpose: 'video', hosts: ['films.test/embed'] }, { id: 'matomo', purpose: 'analytics' }]
  writeFileSync(file, JSON.stringify({ ...demoSite, site: 'automatic', origins: [`http://localhost:${portOf(page)}`], services: { automatic: true, list } }))
  const published = await stage.run('site', 'publish', file)
  expect(published.exitCode, published.stderr).toBe(0)
})
test.afterAll(() => {
  page.close()
  tracker.close()
})

test('nothing listed runs before the choice, and nothing that code adds is asked for; then all of it, in order; a withdrawal is told', async ({ stage }) => {
  const options = launchOptions(process.env)
  const browser = await chromium.launch({ ...options, args: [...(options.args ?? []), `--host-resolver-rules=MAP tracker.test:80 127.0.0.1:${portOf(tracker)},MAP films.test:80 127.0.0.1:${portOf(tracker)}`] })
  try {
    asked = []
    html = `<!doctype html><html lang="en"><head><script src="${stage.serviceUrl}/v1/sites/automatic/widget.js"></script>
      <script src="http://tracker.test/parsed.js"></script></head><body><p>Words</p>
      <iframe src="http://films.test/embed/1" width="300" height="150" title="Film"></iframe><iframe src="http://films.test/other" title="Not listed"></iframe>
      <script>
        window._paq = []
        const add = (name) => document.head.append(Object.assign(document.createElement('script'), { src: 'http://tracker.test/' + name, async: false }))
        add('made-1.js'); add('made-2.js')
        new Image().src = 'http://tracker.test/pixel.gif'
      </script></body></html>`
    const shop = new ShopPage(await browser.newPage(), { ...stage, shopUrl: `http://localhost:${portOf(page)}` })
    await shop.openWithBanner()
    const ran = () => shop.page.evaluate(() => (window as unknown as { ran?: string[] }).ran ?? [])
    await expect.poll(() => asked).toContain('/other')
    await shop.page.waitForLoadState('networkidle')
    expect(await ran()).toEqual([])
    // What stands in the page's own HTML may have been asked for by then, by the preload scanner or as it was parsed
    // (docs/services.md says so); it neither runs nor stays. What code adds is never asked for.
    expect(asked.filter((url) => !['/other', '/parsed.js', '/embed/1'].includes(url))).toEqual([])
    await expect(shop.page.locator('iframe[src*="films.test/embed"]')).toHaveCount(0)
    await expect(shop.page.locator('div[data-sayso=video] button')).toHaveCount(2)

    await shop.button('accept-all').click()
    await expect.poll(ran).toEqual(['/parsed.js', '/made-1.js', '/made-2.js'])
    await expect.poll(() => asked).toContain('/embed/1')
    await shop.page.evaluate(() => (window as unknown as { sayso: { withdraw(id: string): void } }).sayso.withdraw('analytics'))
    expect(await shop.page.evaluate(() => (window as unknown as { _paq: string[][] })._paq)).toEqual([['forgetUserOptOut'], ['optUserOut']])
  } finally {
    await browser.close()
  }
})

test('where a site says so, a page reloads when something that ran is withdrawn; the withdrawal is recorded and holds', async ({ stage, page: visitor }) => {
  const own = await OwnPage.open()
  await own.publish(stage, 'reloads', { on_withdrawal: 'reload' })
  const visited = await own.visit(visitor, stage, `<!doctype html><html lang="en"><title>Page</title><p>Words</p>${own.tag(stage, 'reloads')}<script type="text/plain" data-sayso="analytics">document.title = 'counted'</script>`)
  await visited.button('accept-all').click()
  await expect(visitor).toHaveTitle('counted')
  await expect.poll(() => visited.receiptCount()).toBe(1)
  const reloaded = visitor.waitForEvent('load')
  await visitor.evaluate(() => (window as unknown as { sayso: { withdraw(id: string): void } }).sayso.withdraw('analytics'))
  await reloaded
  await expect(visitor).toHaveTitle('Page')
  await expect.poll(() => visited.receiptCount()).toBe(2)
  expect(await visited.choices()).toMatchObject({ analytics: false, video: true })
  own.close()
})
