// axe on every page behind a link, as the service really serves it, in both languages and both colour schemes; and
// saving with JavaScript, without a reload.
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright'
import { expect } from 'playwright/test'
import { createLink } from './operator.ts'
import { test } from './stage.ts'

test.use({ scene: 'accessibility' })

async function expectNoViolations(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze()
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`), what).toEqual([])
}

for (const language of ['en', 'de']) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`axe finds nothing on the pages behind a link (${language}, ${colorScheme})`, async ({ stage, page }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      const links = await createLink(stage, `axe.${language}.${colorScheme}@example.org`, language)
      await page.goto(links.preferences)
      await expectNoViolations(page, 'the preference centre')
      await page.locator('input[name=purpose]').first().check()
      await page.locator('form.choices button').click()
      await expect(page.getByRole('alert')).toBeVisible()
      await page.locator('details summary').first().click()
      await expectNoViolations(page, 'after saving, with history and notice open')
      await page.goto(links.unsubscribe)
      await expectNoViolations(page, 'the unsubscribe page')
      await page.locator('main form button').click()
      await expect(page.locator('main form button')).toHaveCount(0)
      await expectNoViolations(page, 'after unsubscribing')
      await page.goto(`${stage.serviceUrl}/p/${'A'.repeat(43)}?lang=${language}`)
      await expectNoViolations(page, 'a link that does not work')
      await page.locator('input[name=email]').fill('nobody')
      await page.locator('main form button').click()
      await expect(page.locator('[aria-invalid=true]')).toBeVisible()
      await expectNoViolations(page, 'a malformed address')
      await page.goto(`${stage.serviceUrl}/v1/sites/shop/notices/current?lang=${language}&scope=device`)
      await expectNoViolations(page, 'the notice')
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
    })
  }
}

test('saving with JavaScript needs no reload, and going back does not send again', async ({ stage, page }) => {
  const { preferences } = await createLink(stage, 'no.reload@example.org')
  await page.goto(preferences)
  await page.evaluate(() => Object.assign(window, { isSamePage: true }))
  await page.locator('input[name=purpose][value=offers]').check()
  const sizeBefore = await stage.logSize()
  await page.getByRole('button', { name: 'Save my choices' }).click()
  await expect(page.getByRole('alert')).toBeFocused()
  expect(await page.evaluate(() => (window as unknown as { isSamePage?: boolean }).isSamePage)).toBe(true)
  expect(await page.title()).toMatch(/^Saved/)
  expect(await stage.logSize()).toBe(sizeBefore + 1)
  await page.reload()
  await expect(page.locator('input[name=purpose][value=offers]')).toBeChecked()
  expect(await stage.logSize()).toBe(sizeBefore + 1)
})

test('where the script cannot reach the service, the browser sends the form itself', async ({ stage, page }) => {
  const { preferences } = await createLink(stage, 'fallback@example.org')
  await page.goto(preferences)
  await page.route('**/p/open*', (route) => (route.request().resourceType() === 'fetch' ? route.abort() : route.continue()))
  await page.getByRole('button', { name: 'Unsubscribe from all' }).click()
  await expect(page.getByRole('alert')).toContainText('Nothing changed')
})

for (const width of [320, 360]) {
  test(`the preference centre fits ${width} px, with targets of 44 px`, async ({ stage, page }) => {
    await page.setViewportSize({ width, height: 700 })
    await page.goto((await createLink(stage, `narrow.${width}@example.org`, 'de')).preferences)
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
    for (const button of await page.locator('main button').all()) expect((await button.boundingBox())!.height).toBeGreaterThanOrEqual(44)
    for (const label of await page.locator('main label').all()) expect((await label.boundingBox())!.height).toBeGreaterThanOrEqual(24)
  })
}
