// Measures what a visitor's browser fetches from the running service for the demo's site, Brotli at its tightest,
// and fails over budget. Bodies count, headers do not; events that are sent do not either, only what is fetched.
import { brotliCompressSync, constants } from 'node:zlib'
import { type Browser, chromium, type Page } from 'playwright'
import { launchOptions } from './browser.ts'
import { startDemo } from './demo-process.ts'

/** One row of the table. */
interface Measurement {
  visit: string
  budgetBytes: number
  files: { name: string; bytes: number }[]
}

const demo = await startDemo()
const browser = await chromium.launch(launchOptions(process.env))
try {
  const measurements = [...await measure(browser, 'en'), ...await measure(browser, 'de')]
  for (const measurement of measurements) print(measurement)
  if (measurements.some((one) => sum(one) > one.budgetBytes || one.files.length === 0)) process.exitCode = 1
} finally {
  await browser.close()
  await demo.stop()
}

async function measure(browser: Browser, language: string): Promise<Measurement[]> {
  const context = await browser.newContext({ locale: language })
  await context.addInitScript(noteWhenBannerStands)
  await context.addInitScript(speak, language)
  const rejectAll = 'sayso-banner [data-sayso-action="reject-all"]'

  const page = await context.newPage()
  await page.goto(`${demo.shopUrl}/bench.html`)
  await page.waitForFunction('window.bannerStoodMs !== undefined')
  await page.waitForLoadState('networkidle')
  const first = await listFetched(page, language)
  const isRecorded = page.waitForResponse((response) => response.url().endsWith('/events') && response.ok())
  await page.locator(rejectAll).click()
  await (await isRecorded).finished()
  await page.waitForFunction(isNothingWaiting)
  await page.close()

  const again = await context.newPage()
  await again.goto(`${demo.shopUrl}/bench.html`, { waitUntil: 'networkidle' })
  await again.evaluate('sayso.ready')
  const returning = await listFetched(again, language)
  await context.close()
  return [
    { visit: `first visit, ${language}, until the banner stands`, budgetBytes: 9_500, files: first },
    { visit: `returning visitor who has decided, ${language}`, budgetBytes: 3_000, files: returning },
  ]
}

/** Runs in the page: the remembered choice carries no flag any more, which stands for an event that was not sent. */
function isNothingWaiting(): boolean {
  return /(?:^|; )sayso=[^.]*\.[^.]*\.\d+\.(?:;|$)/.test(document.cookie)
}

/** Runs in the page: its language is the visitor's, as on a site that has both. */
function speak(language: string): void {
  new MutationObserver((_changes, observer) => {
    observer.disconnect()
    document.documentElement.lang = language
  }).observe(document, { childList: true })
}

/** Runs in the page: window.bannerStoodMs is the time of the first frame that has a banner in it. */
function noteWhenBannerStands(): void {
  new MutationObserver((_changes, observer) => {
    if (!document.querySelector('sayso-banner')) return
    observer.disconnect()
    requestAnimationFrame((timeMs) => Object.assign(window, { bannerStoodMs: timeMs }))
  }).observe(document, { childList: true, subtree: true })
}

/** What the page began to fetch from the service, up to the banner where one stood, as Brotli would carry it. */
async function listFetched(page: Page, language: string): Promise<Measurement['files']> {
  const urls = (await page.evaluate(`performance.getEntriesByType('resource')
    .filter(({ startTime }) => startTime <= (window.bannerStoodMs ?? Infinity)).map(({ name }) => name)`)) as string[]
  const ours = [...new Set(urls)].filter((url) => url.startsWith(demo.serviceUrl))
  return Promise.all(ours.map(async (url) => ({ name: new URL(url).pathname, bytes: await brotliBytes(url, language) })))
}

async function brotliBytes(url: string, language: string): Promise<number> {
  const body = new Uint8Array(await (await fetch(url, { headers: { 'accept-encoding': 'identity', 'accept-language': language } })).arrayBuffer())
  return brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: body.length } }).length
}

function sum({ files }: Measurement): number {
  return files.reduce((total, { bytes }) => total + bytes, 0)
}

function print(measurement: Measurement): void {
  const total = sum(measurement)
  const verdict = total <= measurement.budgetBytes ? 'within' : 'OVER'
  console.log(`${measurement.visit}: ${total} B, ${verdict} the budget of ${measurement.budgetBytes} B`)
  for (const { name, bytes } of measurement.files) console.log(`  ${`${bytes}`.padStart(6)} B  ${name}`)
}
