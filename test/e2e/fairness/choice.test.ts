// FAIRNESS 6 to 9: the choice itself, on the rendered page.
import type { Page } from 'playwright'
import { expect } from 'playwright/test'
import { LAYOUTS } from '../../../core/appearance.ts'
import { OwnPage } from '../own-page.ts'
import { type Stage, test } from '../stage.ts'
import { countTabStops, expectSaidBeforehand, fireEveryEvent, NOTHING, writePage } from './list.ts'

test.use({ scene: 'fairness-choice' })

let own: OwnPage
test.beforeAll(async ({ stage }) => {
  own = await OwnPage.open()
  for (const layout of LAYOUTS) await own.publish(stage, layout, { appearance: { layout } })
})
test.afterAll(() => own.close())

/** The page with the banner on it. */
async function visit(page: Page, stage: Stage, layout: (typeof LAYOUTS)[number] = 'bar') {
  const visited = await own.visit(page, stage, writePage(own.tag(stage, layout)))
  await visited.button('reject-all').waitFor()
  return visited
}

const readBoxes = (visited: Awaited<ReturnType<typeof visit>>) => visited.banner.locator('input').evaluateAll((boxes) => Object.fromEntries(boxes.map((box) => [(box as HTMLInputElement).name, (box as HTMLInputElement).checked])))

test('FAIRNESS 6: one press each, tab stops that differ by no more than the button between, the focus on neither', async ({ stage, page }) => {
  for (const layout of LAYOUTS) {
    const visited = await visit(page, stage, layout)
    expect(await page.evaluate(() => document.activeElement?.closest('sayso-banner') ?? null)).toBeNull()
    const stops = await countTabStops(page)
    expect(Math.abs(stops['accept-all']! - stops['save']!), layout).toBe(1)
    expect(Math.abs(stops['save']! - stops['reject-all']!), layout).toBe(1)
    expect(stops['reject-all']!, layout).toBeLessThan(stops['accept-all']!)
    await visited.reopen()
    expect(await page.evaluate(() => document.activeElement?.localName), 'nor where it is opened again').toBe('h2')
  }
})

test('FAIRNESS 7: nothing is ticked beforehand, and what is opened again shows exactly what is stored', async ({ stage, page }) => {
  const visited = await visit(page, stage)
  expect(await readBoxes(visited)).toEqual(NOTHING)
  for (const [press, stored] of [
    ['save', { ...NOTHING, video: true }], ['accept-all', { analytics: true, video: true, advertising: true }], ['reject-all', NOTHING],
  ] as const) {
    if (press === 'save') await visited.box('video').check()
    await visited.button(press).click()
    for (const isNextPage of [false, true]) {
      if (isNextPage) await visited.open()
      await visited.reopen()
      expect(await readBoxes(visited), `${press}, ${isNextPage ? 'next' : 'same'} page`).toEqual(stored)
    }
  }
})

test('FAIRNESS 8: no event but Accept or Save grants, not even with every box ticked', async ({ stage, page }) => {
  await page.clock.install()
  const visited = await visit(page, stage)
  for (const areTicked of [false, true]) {
    await visited.open()
    await visited.button('reject-all').waitFor()
    if (areTicked) for (const purpose of Object.keys(NOTHING)) await visited.box(purpose).check()
    await page.mouse.wheel(0, 2000)
    await page.mouse.click(5, 5)
    await page.clock.fastForward('24:00:00')
    await page.setViewportSize({ width: 500, height: 500 })
    await fireEveryEvent(visited)
    await visited.banner.locator('h2').click()
    await visited.box('video').focus()
    await page.keyboard.press('Enter')
    expect(await visited.choices()).toEqual(NOTHING)
    await page.keyboard.press('Escape')
    await expect(visited.banner).toHaveCount(0)
    expect(await visited.choices()).toEqual(NOTHING)
    await visited.open()
    await visited.button('reject-all').waitFor()
    expect(await visited.choices(), 'on the next page').toEqual(NOTHING)
    expect(await readBoxes(visited)).toEqual(NOTHING)
  }
  expect(visited.requests.filter((request) => request.method() === 'POST')).toEqual([])
})

test('FAIRNESS 9: who, what for, who receives, how long and how to withdraw, before the choice; no wall, no scroll lock, asked once', async ({ stage, page }) => {
  for (const layout of LAYOUTS) {
    // The last page notes in the cookie when its decision was received, and would bring it back.
    await page.goto('about:blank')
    await page.context().clearCookies()
    const visited = await visit(page, stage, layout)
    await expectSaidBeforehand(visited)
    await page.mouse.move(5, 5)
    await page.mouse.wheel(0, 400)
    await expect.poll(() => page.evaluate(() => scrollY), layout).toBeGreaterThan(0)
    expect(await page.evaluate(() => [document.body, document.documentElement].map((element) => getComputedStyle(element).overflow)), layout).not.toContain('hidden')
    expect(await page.evaluate(() => document.elementFromPoint(5, 5)?.closest('sayso-banner') ?? null), `${layout}: the page beside the banner can be used`).toBeNull()
    expect(await page.evaluate(() => [...document.body.children].filter((child) => child.matches('[inert], [aria-hidden=true]')).length), layout).toBe(0)
    await visited.button('reject-all').click()
    for (let again = 0; again < 3; again += 1) {
      await visited.open()
      await expect.poll(() => visited.choices().catch(() => null)).toEqual(NOTHING)
      await expect(visited.banner).toHaveCount(0)
    }
  }
})
