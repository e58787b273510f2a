// FAIRNESS 4 to 10: the choice itself, on the rendered page, in every language, layout and preset.
import type { Locator } from 'playwright'
import { expect } from 'playwright/test'
import { LAYOUTS } from '../../../core/appearance.ts'
import { computeContrast } from '../../../core/contrast.ts'
import { presets } from '../../../core/presets.ts'
import demoSite from '../../../demo/site.json' with { type: 'json' }
import { directionOf, languages } from '../../../ui/languages.ts'
import { locales } from '../../../ui/locales.ts'
import { OwnPage } from '../own-page.ts'
import { ShopPage } from '../shop-page.ts'
import { test } from '../stage.ts'

test.use({ scene: 'fairness-choice' })

let own: OwnPage

test.beforeAll(async ({ stage }) => {
  own = await OwnPage.open()
  for (const layout of LAYOUTS) await own.publish(stage, `layout-${layout}`, { appearance: { layout } })
})
test.afterAll(() => own.close())

const html = (tag: string, language = 'en', style = '') =>
  `<!doctype html><html lang="${language}"><meta name="viewport" content="width=device-width"><title>Page</title><style>${style}</style><main><h1>Page</h1><p>${'Words of the page. '.repeat(1500)}</p></main>${tag}`

test('FAIRNESS 6, 7: one click each, tab stops that differ by no more than the button between, the focus on neither, nothing ticked', async ({ stage, page }) => {
  const visited = await own.visit(page, stage, html(own.tag(stage, 'layout-bar')))
  await visited.button('reject-all').waitFor()
  expect(await page.evaluate(() => document.activeElement?.closest('sayso-banner') ?? null)).toBeNull()
  expect(await visited.banner.locator('input:checked').count()).toBe(0)
  const stops: Record<string, number> = {}
  for (let stop = 1; stop <= 20 && !stops['accept-all']; stop += 1) {
    await page.keyboard.press('Tab')
    const action = await page.evaluate(() => (document.activeElement as HTMLElement).dataset.saysoAction)
    if (action) stops[action] ??= stop
  }
  expect(Math.abs(stops['accept-all']! - stops['save']!)).toBe(1)
  expect(Math.abs(stops['save']! - stops['reject-all']!)).toBe(1)
  expect(stops['reject-all']!).toBeLessThan(stops['accept-all']!)
  await visited.box('video').check()
  await visited.button('save').click()
  await page.evaluate(() => (window as unknown as { sayso: { open(): void } }).sayso.open())
  expect(await visited.banner.locator('input').evaluateAll((boxes) => boxes.map((box) => [(box as HTMLInputElement).name, (box as HTMLInputElement).checked])))
    .toEqual([['analytics', false], ['video', true], ['advertising', false]])
})

test('FAIRNESS 8: no event but Accept or Save grants', async ({ stage, page }) => {
  await page.clock.install()
  const visited = await own.visit(page, stage, html(own.tag(stage, 'layout-bar')))
  await visited.button('reject-all').waitFor()
  await page.keyboard.press('Escape')
  await visited.open()
  await visited.button('reject-all').waitFor()
  await page.mouse.wheel(0, 2000)
  await page.mouse.click(5, 5)
  await page.clock.fastForward('24:00:00')
  await page.setViewportSize({ width: 500, height: 500 })
  await visited.banner.evaluate((host) => {
    for (const type of ['mouseover', 'pointerdown', 'touchstart', 'scroll', 'blur', 'submit', 'keydown', 'animationend']) host.dispatchEvent(new Event(type, { bubbles: true }))
    for (const type of ['visibilitychange', 'freeze', 'resume']) document.dispatchEvent(new Event(type))
    for (const type of ['pagehide', 'beforeunload', 'blur', 'resize', 'hashchange', 'popstate']) window.dispatchEvent(new Event(type))
  })
  await visited.banner.locator('h2').click()
  expect(await visited.choices()).toEqual({ analytics: false, video: false, advertising: false })
  await visited.open()
  expect(await visited.choices()).toEqual({ analytics: false, video: false, advertising: false })
  await expect(visited.button('reject-all')).toBeVisible()
})

test('FAIRNESS 9: who, what for, who receives, how long and how to withdraw, before the choice; no wall, no scroll lock, asked once', async ({ stage, page }) => {
  const visited = await own.visit(page, stage, html(own.tag(stage, 'layout-dialog')))
  await visited.button('reject-all').waitFor()
  for (const words of ['Fern & Filament GmbH', 'Count my visits', 'Tallyleaf Analytics BV', '90 days', '183 days', 'You can change your mind at any time']) await expect(visited.banner).toContainText(words)
  await page.mouse.move(5, 5)
  await page.mouse.wheel(0, 400)
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(0)
  expect(await page.evaluate(() => [document.body, document.documentElement].map((element) => getComputedStyle(element).overflow))).not.toContain('hidden')
  expect(await page.evaluate(() => document.elementFromPoint(5, 5)?.closest('sayso-banner') ?? null), 'the page beside the banner can be used').toBeNull()
  await visited.button('reject-all').click()
  for (let again = 0; again < 3; again += 1) {
    await visited.open()
    await expect.poll(() => visited.choices().catch(() => null)).not.toBeNull()
    await expect(visited.banner).toHaveCount(0)
  }
})
