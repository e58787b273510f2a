// The preference centre without JavaScript, with the keyboard alone, in German, and for those whose link no longer works.
import PostalMime from 'postal-mime'
import { expect } from 'playwright/test'
import { createLink } from './operator.ts'
import { test } from './stage.ts'

test.use({ scene: 'no-script' })

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('ticking, saving and unsubscribing from all work by form alone', async ({ stage, page }) => {
    await page.goto((await createLink(stage, 'no.script@example.org')).preferences)
    const newsletter = page.locator('input[name=purpose][value=newsletter]')
    await expect(newsletter).not.toBeChecked()
    const sizeBefore = await stage.logSize()
    await newsletter.check()
    await page.getByRole('button', { name: 'Save my choices' }).click()
    await expect(page.getByRole('alert')).toContainText('You agreed')
    await expect(newsletter).toBeChecked()
    expect(await stage.logSize()).toBe(sizeBefore + 1)

    await page.reload()
    expect(await stage.logSize()).toBe(sizeBefore + 1)
    await page.getByRole('button', { name: 'Unsubscribe from all' }).click()
    await expect(page.getByRole('alert')).toContainText('You took back')
    await expect(newsletter).not.toBeChecked()
    await page.getByText('The full privacy notice').first().click()
    await expect(page.getByText('How to have it erased').first()).toBeVisible()
  })

  test('a cookie that does not come is no obstacle', async ({ stage, browser }) => {
    const { preferences: link } = await createLink(stage, 'no.cookie@example.org')
    const opened = await fetch(link, { redirect: 'manual' })
    expect(opened.status).toBe(303)
    const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage()
    await page.goto(new URL(opened.headers.get('location')!, stage.serviceUrl).href)
    await page.locator('input[name=purpose][value=offers]').check()
    await page.getByRole('button', { name: 'Save my choices' }).click()
    await expect(page.getByRole('alert')).toContainText('You agreed')
    await page.context().close()
  })

  test('an unknown link offers a new one, and says the same to everybody', async ({ stage, page }) => {
    const response = await page.goto(`${stage.serviceUrl}/p/${'A'.repeat(43)}`)
    expect(response!.status()).toBe(404)
    await createLink(stage, 'known@example.org')
    const answers: string[] = []
    for (const email of ['known@example.org', 'unknown@example.org']) {
      await page.goto(`${stage.serviceUrl}/p/${'A'.repeat(43)}`)
      await page.locator('input[name=email]').fill(email)
      await page.getByRole('button', { name: 'Send me a link' }).click()
      answers.push(await page.locator('main').innerText())
    }
    expect(answers[0]).toBe(answers[1])
    await expect.poll(async () => (await stage.mails()).map(({ to }) => to).join()).toContain('known@example.org')
    expect((await stage.mails()).some(({ to }) => to.includes('unknown@example.org'))).toBe(false)
  })
})

test('with the keyboard alone: reach a box, tick it, save, and hear what happened', async ({ stage, page }) => {
  await page.goto((await createLink(stage, 'keyboard@example.org')).preferences)
  const press = async (key: string, until: () => Promise<boolean>) => {
    for (let i = 0; i < 40 && !(await until()); i += 1) await page.keyboard.press(key)
    expect(await until()).toBe(true)
  }
  const isFocused = (selector: string) => () => page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)
  await press('Tab', isFocused('input[name=purpose][value=newsletter]'))
  await page.keyboard.press('Space')
  await press('Tab', async () => page.evaluate(() => document.activeElement?.textContent?.includes('Save my choices') ?? false))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('alert')).toContainText('You agreed')
  await expect(page.getByRole('alert')).toBeFocused()
})

test('in German: page and mail, and the language can be switched', async ({ stage, page }) => {
  await page.goto((await createLink(stage, 'deutsch@example.org', 'de')).preferences)
  await expect(page.locator('html')).toHaveAttribute('lang', 'de')
  await expect(page.locator('h1')).toHaveText('Ihre Auswahl')
  await page.locator('input[name=purpose][value=newsletter]').check()
  await page.locator('form.choices button').click()
  await expect(page.getByRole('alert')).toBeVisible()
  await expect.poll(async () => (await stage.mails()).some(({ to }) => to.includes('deutsch@example.org'))).toBe(true)
  const mail = await PostalMime.parse((await stage.mails()).find(({ to }) => to.includes('deutsch@example.org'))!.raw)
  expect(mail.text).toContain('Sie haben zugestimmt')
  await page.getByRole('link', { name: 'English' }).click()
  await expect(page.locator('html')).toHaveAttribute('lang', 'en')
  await expect(page.locator('input[name=purpose][value=newsletter]')).toBeChecked()
})
