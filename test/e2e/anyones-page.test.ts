// The tag on pages that nobody would write today, and that are there all the same: each asks, refuses and records, and the
// page's own code goes on.
import { chromium, type Page } from 'playwright'
import { expect } from 'playwright/test'
import { launchOptions } from '../../scripts/browser.ts'
import { OwnPage } from './own-page.ts'
import type { ShopPage } from './shop-page.ts'
import { type Stage, test } from './stage.ts'

test.use({ scene: 'anyones-page' })

let own: OwnPage
test.beforeAll(async ({ stage }) => {
  own = await OwnPage.open()
  await own.publish(stage, 'anyone')
})
test.afterAll(() => own.close())
test.beforeEach(() => {
  own.headers = {}
})

const document = (head: string, body: string) => `<!doctype html><html lang="en"><head><title>Page</title>${head}</head><body><p>Words</p>${body}</body></html>`

/** People can refuse, and that is recorded. */
async function expectRefusalRecorded(visited: ShopPage): Promise<void> {
  await visited.button('reject-all').click()
  await expect.poll(() => visited.receiptCount()).toBe(1)
  await expect(visited.banner).toHaveCount(0)
}

const OLD_POLYFILLS = `<script>
  Object.prototype.polluted = 'x'; Array.prototype.contains = function (one) { return this.indexOf(one) >= 0 }
  const native = { parse: JSON.parse, stringify: JSON.stringify }
  window.JSON = { parse: (text, revive) => native.parse(text, revive), stringify: (value, replace, space) => native.stringify(value, replace, space) }
  Array.from = (list) => Array.prototype.slice.call(list); Object.assign = function (target) { for (let i = 1; i < arguments.length; i++) for (const key of Object.keys(arguments[i] || {})) target[key] = arguments[i][key]; return target }
  const realFetch = window.fetch; window.fetch = function () { return realFetch.apply(this, arguments) }
  const RealPromise = window.Promise; window.Promise = class extends RealPromise {}
</script>`

// What Prototype.js did to arrays, texts and JSON, a Promise that is none, and a fetch over XMLHttpRequest.
const OLDER_LIBRARIES = `<script>
  Array.prototype.toJSON = function () { return '[' + this.map((one) => JSON.stringify(one)).join(', ') + ']' }
  String.prototype.toJSON = function () { return '"' + this + '"' }
  Array.prototype.entries = function () { return this.slice() }; Array.prototype.reduce = function () { return this.length > 1 ? this : this[0] }
  Array.prototype.find = Array.prototype.detect = function (test) { for (let i = 0; i < this.length; i++) if (test(this[i], i)) return this[i] }
  Element.prototype.remove = function () { this.parentNode.removeChild(this); return this }
  Function.prototype.bind = function (self) { const call = this, first = [].slice.call(arguments, 1); return function () { return call.apply(self, first.concat([].slice.call(arguments))) } }
  window.CustomEvent = function (type, more) { const made = document.createEvent('CustomEvent'); made.initCustomEvent(type, false, false, more && more.detail); return made }
  const Native = window.Promise
  window.Promise = function (work) { const inner = new Native(work); this.then = (done, failed) => { const next = inner.then(done, failed); return new window.Promise((good, bad) => next.then(good, bad)) }; this.catch = (failed) => this.then(undefined, failed) }
  window.Promise.resolve = (value) => new window.Promise((good) => good(value)); window.Promise.reject = (value) => new window.Promise((_, bad) => bad(value))
  window.Promise.all = (list) => new window.Promise((good, bad) => Native.all(list).then(good, bad))
  window.fetch = (address, options) => new window.Promise((good, bad) => {
    const request = new XMLHttpRequest()
    request.open((options && options.method) || 'get', address, true)
    for (const name in options && options.headers) request.setRequestHeader(name, options.headers[name])
    request.onload = () => good({ ok: (request.status / 100 | 0) === 2, status: request.status, headers: { get: (name) => request.getResponseHeader(name) }, text: () => window.Promise.resolve(request.responseText), json: () => window.Promise.resolve(request.responseText).then(JSON.parse) })
    request.onerror = bad
    request.send((options && options.body) || null)
  })
</script>`

for (const [name, write] of Object.entries<(tag: string) => string>({
  'older libraries before the tag': (tag) => document(OLDER_LIBRARIES + tag, ''),
  'older libraries after the tag': (tag) => document(tag, OLDER_LIBRARIES),
  'old polyfills before the tag': (tag) => document(OLD_POLYFILLS + tag, ''),
  'old polyfills after the tag': (tag) => document(tag, OLD_POLYFILLS),
  'the tag in the head, not async': (tag) => document(tag.replace('async ', ''), ''),
  'the tag at the end': (tag) => document('', tag),
  'two copies of the tag': (tag) => document(tag, tag),
  'the tag put in by a tag manager': (tag) => document('', `<script>const made = document.createElement('script'); made.async = true; made.src = ${JSON.stringify(/src="([^"]+)"/.exec(tag)![1])}; document.head.append(made)</script>`),
  'no doctype': (tag) => `<html lang="en"><title>Page</title><body><p>Words</p>${tag}`,
  'no body yet': (tag) => `<!doctype html><html lang="en"><head><title>Page</title>${tag.replace('async ', '')}<script>window.hadBody = !!document.body</script></head><body><p>Words</p></body></html>`,
})) {
  test(`with ${name} people are asked, once, and a refusal is recorded`, async ({ stage, page }) => {
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(error.message))
    const visited = await own.visit(page, stage, write(own.tag(stage, 'anyone')))
    await visited.button('reject-all').waitFor()
    await expect(visited.banner).toHaveCount(1)
    await expectRefusalRecorded(visited)
    expect(errors).toEqual([])
  })
}

test('as XHTML', async ({ stage, page }) => {
  own.headers = { 'content-type': 'application/xhtml+xml; charset=utf-8' }
  const visited = await own.visit(page, stage, `<?xml version="1.0" encoding="UTF-8"?><html xmlns="http://www.w3.org/1999/xhtml" lang="en" xml:lang="en"><head><title>Page</title></head><body><p>Words</p>${own.tag(stage, 'anyone').replace('async ', 'async="async" ')}</body></html>`)
  await expectRefusalRecorded(visited)
})

test('in a frame of the same origin, and in one that is shut off from everything', async ({ stage, page }) => {
  const inner = document('', own.tag(stage, 'anyone'))
  await own.visit(page, stage, document('', `<iframe title="Inner" width="900" height="600"></iframe><iframe title="Sandbox" sandbox="allow-scripts" width="900" height="600"></iframe>`))
  await page.locator('iframe').first().evaluate((frame, text) => { (frame as HTMLIFrameElement).srcdoc = text }, inner)
  await page.locator('iframe').last().evaluate((frame, text) => { (frame as HTMLIFrameElement).srcdoc = text }, inner)
  for (const frame of [page.frameLocator('iframe >> nth=0'), page.frameLocator('iframe >> nth=1')]) {
    await frame.locator('[data-sayso-action=reject-all]').click()
    await expect(frame.locator('sayso-banner')).toHaveCount(0)
  }
})

test('in a frame on a page of another site people are asked, and a refusal is recorded', async ({ stage, page }) => {
  await own.visit(page, stage, document('', '<iframe title="Inner" width="900" height="600"></iframe>'), '127.0.0.1')
  own.html = document('', own.tag(stage, 'anyone'))
  await page.locator('iframe').evaluate((frame, address) => { (frame as HTMLIFrameElement).src = address }, own.origin)
  const sizeBefore = await stage.logSize('anyone')
  await page.frameLocator('iframe').locator('[data-sayso-action=reject-all]').click()
  await expect(page.frameLocator('iframe').locator('sayso-banner')).toHaveCount(0)
  await expect.poll(() => stage.logSize('anyone')).toBe(sizeBefore + 1)
})

test('a visitor’s blocker that hides the host wins: nothing is allowed, and the page works', async ({ stage, page }) => {
  const visited = await own.visit(page, stage, document('<style>sayso-banner{display:none!important}</style>', `${own.tag(stage, 'anyone')}<button onclick="this.textContent='pressed'">Page</button>`))
  await expect(visited.banner).toHaveCount(1)
  await expect(visited.banner).toBeHidden()
  expect(await visited.choices()).toEqual({ analytics: false, video: false, advertising: false })
  await page.getByRole('button', { name: 'Page' }).click()
  await expect(page.getByRole('button', { name: 'pressed' })).toBeVisible()
})

// Only the event `load` does, as for every script that is named in a page's HTML.
test('nothing of the page waits for a service that does not answer: it is parsed, painted and answers', async ({ stage, page }) => {
  await page.route('**/widget.js', () => {})
  own.html = document(own.tag(stage, 'anyone'), `<button onclick="this.textContent='pressed'">Page</button><script>document.addEventListener('DOMContentLoaded', () => requestAnimationFrame(() => { document.title = 'painted' }))</script>`)
  await page.goto(own.origin, { waitUntil: 'domcontentloaded' })
  await expect(page).toHaveTitle('painted')
  await page.getByRole('button', { name: 'Page' }).click()
  await expect(page.getByRole('button', { name: 'pressed' })).toBeVisible()
})

test('a pinned build goes on after the site was published anew and the service restarted; its event names that build', async ({ stage, page }) => {
  const { src, integrity } = await (await fetch(`${stage.serviceUrl}/v1/sites/anyone/pinned`)).json() as { src: string; integrity: string }
  const readBuild = async () => ((await (await fetch(`${stage.serviceUrl}/v1/sites/anyone/widget.json`)).json()) as { build: string }).build
  const build = await readBuild()
  await own.publish(stage, 'anyone', { appearance: { layout: 'box' } })
  await stage.stop()
  await stage.start()
  expect(await readBuild()).not.toBe(build)
  const visited = await own.visit(page, stage, document('', `<script async src="${src}" integrity="${integrity}" crossorigin></script>`))
  await expectRefusalRecorded(visited)
  const [sent] = await visited.sentEvents()
  expect(sent!.event.source.build).toBe(build)
  await own.publish(stage, 'anyone')
})

test('a page that changes itself: one banner, the choice holds, and what is parked later waits or runs', async ({ stage, page }) => {
  const visited = await own.visit(page, stage, document('', own.tag(stage, 'anyone')))
  await visited.button('reject-all').waitFor()
  const goTo = (path: string) => page.evaluate((next) => {
    history.pushState(null, '', next)
    for (const element of globalThis.document.body.querySelectorAll(':scope > :not(sayso-banner)')) element.remove()
    globalThis.document.body.append(Object.assign(globalThis.document.createElement('p'), { textContent: next }))
  }, path)
  await goTo('/second')
  await expect(visited.banner).toHaveCount(1)
  await visited.box('analytics').check()
  await visited.button('save').click()
  await goTo('/third')
  await expect(visited.banner).toHaveCount(0)
  await page.evaluate(() => {
    for (const purpose of ['analytics', 'advertising']) {
      const script = globalThis.document.createElement('script')
      script.type = 'text/plain'
      script.dataset.sayso = purpose
      script.textContent = `(window.ran ??= []).push('${purpose}')`
      globalThis.document.body.append(script)
    }
  })
  await expect.poll(() => page.evaluate(() => (window as unknown as { ran?: string[] }).ran)).toEqual(['analytics'])
})

test('while a page is prerendered nothing is asked, run or recorded; on arrival it is', async ({ stage }) => {
  // A prerendered page cannot be driven from outside, so the flag and the event are given by hand, as a browser gives them.
  const options = launchOptions(process.env)
  const browser = await chromium.launch(options)
  const page: Page = await browser.newPage()
  await page.addInitScript(() => Object.defineProperty(Document.prototype, 'prerendering', { configurable: true, get: () => !(window as unknown as { isActivated?: boolean }).isActivated }))
  const visited = await own.visit(page, stage as Stage, document('', `${own.tag(stage, 'anyone')}<script type="text/plain" data-sayso="analytics">document.title = 'counted'</script>`))
  await page.waitForLoadState('networkidle')
  await expect(visited.banner).toHaveCount(0)
  expect(await page.evaluate(() => 'sayso' in window)).toBe(false)
  await page.evaluate(() => {
    Object.assign(window, { isActivated: true })
    globalThis.document.dispatchEvent(new Event('prerenderingchange'))
  })
  await visited.button('accept-all').click()
  await expect(page).toHaveTitle('counted')
  await browser.close()
})
