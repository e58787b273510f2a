// FAIRNESS 1, 2, 11, 12 and 14 to 17: what happens before and after the choice, and where it must hold.
import { AxeBuilder } from '@axe-core/playwright'
import { chromium, type Page } from 'playwright'
import { expect } from 'playwright/test'
import demoSite from '../../../demo/site.json' with { type: 'json' }
import { launchOptions } from '../../../scripts/browser.ts'
import { directionOf } from '../../../ui/languages.ts'
import { OwnPage } from '../own-page.ts'
import { readStorage, ShopPage } from '../shop-page.ts'
import { type Stage, test } from '../stage.ts'

test.use({ scene: 'fairness-around' })

let own: OwnPage
test.beforeAll(async ({ stage }) => {
  own = await OwnPage.open()
  // The demo's own two languages, and one that is written from right to left.
  await own.publish(stage, 'own', { notices: [...demoSite.notices, ...demoSite.notices.slice(0, 2).map((notice) => ({ ...notice, language: 'ar', labels: {} }))] })
})
test.afterAll(() => own.close())
test.beforeEach(() => {
  own.headers = {}
})

const html = (stage: Stage, more = '', language = 'en') => `<!doctype html><html lang="${language}" dir="${directionOf(language)}"><meta name="viewport" content="width=device-width"><title>Page</title><main><h1>Page</h1>${more}</main>${own.tag(stage, 'own')}
  <script type="text/plain" data-sayso="analytics">document.title = 'counted'; document.cookie = 'ff_visit=1;Path=/'</script><footer><a href="#" data-sayso-open>Choices</a></footer>`

const DAY_MS = 86_400_000

test('FAIRNESS 1: before the first click a fresh profile asks only for the page and for us, and keeps nothing', async ({ stage, page, context }) => {
  const visited = await own.visit(page, stage, html(stage))
  await visited.button('reject-all').waitFor()
  await page.waitForLoadState('networkidle')
  const paths = visited.requests.map((request) => new URL(request.url())).filter(({ origin }) => origin !== own.origin).map(({ origin, pathname }) => {
    expect(origin).toBe(stage.serviceUrl)
    return pathname.replace(/\.[\w-]{8,}\.js$/, '.js').replace(/[\w-]{43}$/, '{hash}')
  })
  expect(new Set(paths)).toEqual(new Set(['/v1/sites/own/widget.js', '/assets/rest.js', '/assets/part.js', '/v1/sites/own/widget.json', '/v1/sites/own/notices/{hash}']))
  expect(await readStorage(context, page)).toEqual({ cookies: [], local: [], session: [], databases: [] })
})

for (const [name, damage] of Object.entries<(page: Page, stage: Stage) => Promise<unknown>>({
  'the widget is blocked': (page) => page.route('**/widget.js', (route) => route.abort()),
  'the widget is empty': (page) => page.route('**/widget.js', (route) => route.fulfill({ body: '', contentType: 'text/javascript' })),
  'the service answers with an error': (page) => page.route('**/widget.js', (route) => route.fulfill({ status: 500, body: 'no' })),
  'everything but the tag is offline': (page, { serviceUrl }) => page.route(`${serviceUrl}/{assets,v1/sites/own/events,v1/sites/own/notices,v1/sites/own/widget.json}**`, (route) => route.abort('internetdisconnected')),
  'storage throws': (page) => page.addInitScript(() => {
    for (const key of ['indexedDB', 'localStorage', 'sessionStorage']) Object.defineProperty(window, key, { get() { throw new DOMException('denied', 'SecurityError') } })
  }),
  'cookies throw': (page) => page.addInitScript(() => Object.defineProperty(Document.prototype, 'cookie', { get() { throw new DOMException('denied', 'SecurityError') }, set() { throw new DOMException('denied', 'SecurityError') } })),
  'crypto is missing': (page) => page.addInitScript(() => Object.defineProperty(window, 'crypto', { value: undefined })),
  'crypto throws': (page) => page.addInitScript(() => {
    for (const name of ['generateKey', 'sign', 'digest']) Object.defineProperty(SubtleCrypto.prototype, name, { value: () => { throw new DOMException('denied', 'OperationError') } })
  }),
  'the network throws': (page) => page.addInitScript(() => Object.defineProperty(window, 'fetch', { value: () => { throw new TypeError('denied') } })),
  'the cookie is not one that we wrote': (page) => page.addInitScript(() => { document.cookie = 'sayso=AAAAAAAAAAA.ggg.9999999999999.' }),
})) {
  test(`FAIRNESS 2: where ${name} everything counts as denied and the page stays usable`, async ({ stage, page }) => {
    await damage(page, stage)
    const visited = await own.visit(page, stage, html(stage, '<button onclick="this.textContent = \'pressed\'">Page</button>'))
    await page.waitForLoadState('networkidle')
    const allowed = () => page.evaluate(() => Object.values((window as unknown as { sayso?: { choices(): object } }).sayso?.choices() ?? {}))
    expect(await allowed()).not.toContain(true)
    if (await visited.banner.count() > 0) {
      await visited.box('analytics').check()
      await visited.button('reject-all').click()
      await expect(visited.banner).toHaveCount(0)
      expect(await allowed()).toEqual([false, false, false])
    }
    await visited.page.getByRole('button', { name: 'Page' }).click()
    await expect(visited.page.getByRole('button', { name: 'pressed' })).toBeVisible()
    await expect(page, 'the parked tag did not run').toHaveTitle('Page')
  })
}

for (const [days, isAsked] of [[179, false], [184, true]] as const) {
  test(`FAIRNESS 11: ${days} days after a refusal ${isAsked ? 'people may be asked' : 'nobody is asked'}`, async ({ stage, page, context }) => {
    const visited = await own.visit(page, stage, html(stage))
    await visited.button('reject-all').click()
    await expect.poll(() => visited.receiptCount()).toBe(1)
    // The browser's own clock would have let the cookie go; here it stays and must be judged by its time.
    const cookie = (await context.cookies(own.origin)).find(({ name }) => name === 'sayso')!
    const [key, letters, timeMs, flag] = cookie.value.split('.')
    await context.addCookies([{ ...cookie, value: [key, letters, Number(timeMs) - days * DAY_MS, flag].join('.') }])
    await visited.open()
    await expect.poll(() => visited.choices().catch(() => null)).toEqual({ analytics: false, video: false, advertising: false })
    if (isAsked) await visited.button('reject-all').waitFor()
    else await expect(visited.banner).toHaveCount(0)
  })
}

test('FAIRNESS 12: as many clicks to withdraw as to accept, and a save; tags’ cookies go and an event is signed', async ({ stage, page, context }) => {
  const visited = await own.visit(page, stage, html(stage))
  await visited.button('accept-all').click()
  await expect(page).toHaveTitle('counted')
  await expect.poll(() => visited.receiptCount()).toBe(1)
  await visited.reopen()
  await visited.button('reject-all').click()
  await expect.poll(() => visited.receiptCount()).toBe(2)
  await expect.poll(async () => (await context.cookies(own.origin)).map(({ name }) => name)).toEqual(['sayso'])
  const { event } = (await visited.sentEvents()).at(-1)!
  expect(event.decisions.map(({ event_state }) => event_state)).toEqual(['withdrawn', 'withdrawn', 'withdrawn'])
  await visited.open()
  await expect(page).toHaveTitle('Page')
})

test('FAIRNESS 14: accepting, refusing, amending and withdrawing are each one signed event with the words that stood there', async ({ stage, page }) => {
  const visited = await own.visit(page, stage, html(stage))
  await visited.button('reject-all').click()
  await expect.poll(() => visited.receiptCount()).toBe(1)
  await visited.reopen()
  await visited.box('video').check()
  await visited.button('save').click()
  await expect.poll(() => visited.receiptCount()).toBe(2)
  await page.evaluate(() => (window as unknown as { sayso: { withdraw(id: string): void } }).sayso.withdraw('video'))
  await expect.poll(() => visited.receiptCount()).toBe(3)
  const events = (await visited.sentEvents()).map(({ event }) => event)
  expect(events.map(({ source: { action }, attestation, decisions }) => [action, attestation, decisions.map(({ purpose_id, event_state }) => `${purpose_id} ${event_state}`).join()])).toEqual([
    ['Reject all', 'device', 'analytics refused,video refused,advertising refused'],
    ['Save my choice', 'device', 'analytics refused,video given,advertising refused'],
    ['sayso.withdraw()', 'device', 'video withdrawn'],
  ])
  const notice = await (await fetch(`${stage.serviceUrl}/v1/sites/own/notices/${events[0]!.notice_hash}`)).json() as { purposes: { id: string; statement_text: string }[] }
  for (const { purpose_id, statement_text } of events[0]!.decisions) expect(statement_text).toBe(notice.purposes.find(({ id }) => id === purpose_id)!.statement_text)
})

test('FAIRNESS 15: the browser’s own Global Privacy Control keeps advertising off, is shown and is logged', async ({ stage }) => {
  const options = launchOptions(process.env)
  const browser = await chromium.launch({ ...options, args: [...(options.args ?? []), '--enable-features=GlobalPrivacyControlForce'] })
  try {
    const shop = new ShopPage(await browser.newPage(), stage)
    await shop.openWithBanner()
    expect(await shop.page.evaluate(() => (navigator as Navigator & { globalPrivacyControl?: boolean }).globalPrivacyControl)).toBe(true)
    await expect(shop.banner).toContainText('Opt-out signal honoured')
    await expect.poll(async () => (await shop.sentEvents()).map(({ event }) => [event.event_type, event.decisions.map(({ purpose_id, event_state }) => `${purpose_id} ${event_state}`)])).toEqual([['signal', ['advertising refused']]])
    await shop.button('accept-all').click()
    await expect.poll(() => shop.requests.some((request) => request.url().includes('collect')), 'what was allowed runs').toBe(true)
    expect(await shop.choices()).toEqual({ analytics: true, video: true, advertising: false })
    expect(shop.requests.filter((request) => request.url().includes('remember-for-ads'))).toEqual([])
  } finally {
    await browser.close()
  }
})

test('FAIRNESS 16: strict policies and no Trusted Types: no violation in banner, details, form or placeholder', async ({ stage, page }) => {
  own.headers = {
    'content-security-policy': `default-src 'self'; script-src 'nonce-abc' 'strict-dynamic'; style-src 'self'; connect-src ${stage.serviceUrl}; require-trusted-types-for 'script'; trusted-types 'none'`,
    'cross-origin-embedder-policy': 'require-corp',
  }
  const violations: string[] = []
  page.on('console', (message) => /Content Security Policy|Trusted ?(Script|Type)|COEP|ERR_BLOCKED/i.test(message.text()) && violations.push(message.text()))
  const page1 = html(stage, '<form><input type="email" name="email"><div data-sayso-opt-in="newsletter"></div></form><iframe data-sayso="video" data-src="/film" width="300" height="150" title="Film"></iframe>').replaceAll('<script ', '<script nonce="abc" crossorigin ')
  const visited = await own.visit(page, stage, page1)
  await visited.button('choose').click()
  await expect(visited.banner.getByText('Who is responsible')).toBeVisible()
  await expect(page.locator('[data-sayso-opt-in] input[type=checkbox]')).toBeVisible()
  await expect(page.locator('div[data-sayso=video] button').first()).toBeVisible()
  await visited.button('accept-all').click()
  await expect(page).toHaveTitle('counted')
  await expect.poll(() => visited.receiptCount()).toBe(1)
  expect(violations).toEqual([])
})

test('FAIRNESS 16: a pinned build runs under its digest and COEP, and not under another', async ({ stage, page }) => {
  own.headers = { 'cross-origin-embedder-policy': 'require-corp' }
  const { src, integrity } = await (await fetch(`${stage.serviceUrl}/v1/sites/own/pinned?lang=en`)).json() as { src: string; integrity: string }
  const pinned = (digest: string) => `<!doctype html><html lang="en"><title>Page</title><p>Words</p><script async src="${src}" integrity="${digest}" crossorigin></script>`
  const visited = await own.visit(page, stage, pinned(integrity))
  await visited.button('reject-all').click()
  await expect.poll(() => visited.receiptCount()).toBe(1)
  const failed = page.waitForEvent('console', (message) => message.text().includes('integrity'))
  await own.visit(page, stage, pinned(integrity.replace(/.{4}$/, 'AAAA')))
  await failed
  expect(await page.evaluate(() => 'sayso' in window)).toBe(false)
})

for (const language of ['en', 'de', 'ar']) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`FAIRNESS 17: axe finds nothing in the banner with its details open, nor in the form and the placeholder (${language}, ${colorScheme})`, async ({ stage, page }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      const body = html(stage, '<form><label>E-mail <input type="email" name="email"></label><div data-sayso-opt-in="newsletter offers"></div><button>Subscribe</button></form><iframe data-sayso="video" data-src="/film" width="400" height="300" title="Film"></iframe>', language)
      const visited = await own.visit(page, stage, body)
      await visited.button('choose').click()
      await expect(visited.banner.locator('.panel dl').first()).toBeVisible()
      await expect(page.locator('[data-sayso-opt-in] input[type=checkbox]').first()).toBeVisible()
      await expect(page.locator('div[data-sayso=video] button').first()).toBeVisible()
      await expect(visited.banner).toHaveAttribute('lang', language)
      expect(await visited.banner.evaluate((host) => host.matches(':dir(rtl)'))).toBe(language === 'ar')
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
    })
  }
}

test('FAIRNESS 17: with the keyboard alone people come into the banner, out of it again and back, and can refuse', async ({ stage, page }) => {
  const visited = await own.visit(page, stage, html(stage, '<a href="#page">Page</a>'))
  await visited.button('accept-all').focus()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Page' })).toBeFocused()
  await page.keyboard.press('Shift+Tab')
  await expect(visited.button('accept-all')).toBeFocused()
  for (let back = 0; back < 2; back += 1) await page.keyboard.press('Shift+Tab')
  await expect(visited.button('reject-all')).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(visited.banner).toHaveCount(0)
  await expect.poll(() => visited.receiptCount()).toBe(1)
  expect((await visited.sentEvents())[0]!.event.source.action).toBe('Reject all')
})
