// What outside protocols are told, and when: recorded in a real browser, on a page whose tags write down what they hear.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'playwright/test'
import demoSite from '../../demo/site.json' with { type: 'json' }
import { GOOGLE_TYPES } from '../../core/signal-names.ts'
import { OwnPage } from './own-page.ts'
import type { ShopPage } from './shop-page.ts'
import { test } from './stage.ts'

test.use({ scene: 'signals' })

const signals = {
  google: {
    types: { analytics_storage: 'analytics', ad_storage: 'advertising', ad_user_data: 'advertising', ad_personalization: 'advertising', security_storage: 'necessary' },
    ads_data_redaction: true, url_passthrough: true, wait_for_update: 500,
  },
  microsoft: { ad_storage: 'advertising', analytics_storage: 'analytics' },
  meta: 'advertising', tiktok: 'advertising',
  wordpress: { statistics: 'analytics', marketing: 'advertising', functional: 'necessary' },
  shopify: { analytics: 'analytics', marketing: 'advertising', sale_of_data: 'advertising' },
  generic: { queue: 'myTags', event: 'consent_changed' },
}

// Everything that is said ends up in one list, in order, so that what came first can be seen.
const RECORDER = `<script>
  window.said = []
  const note = (who, args) => window.said.push([who, ...JSON.parse(JSON.stringify([...args]))])
  const queue = (who) => ({ push: function () { note(who, who === 'google' ? arguments[0] : arguments) } , [Symbol.iterator]: function* () {} })
  window.dataLayer = queue('google'); window.uetq = queue('uet'); window.myTags = queue('generic')
  window.clarity = function () { note('clarity', arguments) }
  window.fbq = function () { note('meta', arguments) }
  window.ttq = { grantConsent: () => note('tiktok', ['grant']), revokeConsent: () => note('tiktok', ['revoke']) }
  window.wp_set_consent = function () { note('wordpress', arguments) }
  window.Shopify = { loadFeatures: (features, done) => { window.Shopify.customerPrivacy = { setTrackingConsent: (consent) => note('shopify', [consent]) }; done() } }
</script>`

let own: OwnPage

test.beforeAll(async ({ stage }) => {
  own = await OwnPage.open()
  await own.publish(stage, 'signals', { signals })
})
test.afterAll(() => own.close())

type Said = [who: string, ...what: unknown[]]

async function openPage(page: ShopPage['page'], stage: ShopPage['stage'], head = '') {
  const shop = await own.visit(page, stage, `<!doctype html><html lang="en"><title>Signals</title>${RECORDER}${head}${own.tag(stage, 'signals')}
    <script type="text/plain" data-sayso="analytics">note('tag', ['analytics'])</script><a href="#" data-sayso-open>Choices</a>`)
  const listen = (who?: string) => page.evaluate((name) => (window as unknown as { said: Said[] }).said.filter(([one]) => !name || one === name), who) as Promise<Said[]>
  return { shop, listen }
}

const all = (state: Record<string, string>) => Object.fromEntries(GOOGLE_TYPES.map((type) => [type, state[type] ?? 'denied']))
const ALLOWED = { analytics_storage: 'granted', ad_storage: 'granted', ad_user_data: 'granted', ad_personalization: 'granted', security_storage: 'granted' }

test('FAIRNESS 3: the Consent Mode default precedes every tag; basic mode loads nothing before a choice', async ({ stage, page }) => {
  const { shop, listen } = await openPage(page, stage)
  await shop.button('accept-all').waitFor()
  expect(await listen('google')).toEqual([
    ['google', 'consent', 'default', { ...all({ security_storage: 'granted' }), wait_for_update: 500 }],
    ['google', 'set', 'ads_data_redaction', true], ['google', 'set', 'url_passthrough', true],
  ])
  expect(await listen('tag')).toEqual([])
  await shop.button('accept-all').click()
  await expect.poll(() => listen('tag')).toHaveLength(1)
  const order = (await listen()).map(([who, , what]) => (who === 'google' ? `${who} ${what}` : who)).filter((who) => /^(google (default|update)|tag)$/.test(who))
  expect(order).toEqual(['google default', 'google update', 'tag'])
})

test('FAIRNESS 13: one update for each decision, all seven keys', async ({ stage, page }) => {
  const { shop, listen } = await openPage(page, stage)
  const updates = async () => (await listen('google')).filter(([, , kind]) => kind === 'update').map(([, , , state]) => state)
  await shop.box('analytics').check()
  await shop.button('save').click()
  await expect(shop.banner).toHaveCount(0)
  expect(await updates()).toEqual([all({ analytics_storage: 'granted', security_storage: 'granted' })])
  await shop.reopen()
  await shop.button('accept-all').click()
  expect(await updates()).toEqual([expect.anything(), all(ALLOWED)])
  await page.evaluate(() => (window as unknown as { sayso: { withdraw(): void } }).sayso.withdraw())
  expect(await updates()).toEqual([expect.anything(), expect.anything(), all({ security_storage: 'granted' })])
  await shop.open()
  await expect.poll(updates, 'a later page hears of the remembered choice once').toEqual([all({ security_storage: 'granted' })])
})

test('the script for advanced mode is less than 400 bytes, comes before the tags, and the widget says no second default', async ({ stage, page }) => {
  const address = `${stage.serviceUrl}/v1/sites/signals/consent-default.js`
  expect((await (await fetch(address)).text()).length).toBeLessThan(400)
  const { shop, listen } = await openPage(page, stage, `<script>window.dataLayer = []</script><script src="${address}"></script><script>window.first = [...dataLayer].map((call) => [...call])</script>`)
  await shop.button('reject-all').click()
  await expect(shop.banner).toHaveCount(0)
  const commands = await page.evaluate(() => [...(window as unknown as { dataLayer: ArrayLike<unknown>[] }).dataLayer].map((call) => [call[0], call[1]]))
  expect(commands).toEqual([['consent', 'default'], ['set', 'ads_data_redaction'], ['set', 'url_passthrough'], ['consent', 'update']])
  expect(await page.evaluate(() => (window as unknown as { first: unknown[] }).first.length)).toBe(3)
  expect(await listen('tag')).toEqual([])
})

test('every other protocol hears the same, in its own words', async ({ stage, page }) => {
  const { shop, listen } = await openPage(page, stage)
  await shop.button('accept-all').waitFor()
  const before = await listen()
  expect(before.filter(([who]) => !['google', 'uet', 'clarity'].includes(who)), 'nobody is told of a decision that was not taken').toEqual([])
  await shop.box('analytics').check()
  await shop.button('save').click()
  await expect(shop.banner).toHaveCount(0)
  const after = (await listen()).slice(before.length).filter(([who]) => who !== 'google' && who !== 'tag')
  expect(before.filter(([who]) => who === 'uet' || who === 'clarity')).toEqual([
    ['uet', 'consent', 'default', { ad_storage: 'denied' }], ['clarity', 'consentv2', { ad_Storage: 'denied', analytics_Storage: 'denied' }],
  ])
  expect(after).toEqual([
    ['uet', 'consent', 'update', { ad_storage: 'denied' }], ['clarity', 'consentv2', { ad_Storage: 'denied', analytics_Storage: 'granted' }],
    ['meta', 'consent', 'revoke'], ['tiktok', 'revoke'],
    ['wordpress', 'functional', 'allow'], ['wordpress', 'preferences', 'deny'], ['wordpress', 'statistics-anonymous', 'deny'], ['wordpress', 'statistics', 'allow'], ['wordpress', 'marketing', 'deny'],
    ['shopify', { analytics: true, marketing: false, preferences: false, sale_of_data: false }],
    ['generic', { event: 'consent_changed', consent: { analytics: true, video: false, advertising: false } }],
  ])
})

test('a purpose that nobody is asked about is refused when the site is published', async ({ stage }) => {
  const file = join(stage.dataDir, 'broken.json')
  writeFileSync(file, JSON.stringify({ ...demoSite, signals: { google: { types: { ad_storage: 'adverts' } } } }))
  const { exitCode, stderr } = await stage.run('site', 'publish', file)
  expect(exitCode).not.toBe(0)
  expect(stderr).toContain('/signals/google/types/ad_storage')
  expect(stderr).toContain('“adverts”')
})
