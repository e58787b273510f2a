// A visitor's own privacy tool finds the banner and refuses in their name: DuckDuckGo's autoconsent with its heuristics
// alone and no rule about us, as a content script in every language shipped, and as the browser extension it ships.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Config, ConsentState, ContentScriptMessage } from '@duckduckgo/autoconsent'
import { chromium, type Page } from 'playwright'
import { expect } from 'playwright/test'
import { parseNoteKey } from '../../core/checkpoint.ts'
import { verifyReceipt } from '../../core/receipt.ts'
import demoSite from '../../demo/site.json' with { type: 'json' }
import { launchOptions } from '../../scripts/browser.ts'
import { languages } from '../../ui/languages.ts'
import { ShopPage } from './shop-page.ts'
import { type Stage, test } from './stage.ts'

test.use({ scene: 'privacy-tools' })

/** Languages in which its patterns find a banner by the words on our buttons alone; docs/privacy-tools.md lists them too. */
const KNOWN_TO_AUTOCONSENT = ['en', 'de', 'fr', 'nl']

const TOOL = dirname(fileURLToPath(import.meta.resolve('@duckduckgo/autoconsent')))
const contentScript = readFileSync(join(TOOL, 'autoconsent.playwright.js'), 'utf8')

// Two looks: its heuristics are asked at every second one. `reject` presses nothing but a button that refuses.
const config: Partial<Config> = { enabled: true, autoAction: 'optOut', heuristicMode: 'reject', enableHeuristicDetection: true, enableGeneratedRules: false, detectRetries: 1, isMainWorld: true }

/** What is asked of an extension's own interface, in its service worker. */
interface Extension {
  chrome: {
    storage: { local: { get(names: string[]): Promise<object> } }
    tabs: { query(filter: object): Promise<{ id: number }[]> }
    action: { getTitle(tab: { tabId: number }): Promise<string> }
  }
}

let server: Server
let origin: string
const unknown: string[] = []

test.beforeAll(async ({ stage }) => {
  server = createServer(({ url }, response) => {
    const language = new URL(url!, origin).searchParams.get('lang')
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    response.end(`<!doctype html><html lang="${language}"><title>Mine</title><p>Lamps.</p><script async src="${stage.serviceUrl}/v1/sites/mine/widget.js"></script>`)
  })
  await new Promise<void>((resolve) => server.listen(0, resolve))
  origin = `http://localhost:${(server.address() as AddressInfo).port}`
  // Every language's own words on the buttons; the site's texts stay English where the demo has no translation.
  const [english] = demoSite.notices
  const notices = languages.map((language) => ({ ...(demoSite.notices.find((notice) => notice.language === language) ?? english), language, labels: {} }))
  const file = join(stage.dataDir, 'mine.json')
  writeFileSync(file, JSON.stringify({ ...demoSite, site: 'mine', origins: [origin], notices }))
  const published = await stage.run('site', 'publish', file)
  expect(published.exitCode, published.stderr).toBe(0)
})
test.afterAll(() => {
  server.close()
  if (unknown.length > 0) console.log(`autoconsent finds no banner, and presses nothing, in: ${unknown.join(', ')}`)
})

/** Runs the tool's content script in a page where the banner stands, as its own test runner does; returns what it said. */
async function runContentScript(page: Page): Promise<ContentScriptMessage[]> {
  const said: ContentScriptMessage[] = []
  const answer = (message: unknown) => page.evaluate((sent) => (window as unknown as { autoconsentReceiveMessage(message: unknown): Promise<void> }).autoconsentReceiveMessage(sent), message)
  await page.exposeFunction('autoconsentSendMessage', (message: ContentScriptMessage) => {
    said.push(message)
    if (message.type === 'init') void answer({ type: 'initResp', rules: { autoconsent: [] }, config })
    if (message.type === 'optOutResult' && message.scheduleSelfTest) void answer({ type: 'selfTest' })
  })
  await page.evaluate(contentScript)
  await expect.poll(() => said.some((message) => message.type === 'selfTestResult' || message.type === 'optOutResult' && !message.result
    || message.type === 'report' && (message.state as ConsentState).lifecycle === 'nothingDetected'), { message: 'the tool comes to a verdict' }).toBe(true)
  return said
}

async function expectRefused(shop: ShopPage, stage: Stage, site: string, sizeBefore: number): Promise<void> {
  await expect(shop.banner).toHaveCount(0)
  expect(await shop.choices()).toEqual({ analytics: false, video: false, advertising: false })
  await expect.poll(() => stage.logSize(site)).toBe(sizeBefore + 1)
  await expect.poll(() => shop.receiptCount()).toBe(1)
  const [receipt] = await shop.page.evaluate(() => (window as unknown as { sayso: { receipts(): Promise<unknown[]> } }).sayso.receipts())
  const keys = (await (await fetch(`${stage.serviceUrl}/log/${site}/key`)).text()).trim().split('\n')
  const { index, read } = await verifyReceipt(receipt, keys.map(parseNoteKey))
  expect(index).toBe(sizeBefore)
  expect(read.event.decisions.map(({ purpose_id, event_state }) => [purpose_id, event_state]))
    .toEqual([['analytics', 'refused'], ['video', 'refused'], ['advertising', 'refused']])
  expect(read.event).toMatchObject({ event_type: 'explicit', attestation: 'device', source: { channel: 'banner' } })
}

for (const language of languages) {
  test(`autoconsent’s heuristics alone press “reject all”, and that is recorded: ${language}`, async ({ stage, page }) => {
    const shop = new ShopPage(page, { ...stage, shopUrl: origin })
    await shop.openWithBanner(`/?lang=${language}`)
    await expect(shop.banner).toHaveAttribute('lang', language)
    const sizeBefore = await stage.logSize('mine')
    const said = await runContentScript(page)
    const isFound = said.some(({ type }) => type === 'popupFound')
    if (KNOWN_TO_AUTOCONSENT.includes(language)) expect(isFound, `the tool said: ${JSON.stringify(said)}`).toBe(true)
    if (isFound) {
      expect(said.find(({ type }) => type === 'popupFound')).toMatchObject({ cmp: 'HEURISTIC-REJECT' })
      expect(said.find(({ type }) => type === 'optOutResult')).toMatchObject({ result: true })
      expect(said.find(({ type }) => type === 'selfTestResult')).toMatchObject({ result: true })
      await expectRefused(shop, stage, 'mine', sizeBefore)
    } else {
      unknown.push(language)
      await expect(shop.button('reject-all')).toBeVisible()
      expect(Object.values(await shop.choices())).not.toContain(true)
      expect(await stage.logSize('mine')).toBe(sizeBefore)
    }
  })
}

test('autoconsent as a browser extension refuses on the shop, as it is installed', async ({ stage }) => {
  const profile = mkdtempSync(join(tmpdir(), 'sayso-extension-'))
  const extension = join(TOOL, 'addon-mv3')
  const options = launchOptions(process.env)
  const context = await chromium.launchPersistentContext(profile, {
    ...options, headless: true, args: [...options.args, `--disable-extensions-except=${extension}`, `--load-extension=${extension}`],
  })
  try {
    const worker = context.serviceWorkers()[0] ?? await context.waitForEvent('serviceworker')
    const readSettings = () => worker.evaluate(() => (globalThis as unknown as Extension).chrome.storage.local.get(['config', 'rules']))
    await expect.poll(readSettings, { message: 'the extension has its settings, heuristics among them, and its rules' })
      .toMatchObject({ config: { heuristicMode: 'tier1' }, rules: expect.anything() })
    const shop = new ShopPage(await context.newPage(), stage)
    const sizeBefore = await stage.logSize()
    await shop.open()
    // Who presses is the extension alone: nothing here touches the page.
    await expect.poll(() => shop.receiptCount().catch(() => 0)).toBe(1)
    await expectRefused(shop, stage, 'shop', sizeBefore)
    const readTitles = () => worker.evaluate(async () => {
      const { tabs, action } = (globalThis as unknown as Extension).chrome
      return Promise.all((await tabs.query({})).map(({ id }) => action.getTitle({ tabId: id })))
    })
    await expect.poll(readTitles, { message: 'it looked again, and says that it worked, without a rule about us' }).toContain('Verified (HEURISTIC-REJECT)')
    await shop.open('/about')
    await expect.poll(() => shop.choices().catch(() => null)).toMatchObject({ analytics: false })
    await expect(shop.banner).toHaveCount(0)
  } finally {
    await context.close()
    rmSync(profile, { recursive: true, force: true })
  }
})
