// FAIRNESS 19: the whole list again where a browser is less than the usual: with all cookies and storage blocked by its
// settings, on plain http, and in a profile of its own (every other end-to-end test runs in a private window).
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium, type Page } from 'playwright'
import { expect } from 'playwright/test'
import { launchOptions } from '../../../scripts/browser.ts'
import { OwnPage } from '../own-page.ts'
import { test } from '../stage.ts'
import { countTabStops, expectSaidBeforehand, fireEveryEvent, NOTHING, writePage } from './list.ts'
import { expectEqualProminence } from './prominence.ts'

test.use({ scene: 'fairness-where', trace: 'off' })

let own: OwnPage
test.beforeAll(async ({ stage }) => {
  own = await OwnPage.open()
  const signals = { google: { types: { analytics_storage: 'analytics', ad_storage: 'advertising' } } }
  await own.publish(stage, 'where', { signals, appearance: {}, origins: [own.origin, own.origin.replace('localhost', 'plain.test')] })
})
test.afterAll(() => own.close())

interface Place {
  host?: string
  /** Settings of the browser, as its profile has them. */
  preferences?: object
  /** What the events' attestation is there. */
  attestation: string
  /** Whether the browser keeps a choice for the next page. */
  keeps: boolean
}

const places: Record<string, Place> = {
  'in a profile of one’s own': { attestation: 'device', keeps: true },
  'with cookies and storage blocked': { preferences: { profile: { default_content_setting_values: { cookies: 2 } } }, attestation: 'ephemeral', keeps: false },
  'on plain http': { host: 'plain.test', attestation: 'server', keeps: true },
}

/** What the page keeps; what may not even be asked for counts as nothing. */
const readKept = (page: Page) => page.evaluate(async () => {
  const tryTo = async (read: () => unknown) => {
    try {
      return await read()
    } catch {
      return 0
    }
  }
  return [await tryTo(() => document.cookie.length), await tryTo(() => localStorage.length), await tryTo(() => sessionStorage.length), await tryTo(async () => (await indexedDB.databases()).length)]
})

for (const [name, { host = 'localhost', preferences = {}, attestation, keeps }] of Object.entries(places)) {
  test(`FAIRNESS 19: the list ${name}`, async ({ stage }) => {
    const profile = mkdtempSync(join(tmpdir(), 'sayso-profile-'))
    mkdirSync(join(profile, 'Default'))
    writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify(preferences))
    const options = launchOptions(process.env)
    const context = await chromium.launchPersistentContext(profile, { ...options, args: [...options.args, '--host-resolver-rules=MAP plain.test 127.0.0.1'], locale: 'en-GB' })
    const page = context.pages()[0]!
    own.headers = { 'content-security-policy': `default-src 'self'; script-src 'nonce-abc' 'strict-dynamic'; style-src 'self' 'nonce-abc'; connect-src ${stage.serviceUrl}; require-trusted-types-for 'script'; trusted-types 'none'` }
    const violations: string[] = []
    page.on('console', (message) => /Content Security Policy|Trusted ?(?:Script|Type)/i.test(message.text()) && violations.push(message.text()))
    const html = writePage(own.tag(stage, 'where')).replaceAll('<script ', '<script nonce="abc" ').replaceAll('<style ', '<style nonce="abc" ')
    const visited = await own.visit(page, stage, html, host)

    await test.step('1: before a press nothing is kept, and nobody but the service is asked', async () => {
      await visited.button('reject-all').waitFor()
      await page.waitForLoadState('networkidle')
      expect(new Set(visited.requests.map((request) => new URL(request.url()).origin))).toEqual(new Set([new URL(page.url()).origin, stage.serviceUrl]))
      expect(await readKept(page)).toEqual([0, 0, 0, 0])
      expect(visited.requests.filter((request) => request.method() !== 'GET')).toEqual([])
    })
    await test.step('3: the default came before every tag', async () => {
      expect(await page.evaluate(() => [...(window as unknown as { dataLayer: ArrayLike<unknown>[] }).dataLayer].map((call) => [call[0], call[1]]))).toEqual([['consent', 'default']])
    })
    await test.step('4, 5: Reject all stands beside Accept all and is as easy to see', () => expectEqualProminence(visited, name))
    await test.step('6, 7: as many presses and steps, nothing ticked', async () => {
      expect(await page.evaluate(() => document.activeElement?.closest('sayso-banner') ?? null)).toBeNull()
      const stops = await countTabStops(page)
      expect(stops['accept-all']! - stops['reject-all']!).toBe(2)
      expect(await visited.banner.locator('input:checked').count()).toBe(0)
    })
    await test.step('8: no other event grants', async () => {
      await fireEveryEvent(visited)
      expect(await visited.choices()).toEqual(NOTHING)
    })
    await test.step('9, 10: what is said beforehand, in which language; no lock', async () => {
      await expectSaidBeforehand(visited)
      await expect(visited.banner).toHaveAttribute('lang', 'en')
      await page.evaluate(() => scrollTo(0, 300))
      expect(await page.evaluate(() => scrollY)).toBe(300)
    })
    await test.step('12, 13, 14: given and taken back: the tag runs and its cookie goes, one update and one event each', async () => {
      await visited.button('accept-all').click()
      await expect(page).toHaveTitle('counted')
      await expect.poll(() => visited.receiptCount()).toBe(1)
      await visited.reopen()
      await visited.button('reject-all').click()
      await expect.poll(() => visited.receiptCount()).toBe(2)
      expect(await visited.choices()).toEqual(NOTHING)
      await expect.poll(() => page.evaluate(() => document.cookie.includes('ff_visit'))).toBe(false)
      expect(await page.evaluate(() => [...(window as unknown as { dataLayer: ArrayLike<unknown>[] }).dataLayer].map((call) => [call[1], Object.values(call[2] as object).includes('granted')]))).toEqual([['default', false], ['update', true], ['update', false]])
      const { stdout } = await stage.run('export', '--site', 'where')
      const events = stdout.trim().split('\n').map((line) => JSON.parse(line) as { event?: string }).flatMap(({ event }) => (event ? [JSON.parse(Buffer.from(event.split('.')[1]!, 'base64url').toString()) as { attestation: string; source: { action: string } }] : []))
      expect(events.slice(-2).map((event) => [event.source.action, event.attestation])).toEqual([['Accept all', attestation], ['Reject all', attestation]])
    })
    await test.step(`2, 11: on the next page nothing is allowed, and ${keeps ? 'nobody is asked again' : 'people are asked, for nothing could be kept'}`, async () => {
      await visited.open()
      await expect.poll(() => visited.choices().catch(() => null)).toEqual(NOTHING)
      await expect(visited.banner).toHaveCount(keeps ? 0 : 1)
      await expect(page).toHaveTitle('Page')
    })
    await test.step('15: the browser’s signal keeps advertising off, and the banner says so', async () => {
      await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { value: true }))
      await visited.open()
      await visited.reopen()
      await expect(visited.banner).toContainText('Opt-out signal honoured')
      await visited.button('accept-all').click()
      expect(await visited.choices()).toEqual({ ...NOTHING, analytics: true, video: true })
    })
    await test.step('16: no policy was violated', () => expect(violations).toEqual([]))
    await test.step('17: axe finds nothing', async () => {
      own.headers = {}
      await visited.open()
      await visited.reopen()
      expect((await new AxeBuilder({ page }).include('sayso-banner').analyze()).violations).toEqual([])
    })
    await context.close()
    rmSync(profile, { recursive: true, force: true })
  })
}
