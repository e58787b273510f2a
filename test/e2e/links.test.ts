// Links in the hands of others: mail scanners that open and render and follow, people that a mail was forwarded to, and
// whoever reads along. And what the page behind them offers to its owner.
import { AxeBuilder } from '@axe-core/playwright'
import PostalMime from 'postal-mime'
import type { Page } from 'playwright'
import { expect } from 'playwright/test'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Site } from '../../core/site.ts'
import { MAIL_KINDS } from '../../preference-center/mail-kinds.ts'
import { languages } from '../../ui/languages.ts'
import { createLink } from './operator.ts'
import { type Stage, test } from './stage.ts'

test.use({ scene: 'links' })

const parse = async (raw: string) => PostalMime.parse(raw)
const mailsTo = async (stage: Stage, email: string) => (await stage.mails()).filter(({ to }) => to.includes(email))

async function waitForMail(stage: Stage, email: string, subject: RegExp): Promise<string> {
  const find = async () => (await mailsTo(stage, email)).find((mail) => subject.test(mail.subject))
  await expect.poll(async () => (await find()) !== undefined, { message: `a mail ${subject.source} to ${email}` }).toBe(true)
  return (await parse((await find())!.raw)).text!
}

async function saveNewsletter(page: Page): Promise<void> {
  await page.locator('input[name=purpose][value=newsletter]').check()
  await page.getByRole('button', { name: 'Save my choices' }).click()
  await expect(page.getByRole('alert')).toContainText('You agreed')
}

test('a scanner that fetches, renders and follows every link, fifty times, changes nothing, and the person still gets through', async ({ stage, browser, page }) => {
  const links = await createLink(stage, 'scanned@example.org')
  await page.goto(links.preferences)
  await saveNewsletter(page)
  const text = await waitForMail(stage, 'scanned@example.org', /have changed/)
  const mailed = [...text.matchAll(/http:\/\/localhost:\d+\/[pu]\/[\w-]{43}/g)].map(([href]) => href)
  expect(mailed.length).toBeGreaterThanOrEqual(2)
  const size = await stage.logSize()

  const scanner = await browser.newContext()
  const seen = await scanner.newPage()
  let visits = 0
  while (visits < 50) {
    for (const href of [...mailed, links.preferences, links.unsubscribe]) {
      for (const method of ['GET', 'HEAD']) await fetch(href, { method })
      await seen.goto(href)
      await seen.waitForLoadState('networkidle')
      visits += 1
      const found = await seen.locator('a[href]').evaluateAll((anchors) => anchors.map((anchor) => (anchor as HTMLAnchorElement).href))
      for (const other of new Set(found.filter((one) => one.startsWith(stage.serviceUrl)))) await scanner.request.get(other)
    }
  }
  await scanner.close()
  expect(await stage.logSize()).toBe(size)
  expect((await mailsTo(stage, 'scanned@example.org')).length).toBe(1)

  await page.goto(links.preferences)
  await expect(page.locator('input[name=purpose][value=newsletter]')).toBeChecked()
  await page.getByRole('button', { name: 'Unsubscribe from all' }).click()
  await expect(page.getByRole('alert')).toContainText('You took back')
  expect(await stage.logSize()).toBe(size + 1)
})

test('who was forwarded the mail sees no address, and the owner is told of every change and can undo it', async ({ stage, browser, page }) => {
  const links = await createLink(stage, 'owner.of.this@example.org')
  await page.goto(links.preferences)
  await saveNewsletter(page)
  const stranger = await (await browser.newContext()).newPage()
  await stranger.goto(links.preferences)
  expect(await stranger.content()).not.toContain('owner.of.this')
  await expect(stranger.getByText('o•••@example.org')).toBeVisible()
  await stranger.getByRole('button', { name: 'Unsubscribe from all' }).click()
  await expect(stranger.getByRole('alert')).toContainText('You took back')

  // Nothing that needs a code can be had without the owner's inbox.
  for (const name of ['Download your data', 'Change your address', 'Erase everything about you']) {
    await stranger.goto(links.preferences)
    await stranger.getByRole('link', { name }).click()
    await expect(stranger.getByText('o•••@example.org')).toBeVisible()
    await expect(stranger.getByRole('button')).toHaveText(['Send me the code'])
  }
  await stranger.getByRole('button', { name: 'Send me the code' }).click()
  await expect(stranger.getByLabel('The code from the e-mail')).toBeVisible()
  // Tries count from when there is a code.
  await waitForMail(stage, 'owner.of.this@example.org', /^Your code/)
  for (const code of ['000000', '111111', '222222', '333333']) {
    await stranger.getByLabel('The code from the e-mail').fill(code)
    await stranger.getByRole('button', { name: 'Continue' }).click()
    await expect(stranger.getByRole('alert')).toBeVisible()
  }
  await expect(stranger.getByRole('alert')).toContainText('no longer works')
  await stranger.context().close()

  await expect.poll(async () => (await mailsTo(stage, 'owner.of.this@example.org')).filter(({ subject }) => /have changed/.test(subject)).length).toBe(2)
  const told = await Promise.all((await mailsTo(stage, 'owner.of.this@example.org')).map(async ({ raw }) => (await parse(raw)).text!))
  await page.goto(/http:\/\/localhost:\d+\/p\/[\w-]{43}/.exec(told.find((text) => text.includes('You took back'))!)![0])
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Restore earlier choices')
  await page.getByRole('button', { name: 'Restore these choices' }).click()
  await expect(page.locator('input[name=purpose][value=newsletter]')).toBeChecked()
})

test('no token reaches a referrer, another host, or anything that the page stores', async ({ stage, page, context }) => {
  const links = await createLink(stage, 'leaks@example.org')
  const tokens = [links.preferences, links.unsubscribe].map((href) => href.split('/').at(-1)!)
  const requests: { url: string; referrer: string; isNavigation: boolean }[] = []
  page.on('request', (request) => requests.push({ url: request.url(), referrer: request.headers()['referer'] ?? '', isNavigation: request.isNavigationRequest() }))
  await page.goto(links.preferences)
  await page.waitForLoadState('networkidle')
  expect(page.url()).not.toMatch(new RegExp(tokens.join('|')))
  expect(await page.evaluate(async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length, document.cookie])).toEqual([0, 0, 0, ''])
  expect((await context.cookies()).map(({ name, httpOnly, path, sameSite }) => [name, httpOnly, path, sameSite])).toEqual([['sayso_visit', true, '/p', 'Lax']])
  await saveNewsletter(page)
  await page.getByRole('link', { name: 'Download your data' }).click()
  await page.getByRole('link', { name: 'Back to your choices' }).click()
  await page.goto(links.unsubscribe)
  await page.getByRole('link', { name: 'Deutsch' }).click()

  expect(new Set(requests.map(({ url }) => new URL(url).host))).toEqual(new Set([new URL(stage.serviceUrl).host]))
  expect(requests.filter(({ referrer }) => referrer !== '')).toEqual([])
  const carrying = requests.filter(({ url }) => tokens.some((token) => url.includes(token)))
  expect(carrying.every(({ isNavigation }) => isNavigation)).toBe(true)
  expect(await page.content()).not.toMatch(new RegExp(`https?://(?!${new URL(stage.serviceUrl).host}|localhost)[^"]*${tokens[0]}`))
})

test('what was just saved can be undone on the spot, and the page says when it takes effect', async ({ stage, page }) => {
  await page.goto((await createLink(stage, 'undoes@example.org')).preferences)
  await saveNewsletter(page)
  await page.getByRole('button', { name: 'Unsubscribe from all' }).click()
  const news = page.getByRole('alert')
  await expect(news).toContainText('You took back')
  await expect(news).toBeFocused()
  await expect(news).toContainText('It takes effect at once')
  const size = await stage.logSize()
  await news.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByRole('alert')).toContainText('You agreed')
  await expect(page.locator('input[name=purpose][value=newsletter]')).toBeChecked()
  expect(await stage.logSize()).toBe(size + 1)
  await expect(page.locator('.history > ol > li').first()).toContainText('You pressed “Undo”')
  await expect(page.locator('.history > ol > li').first()).toContainText('By your browser, with its own key')
})

test('cookies on this device are shown where this browser has any, apart from messages', async ({ stage, browser }) => {
  const context = await browser.newContext()
  const page = await context.newPage()
  const { preferences } = await createLink(stage, 'device@example.org')
  await page.goto(preferences)
  await expect(page.locator('.device')).toContainText('Each browser keeps its own choices about cookies')
  await page.goto(stage.shopUrl)
  await page.locator('sayso-banner [data-sayso-action=accept-all]').click()
  await expect.poll(async () => (await context.cookies()).some(({ name }) => name === 'sayso')).toBe(true)
  await page.goto(preferences)
  await expect(page.locator('.device .state')).toHaveText(['Allowed', 'Allowed', 'Allowed'])
  await expect(page.locator('.device')).toContainText('kept apart from messages to you')
  await page.locator('.device a').click()
  expect(new URL(page.url()).port).toBe(new URL(stage.shopUrl).port)
  await context.close()
})

test('the page says everything in the order that it is needed in, under one heading', async ({ stage, page }) => {
  await page.goto((await createLink(stage, 'order@example.org')).preferences)
  await saveNewsletter(page)
  await page.reload()
  const order = ['Unsubscribe from all', 'What you allow', 'It holds until', 'Save my choices', 'Your history', 'Cookies on this device', 'Deutsch', 'The full privacy notice', 'How to complain', 'Your rights', 'In California', 'Your data']
  const text = (await page.locator('main').innerText()).replace(/\s+/g, ' ')
  const places = order.map((words) => text.indexOf(words))
  expect(places.every((at) => at >= 0), JSON.stringify(places)).toBe(true)
  expect(places).toEqual([...places].sort((a, b) => a - b))
  await expect(page.locator('h1')).toHaveCount(1)
  await page.emulateMedia({ media: 'print' })
  await expect(page.locator('.history')).toBeVisible()
  await expect(page.locator('.own-data')).toBeHidden()
})

test('with JavaScript and the keyboard alone a code leads to the file', async ({ stage, page }) => {
  await page.goto((await createLink(stage, 'by.keyboard@example.org')).preferences)
  await saveNewsletter(page)
  await page.getByRole('link', { name: 'Download your data' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Send me the code' }).focus()
  await page.keyboard.press('Enter')
  const code = /^\d{6}$/m.exec(await waitForMail(stage, 'by.keyboard@example.org', /^Your code/))![0]
  await page.getByRole('textbox', { name: 'The code from the e-mail' }).focus()
  await page.keyboard.type(code)
  const download = page.waitForEvent('download')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Download the file' }).focus()
  await page.keyboard.press('Enter')
  expect((await download).suggestedFilename()).toMatch(/^sayso-record-.*\.ndjson$/)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Download your data')
})

test.describe('without JavaScript, 320 px wide', () => {
  test.use({ javaScriptEnabled: false, viewport: { width: 320, height: 640 } })

  test('the data is downloaded, the address changed, and everything erased, each with a code', async ({ stage, page }) => {
    const email = 'by.hand@example.org'
    await page.goto((await createLink(stage, email)).preferences)
    await saveNewsletter(page)
    const start = page.url()

    async function enterCode(link: string, to: string, subject: RegExp, known: number): Promise<void> {
      if (link !== '') {
        await page.goto(start)
        await page.getByRole('link', { name: link }).click()
        await page.getByRole('button', { name: 'Send me the code' }).click()
      }
      await expect.poll(async () => (await mailsTo(stage, to)).filter((mail) => subject.test(mail.subject)).length).toBe(known + 1)
      const codes = await Promise.all((await mailsTo(stage, to)).filter((mail) => subject.test(mail.subject)).map(async ({ raw }) => /^\d{6}$/m.exec((await parse(raw)).text!)![0]))
      // The mailbox lists the newest first or last; a wrong one costs a try and is told.
      for (const code of codes.reverse()) {
        await page.getByLabel('The code from the e-mail').fill(code)
        await page.getByRole('button', { name: 'Continue' }).click()
        if ((await page.getByLabel('The code from the e-mail').count()) === 0) break
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
    }

    await enterCode('Download your data', email, /^Your code/, 0)
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download the file' }).click()
    const file = join(stage.dataDir, 'record.ndjson')
    await (await download).saveAs(file)
    const vkey = (await (await fetch(`${stage.serviceUrl}/log/shop/key`)).text()).trim()
    expect((await stage.run('verify', file, '--key', vkey)).exitCode).toBe(0)

    await enterCode('Change your address', email, /^Your code/, 1)
    await page.getByLabel('Your new e-mail address').fill('new.by.hand@example.net')
    await page.getByRole('button', { name: 'Send a code to the new address' }).click()
    await enterCode('', 'new.by.hand@example.net', /confirm this address/, 0)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your address has been changed')
    expect(await waitForMail(stage, email, /address at .* has changed/)).toContain('n•••@example.net')

    await enterCode('Erase everything about you', 'new.by.hand@example.net', /^Your code/, 0)
    await page.getByLabel('Yes, erase everything about me').check()
    await page.getByRole('button', { name: 'Erase' }).click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Everything about you is erased')
    await waitForMail(stage, 'new.by.hand@example.net', /erased your data/)
    expect((await page.goto(start))!.status()).toBe(404)
  })
})

test('axe finds nothing in any language, on the page and on the way to a code, in both schemes', async ({ stage, page }) => {
  test.setTimeout(240_000)
  const shop = JSON.parse(readFileSync(join(import.meta.dirname, '../../demo/site.json'), 'utf8')) as Site
  const notice = shop.notices.find(({ language, purposes }) => language === 'en' && purposes.some(({ scope }) => scope === 'contact'))!
  const file = join(stage.dataDir, 'polyglot.json')
  writeFileSync(file, JSON.stringify({ site: 'polyglot', name: 'Polyglot', origins: ['https://polyglot.example'], default_language: 'en', notices: languages.map((language) => ({ ...notice, labels: {}, language })) }))
  expect(await stage.run('site', 'publish', file)).toMatchObject({ exitCode: 0 })
  for (const language of languages) {
    const preview = await (await fetch(`${stage.serviceUrl}/v1/sites/polyglot/mail-preview?lang=${language}`)).text()
    expect([language, preview.includes(`<html lang="${language}"`), preview.split('<iframe').length - 1]).toEqual([language, true, MAIL_KINDS.length])
  }
  const { preferences } = await createLink(stage, 'polyglot@example.org', 'en', 'polyglot')
  await page.goto(preferences)
  await saveNewsletter(page)
  for (const language of languages) {
    for (const path of ['/p/open?', '/p/code?for=erase&']) {
      await page.goto(`${stage.serviceUrl}${path}lang=${language}`)
      await expect(page.locator('html')).toHaveAttribute('lang', language)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze()
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`), `${path} in ${language}, ${colorScheme}`).toEqual([])
      }
      await page.setViewportSize({ width: 320, height: 640 })
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} in ${language} fits 320 px`).toBe(true)
      await page.setViewportSize({ width: 1280, height: 720 })
    }
  }
})
