// WCAG 2.2 on the banner of the running shop, as far as a browser can measure it; docs/accessibility.md names each test.
import type { Page } from 'playwright'
import { expect } from 'playwright/test'
import { ShopPage } from './shop-page.ts'
import { test } from './stage.ts'

test.use({ scene: 'banner-accessibility' })

const openShop = async (page: Page, stage: ShopPage['stage'], width = 1280, height = 720) => {
  await page.setViewportSize({ width, height })
  const shop = new ShopPage(page, stage)
  await shop.openWithBanner()
  return shop
}

/** What of the banner's text is cut off, and what sticks out of it sideways. */
const listCut = (shop: ShopPage) => shop.banner.evaluate((host) => {
  const card = host.getBoundingClientRect()
  return [...host.children].filter((element) => {
    const box = element.getBoundingClientRect()
    return box.width > 0 && (box.left < card.left - 1 || box.right > card.right + 1 || element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0)
  }).map((element) => element.outerHTML.slice(0, 80))
})

for (const [name, width, height] of [['200 %', 640, 360], ['400 %', 320, 256]] as const) {
  test(`1.4.4, 1.4.10: at ${name} of 1280 × 720 nothing is cut off or scrolls sideways, and every button can be reached`, async ({ stage, page }) => {
    const shop = await openShop(page, stage, width, height)
    expect(await listCut(shop)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
    for (const action of ['reject-all', 'save', 'accept-all'] as const) {
      await shop.button(action).scrollIntoViewIfNeeded()
      await expect(shop.button(action)).toBeInViewport({ ratio: 0.99 })
    }
  })
}

test('1.4.12: with the text spacing that a reader sets, nothing is cut off', async ({ stage, page }) => {
  const shop = await openShop(page, stage, 360, 740)
  await shop.banner.evaluate((host) => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync('::slotted(*){line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}')
    host.shadowRoot!.adoptedStyleSheets.push(sheet)
  })
  expect(await listCut(shop)).toEqual([])
})

test('2.4.3, 2.4.7, 2.4.11: the focus goes as the words stand, is seen, and is never covered', async ({ stage, page }) => {
  const shop = await openShop(page, stage, 360, 640)
  const order: string[] = []
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  for (let stops = 0; stops < 30 && order.at(-1) !== 'accept-all'; stops += 1) {
    await page.keyboard.press('Tab')
    const stop = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement
      if (!element.closest('sayso-banner')) return null
      const { left, top, width, height } = element.getBoundingClientRect()
      const [x, y] = [left + width / 2, top + height / 2]
      return {
        name: element.dataset.saysoAction ?? element.getAttribute('name') ?? element.localName,
        outline: Number.parseFloat(getComputedStyle(element).outlineWidth), isOnTop: document.elementFromPoint(x, y) === element,
      }
    })
    if (!stop) continue
    expect(stop, stop.name).toMatchObject({ isOnTop: true })
    expect(stop.outline, stop.name).toBeGreaterThanOrEqual(2)
    order.push(stop.name)
  }
  expect(order).toEqual(['analytics', 'video', 'advertising', 'a', 'choose', 'reject-all', 'save', 'accept-all'])
  await expect(shop.banner).toBeVisible()
})

test('1.3.1, 2.5.3, 4.1.2: each control has the role and the name that is seen', async ({ stage, page }) => {
  const shop = await openShop(page, stage)
  await expect(page.getByRole('region', { name: 'Your privacy choices' })).toBeVisible()
  await expect(shop.banner.getByRole('heading', { name: 'Your privacy choices', level: 2 })).toBeVisible()
  for (const name of ['Reject all', 'Save my choice', 'Accept all', 'Show details']) await expect(shop.banner.getByRole('button', { name, exact: true })).toBeVisible()
  const box = shop.banner.getByRole('checkbox', { name: /Count my visits/ })
  await expect(box).not.toBeChecked()
  await shop.banner.getByText('Count my visits').click()
  await expect(box, 'the words are the target, too (2.5.8)').toBeChecked()
})

test('2.3.3, 2.2.1: nothing moves and nothing runs out', async ({ stage, page }) => {
  await page.emulateMedia({ reducedMotion: 'no-preference' })
  const shop = await openShop(page, stage)
  const moving = await shop.banner.evaluate((host) => [host, ...host.children, ...host.shadowRoot!.querySelectorAll('*')].flatMap((element) => element.getAnimations()).length)
  expect(moving).toBe(0)
  expect(await page.evaluate(() => document.querySelectorAll('meta[http-equiv=refresh]').length)).toBe(0)
})

test('2.5.8: every target is at least 24 px, or has that room around it', async ({ stage, page }) => {
  const shop = await openShop(page, stage, 320, 640)
  const small = await shop.banner.evaluate((host) => [...host.querySelectorAll<HTMLElement>('a, button, input')].filter((element) => {
    const { width, height } = element.getBoundingClientRect()
    // A checkbox of 22 px has its label, which is a target as well.
    return element.localName !== 'input' && (width < 24 || height < 24)
  }).map((element) => element.outerHTML))
  expect(small).toEqual([])
})
