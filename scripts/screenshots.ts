// Takes pictures of the running demo: `npm run screenshots` makes the two of the README in docs/pictures;
// `npm run screenshots -- FOLDER` makes every view at 360 and 1280 px, light and dark, into FOLDER.
import { mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright'
import { launchOptions } from './browser.ts'
import { type RunningDemo, startDemo } from './demo-process.ts'

interface Look {
  width: number
  colorScheme: 'light' | 'dark'
}

/** Takes one picture; `name` says what is on it. */
type TakePicture = (page: Page, name: string, isWholePage?: boolean) => Promise<void>

const everyLook: Look[] = [360, 1280].flatMap((width) => (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })))
const mailTimeoutMs = 15_000
const bannerHost = 'sayso-banner'
const action = (name: string) => `${bannerHost} [data-sayso-action="${name}"]`

const root = dirname(import.meta.dirname)
const folder = process.argv[2] === undefined ? join(root, 'docs/pictures') : resolve(process.argv[2])
mkdirSync(folder, { recursive: true })

const demo = await startDemo()
const browser = await chromium.launch(launchOptions(process.env))
try {
  if (process.argv[2] === undefined) await takeReadmePictures(browser, demo)
  else for (const look of everyLook) await takeAllPictures(browser, demo, look)
} finally {
  await browser.close()
  await demo.stop()
}

async function takeReadmePictures(browser: Browser, { shopUrl }: RunningDemo): Promise<void> {
  const context = await openContext(browser, { width: 1280, colorScheme: 'light' })
  const take: TakePicture = (page, name) => takePicture(page, join(folder, `${name}.png`), false)
  const page = await context.newPage()
  await page.goto(shopUrl)
  await page.locator(action('reject-all')).waitFor()
  await take(page, 'banner')
  await page.locator(action('reject-all')).click()
  await subscribe(page, shopUrl, 'mara@example.org')
  const link = await findLinkOfNewestMail(page, shopUrl)
  await page.goto(link)
  await page.getByRole('button', { name: 'Confirm' }).click()
  await page.goto(link)
  await take(page, 'preference-center')
  await context.close()
}

async function takeAllPictures(browser: Browser, { shopUrl }: RunningDemo, look: Look): Promise<void> {
  const context = await openContext(browser, look)
  const take: TakePicture = (page, name, isWholePage = false) =>
    takePicture(page, join(folder, `${name}-${look.width}-${look.colorScheme}.png`), isWholePage)
  const page = await context.newPage()

  await page.goto(`${shopUrl}/de/`)
  await page.locator(action('reject-all')).waitFor()
  await take(page, 'banner-de')
  await page.goto(shopUrl)
  await page.locator(action('reject-all')).waitFor()
  await take(page, 'banner')
  await page.locator(action('choose')).click()
  await take(page, 'panel')
  await page.locator(action('reject-all')).click()
  await page.locator('[data-sayso="video"], .film .frame').first().scrollIntoViewIfNeeded()
  await take(page, 'shop', true)
  await page.locator('[data-sayso-open]').click()
  await page.locator(action('close')).waitFor()
  await take(page, 'banner-again')
  await page.locator(action('close')).click()

  // An address of its own for each look: the service writes to one only so often.
  await subscribe(page, shopUrl, `mara-${look.width}-${look.colorScheme}@example.org`, () => take(page, 'opt-in'))
  await take(page, 'thanks')
  const link = await findLinkOfNewestMail(page, shopUrl)
  await page.goto(link)
  await take(page, 'confirm', true)
  await page.getByRole('button', { name: 'Confirm' }).click()
  await take(page, 'confirmed', true)
  await page.goto(link)
  await take(page, 'preference-center', true)
  await page.goto(await findLinkOfNewestMail(page, shopUrl))
  await take(page, 'undo', true)
  await page.goto(`${shopUrl}/mailbox`)
  await page.frameLocator('.mail iframe').locator('a').first().waitFor()
  await take(page, 'mailbox', true)
  await page.goto(`${shopUrl}/collect`)
  await take(page, 'trackers')
  await context.close()
}

function openContext(browser: Browser, { width, colorScheme }: Look): Promise<BrowserContext> {
  return browser.newContext({ viewport: { width, height: width < 600 ? 740 : 820 }, colorScheme, locale: 'en-GB', reducedMotion: 'reduce' })
}

async function subscribe(page: Page, shopUrl: string, address: string, beforeSending = async () => {}): Promise<void> {
  const mailsBefore = await countMails(page, shopUrl)
  await page.locator('[data-sayso-opt-in] input[type=checkbox]').first().check()
  await page.fill('input[type=email]', address)
  await beforeSending()
  await page.locator('form .button').click()
  const deadline = Date.now() + mailTimeoutMs
  while ((await countMails(page, shopUrl)) === mailsBefore) {
    if (Date.now() > deadline) throw new Error('No mail came after the form was sent.')
    await page.waitForTimeout(100)
  }
}

async function countMails(page: Page, shopUrl: string): Promise<number> {
  const answer = await page.request.get(`${shopUrl}/mailbox.json`)
  return ((await answer.json()) as unknown[]).length
}

async function findLinkOfNewestMail(page: Page, shopUrl: string): Promise<string> {
  const [newest] = (await (await page.request.get(`${shopUrl}/mailbox.json`)).json()) as { id: string }[]
  await page.goto(`${shopUrl}/mailbox/${newest!.id}`)
  return (await page.locator('pre a[href*="/p/"]').first().getAttribute('href'))!
}

async function takePicture(page: Page, path: string, isWholePage: boolean): Promise<void> {
  await page.evaluate('document.fonts.ready')
  await page.screenshot({ path, fullPage: isWholePage, animations: 'disabled' })
  console.log(path)
}
