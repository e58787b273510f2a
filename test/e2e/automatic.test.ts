// Automatic mode in a real browser: what comes from a listed host does not run, and what code puts on the page is not
// even asked for, until it is allowed; what runs is told to stop when it no longer is.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright'
import { expect } from 'playwright/test'
import demoSite from '../../demo/site.json' with { type: 'json' }
import { launchOptions } from '../../scripts/browser.ts'
import { ShopPage } from './shop-page.ts'
import { type Stage, test } from './stage.ts'

test.use({ scene: 'automatic' })

let page: Server
let tracker: Server
let html = ''
let asked: string[] = []
/** What pages said of themselves; `/told` gives it back. */
let told: string[] = []

const portOf = (server: Server) => (server.address() as AddressInfo).port
const listen = (server: Server) => new Promise<void>((resolve) => server.listen(0, resolve))

test.beforeAll(async ({ stage }) => {
  page = createServer(({ url }, response) => {
    if (url!.startsWith('/told?')) told.push(`${decodeURIComponent(url!.slice(6))} ${asked.length} asked`)
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(url === '/told' ? told.join() : html)
  })
  tracker = createServer((request, response) => {
    asked.push(request.url!)
    const isScript = request.url!.endsWith('.js')
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html', 'access-control-allow-origin': '*' }).end(isScript ? `(window.ran ??= []).push(${JSON.stringify(request.url)})` : '<title>frame</title>')
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

const openBrowser = () => {
  const options = launchOptions(process.env)
  return chromium.launch({ ...options, args: [...(options.args ?? []), `--host-resolver-rules=MAP tracker.test:80 127.0.0.1:${portOf(tracker)},MAP films.test:80 127.0.0.1:${portOf(tracker)}`] })
}
const ranIn = ({ page: opened }: ShopPage) => opened.evaluate(() => (window as unknown as { ran?: string[] }).ran ?? [])
const writePage = (stage: Stage, body: string, head = '') => `<!doctype html><html lang="en"><head><script src="${stage.serviceUrl}/v1/sites/automatic/widget.js"></script><link rel="icon" href="data:,">${head}</head><body>${body}</body></html>`
const openShop = async (browser: Browser, stage: Stage, body: string, head = '') => {
  asked = []
  html = writePage(stage, body, head)
  const shop = new ShopPage(await browser.newPage(), { ...stage, shopUrl: `http://localhost:${portOf(page)}` })
  await shop.openWithBanner()
  return shop
}

test('nothing listed runs before the choice, and nothing that code adds is asked for; then all of it, in order; a withdrawal is told', async ({ stage }) => {
  const browser = await openBrowser()
  try {
    const shop = await openShop(browser, stage, `<p>Words</p>
      <iframe src="http://films.test/embed/1" width="300" height="150" title="Film"></iframe><iframe src="http://films.test/other" title="Not listed"></iframe>
      <script>
        window._paq = []
        const add = (name) => document.head.append(Object.assign(document.createElement('script'), { src: 'http://tracker.test/' + name, async: false }))
        add('made-1.js'); add('made-2.js')
        new Image().src = 'http://tracker.test/pixel.gif'
      </script>`, '<script src="http://tracker.test/parsed.js"></script>')
    await expect.poll(() => asked).toContain('/other')
    await shop.page.waitForLoadState('networkidle')
    expect(await ranIn(shop)).toEqual([])
    // What stands in the page's own HTML may have been asked for by then, by the preload scanner or as it was parsed
    // (docs/services.md says so); it neither runs nor stays. What code adds is never asked for.
    expect(asked.filter((url) => !['/other', '/parsed.js', '/embed/1'].includes(url))).toEqual([])
    await expect(shop.page.locator('iframe[src*="films.test/embed"]')).toHaveCount(0)
    await expect(shop.page.locator('div[data-sayso=video] button')).toHaveCount(2)

    await shop.button('accept-all').click()
    await expect.poll(() => ranIn(shop)).toEqual(['/parsed.js', '/made-1.js', '/made-2.js'])
    await expect.poll(() => asked).toContain('/embed/1')
    await shop.page.evaluate(() => (window as unknown as { sayso: { withdraw(id: string): void } }).sayso.withdraw('analytics'))
    expect(await shop.page.evaluate(() => (window as unknown as { _paq: string[][] })._paq)).toEqual([['forgetUserOptOut'], ['optUserOut']])
  } finally {
    await browser.close()
  }
})

// Each as a tag's own snippet does it; in brackets what it asks for.
const WAYS = {
  'a script whose type is said last (/a.js)': `const s = document.createElement('script'); s.src = 'http://tracker.test/a.js'; s.type = 'text/javascript'; document.head.append(s)`,
  'a script by attributes (/b.js)': `const s = document.createElement('script'); s.setAttribute('src', 'http://tracker.test/b.js'); s.setAttribute('type', 'text/javascript'); document.head.insertBefore(s, document.scripts[0])`,
  'a module (/m.js)': `document.head.append(Object.assign(document.createElement('script'), { type: 'module', src: 'http://tracker.test/m.js' }))`,
  'a written script (/c.js)': `document.write('<script src="http://tracker.test/c.js"><\\/script>')`,
  'an image by attributes (/d.gif)': `new Image().setAttribute('src', 'http://tracker.test/d.gif')`,
  'an image of several sizes (/e.gif)': `const i = new Image(); i.srcset = 'http://tracker.test/e.gif 1x, http://tracker.test/e2.gif 2x'; document.body.append(i)`,
  'a frame by attributes (/f)': `const f = document.createElement('iframe'); f.setAttribute('src', 'http://tracker.test/f'); document.body.append(f)`,
  'a style sheet (/g.css)': `document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: 'http://tracker.test/g.css' }))`,
} as const

test('whichever way code adds something, it is not asked for before the choice, and comes after it', async ({ stage }) => {
  const browser = await openBrowser()
  try {
    const shop = await openShop(browser, stage, Object.values(WAYS).map((code) => `<script>{${code}}</script>`).join(''))
    await shop.page.waitForLoadState('networkidle')
    expect(asked).toEqual([])
    expect(await ranIn(shop)).toEqual([])
    await shop.button('accept-all').click()
    await expect.poll(async () => (await ranIn(shop)).toSorted()).toEqual(['/a.js', '/b.js', '/c.js', '/m.js'])
    for (const url of ['/f', '/g.css']) await expect.poll(() => asked, url).toContain(url)
    expect(await shop.page.evaluate(() => [...document.scripts].find(({ src }) => src.endsWith('/m.js'))!.type)).toBe('module')
  } finally {
    await browser.close()
  }
})

test('frames and images that code writes as HTML do not stay', async ({ stage }) => {
  const browser = await openBrowser()
  try {
    const shop = await openShop(browser, stage, `<div id="place"></div><script>
      document.querySelector('#place').innerHTML = '<img src="http://tracker.test/h.gif" width="80" height="80"><iframe src="http://tracker.test/i"></iframe>'</script>`)
    await shop.page.waitForLoadState('networkidle')
    await expect(shop.page.locator('iframe, img')).toHaveCount(0)
    await shop.button('accept-all').click()
    await expect(shop.page.locator('iframe[src$="/i"], img[src$="/h.gif"]')).toHaveCount(2)
  } finally {
    await browser.close()
  }
})

test('“only this one” loads one blocked frame, and leaves the others blocked', async ({ stage }) => {
  const browser = await openBrowser()
  try {
    const frame = (name: string) => `<iframe src="http://films.test/embed/${name}" width="300" height="150" title="Film ${name}"></iframe>`
    const shop = await openShop(browser, stage, frame('1') + frame('2'))
    await shop.page.getByRole('group', { name: 'Film 1' }).getByRole('button', { name: 'Load only this one' }).click()
    await expect(shop.page.frameLocator('iframe[title="Film 1"]').locator('title')).toHaveCount(1)
    await expect(shop.page.getByRole('group', { name: 'Film 2' })).toBeVisible()
    expect(await shop.choices()).toMatchObject({ video: false })
  } finally {
    await browser.close()
  }
})

// Whoever watches Chromium over its protocol keeps it from prerendering, so this one is left alone: its pages tell the
// server what they see and are told there when to go on.
test('FAIRNESS 18: while a page is prerendered nothing runs, nothing listed is asked for by code, and there is no banner until it is shown', async ({ stage }) => {
  const { executablePath, args } = launchOptions(process.env)
  told = []
  asked = []
  html = writePage(stage, `<p>Page</p><script>
      const tell = (...what) => fetch('/told?' + what.join(' '))
      const wait = async (read) => { while (!read()) await new Promise((done) => setTimeout(done, 20)) }
      const see = (when) => tell(when, document.prerendering, document.querySelectorAll('sayso-banner').length, JSON.stringify(window.ran ?? []))
      document.head.append(Object.assign(document.createElement('script'), { src: 'http://tracker.test/made.js' }))
      new Image().src = 'http://tracker.test/pixel.gif'
      if (location.pathname === '/next') {
        addEventListener('load', () => see('loaded'))
        document.addEventListener('prerenderingchange', async () => {
          await wait(() => document.querySelector('sayso-banner'))
          await see('shown')
          document.querySelector('[data-sayso-action=accept-all]').click()
          await wait(() => window.ran?.length === 2)
          await see('agreed')
        })
      } else {
        document.head.append(Object.assign(document.createElement('script'), { type: 'speculationrules', textContent: '{"prerender":[{"urls":["/next"],"eagerness":"immediate"}]}' }))
        const go = async () => { (await (await fetch('/told')).text()) ? location.href = '/next' : setTimeout(go, 20) }
        go()
      }
    </script><script type="text/plain" data-sayso="analytics">(window.ran ??= []).push('parked')</script>`)
  const profile = mkdtempSync(join(tmpdir(), 'sayso-tab-'))
  const child = spawn(executablePath ?? chromium.executablePath(), [...args, `--host-resolver-rules=MAP tracker.test:80 127.0.0.1:${portOf(tracker)}`, '--headless', '--disable-gpu', `--user-data-dir=${profile}`, `http://localhost:${portOf(page)}/first`], { stdio: 'ignore' })
  try {
    await expect.poll(() => told).toEqual(['loaded true 0 [] 0 asked', 'shown false 1 [] 0 asked', expect.stringMatching(/^agreed false 0 .*parked.*\/made|^agreed false 0 .*made.*parked/)])
  } finally {
    const hasEnded = once(child, 'exit')
    child.kill()
    await hasEnded
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
})
