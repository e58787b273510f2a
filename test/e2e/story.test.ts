// The whole story over two origins with the real service and the real mail: asked, agreed, recorded, taken back.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import PostalMime from 'postal-mime'
import { expect } from 'playwright/test'
import { parseNoteKey } from '../../core/checkpoint.ts'
import { hashJson } from '../../core/hash.ts'
import { type Receipt, verifyReceipt } from '../../core/receipt.ts'
import { readStorage, ShopPage } from './shop-page.ts'
import { type Stage, test } from './stage.ts'

test.use({ scene: 'story' })

test.describe.configure({ mode: 'serial' })

const EMAIL = 'mara.lind@example.org'

const readKey = async (stage: Stage) => (await (await fetch(`${stage.serviceUrl}/log/shop/key`)).text()).trim().split('\n')

async function findLinks(stage: Stage, subject: RegExp, to = EMAIL): Promise<{ preferences: string; unsubscribe: string; headers: Record<string, string>; text: string; html: string }> {
  await expect.poll(async () => (await stage.mails()).some((mail) => subject.test(mail.subject) && mail.to.includes(to)), { message: `a mail “${subject.source}” to ${to}` }).toBe(true)
  const mail = (await stage.mails()).find((one) => subject.test(one.subject) && one.to.includes(to))!
  const parsed = await PostalMime.parse(mail.raw)
  const headers = Object.fromEntries(parsed.headers.map(({ key, value }) => [key, value]))
  return {
    preferences: /https?:\/\/\S+\/p\/[\w-]{43}/.exec(parsed.text ?? '')?.[0] ?? '',
    unsubscribe: /<(https?:\/\/\S+\/u\/[\w-]{43})>/.exec(headers['list-unsubscribe'] ?? '')?.[1] ?? '',
    headers, text: parsed.text ?? '', html: parsed.html ?? '',
  }
}

test('a visitor is asked before anything happens', async ({ stage, page, context }) => {
  const shop = new ShopPage(page, stage)
  await shop.openWithBanner()

  await expect(shop.banner).toContainText('Fern & Filament GmbH')
  await expect(shop.banner).toContainText('Tallyleaf Analytics')
  await expect(shop.banner).toContainText('90 days')
  await expect(shop.banner).toContainText('You can change your mind at any time')
  await expect(shop.banner.locator('a[href*="/notices/"]').first()).toBeVisible()
  expect(await shop.banner.locator('input[type=checkbox]').evaluateAll((boxes) => boxes.map((box) => [(box as HTMLInputElement).name, (box as HTMLInputElement).checked])))
    .toEqual([['analytics', false], ['video', false], ['advertising', false]])
  expect(await shop.choices()).toEqual(expect.objectContaining({ analytics: false, video: false, advertising: false }))

  await page.waitForLoadState('networkidle')
  const foreign = shop.requests.map((request) => request.url()).filter((url) => !url.startsWith(stage.shopUrl))
  expect(foreign.every((url) => url.startsWith(stage.serviceUrl))).toBe(true)
  expect(shop.requests.map((request) => request.url()).filter((url) => /collect|film|reading-time|remember-for-ads/.test(url))).toEqual([])
  expect(await readStorage(context, page)).toEqual({ cookies: [], local: [], session: [], databases: [] })
  expect(await stage.beacons()).toEqual([])
})

test('what is allowed runs without a reload, and the decision is signed, recorded and receipted', async ({ stage, page, context }) => {
  const shop = new ShopPage(page, stage)
  await shop.openWithBanner()
  const sizeBefore = await stage.logSize()
  await shop.box('analytics').check()
  await shop.box('video').check()
  await shop.button('save').click()

  await expect(shop.banner).toBeHidden()
  await expect.poll(async () => (await stage.beacons()).length, { message: 'the analytics snippet really sends' }).toBeGreaterThan(0)
  await expect(page.locator('iframe[data-sayso="video"]')).toHaveAttribute('src', /\/film/)
  await expect(page.frameLocator('iframe[data-sayso="video"]').locator('body')).toBeVisible()
  expect(shop.requests.some((request) => /remember-for-ads/.test(request.url())), 'advertising stays parked').toBe(false)
  expect((await readStorage(context, page)).cookies).toContain('sayso')

  await expect.poll(() => stage.logSize()).toBe(sizeBefore + 1)
  await expect.poll(() => shop.receiptCount()).toBe(1)
  const [sent] = await shop.sentEvents()
  expect(sent!.event).toMatchObject({
    attestation: 'device', event_type: 'explicit', language: 'en', aud: { site: 'shop', origin: stage.shopUrl },
    source: { channel: 'banner', action: 'Save my choice', url: `${stage.shopUrl}/` }, prev_event_hash: null,
  })
  expect(sent!.event.decisions.map(({ purpose_id, event_state }) => [purpose_id, event_state])).toEqual([['analytics', 'given'], ['video', 'given'], ['advertising', 'refused']])
  const notice = await (await fetch(`${stage.serviceUrl}/v1/sites/shop/notices/${sent!.event.notice_hash}`)).json() as { purposes: { id: string; statement_text: string }[] }
  expect(hashJson(notice)).toBe(sent!.event.notice_hash)
  for (const { purpose_id, statement_text } of sent!.event.decisions) {
    expect(notice.purposes.find(({ id }) => id === purpose_id)?.statement_text).toBe(statement_text)
  }
  const receipt = await (await fetch(`${stage.serviceUrl}/v1/events/${sent!.event.event_id}/receipt`)).json() as Receipt
  await expect(verifyReceipt(receipt, (await readKey(stage)).map(parseNoteKey))).resolves.toMatchObject({ index: sizeBefore })
})

test('the choice is remembered, re-opens as stored, and withdrawing removes what was set', async ({ stage, page, context }) => {
  const shop = new ShopPage(page, stage)
  await shop.openWithBanner()
  await shop.button('accept-all').click()
  await expect.poll(async () => (await readStorage(context, page)).cookies).toContain('ff_visit')
  await expect.poll(() => shop.receiptCount()).toBe(1)

  await shop.open('/about')
  await expect.poll(() => shop.choices().catch(() => null)).toMatchObject({ analytics: true, video: true, advertising: true })
  await expect(shop.banner).toBeHidden()
  await shop.open('/')
  await shop.reopen()
  for (const id of ['analytics', 'video', 'advertising']) await expect(shop.box(id)).toBeChecked()
  await shop.box('analytics').uncheck()
  await shop.button('save').click()
  await expect(shop.banner).toBeHidden()

  await expect.poll(async () => (await readStorage(context, page)).cookies).not.toContain('ff_visit')
  await expect.poll(() => shop.receiptCount()).toBe(2)
  const events = await shop.sentEvents()
  expect(events.at(-1)!.event.decisions.find(({ purpose_id }) => purpose_id === 'analytics')?.event_state).toBe('withdrawn')
  expect(events.at(-1)!.event.prev_event_hash).toBe(events.at(-2)!.hash)
  const countAnalytics = async () => (await stage.beacons()).filter(({ kind }) => kind !== 'advertising').length
  const countBefore = await countAnalytics()
  await shop.open('/')
  await expect.poll(() => shop.choices().catch(() => null)).toMatchObject({ analytics: false, video: true })
  await page.waitForLoadState('networkidle')
  expect(await countAnalytics()).toBe(countBefore)
})

test('a ticked box in the newsletter form becomes consent only after the link and a press', async ({ stage, page, context, browser }) => {
  const shop = new ShopPage(page, stage)
  await shop.openWithBanner()
  await shop.button('reject-all').click()
  await expect.poll(() => shop.receiptCount()).toBe(1)
  const boxes = page.locator('[data-sayso-opt-in] input[type=checkbox]')
  await expect(boxes).toHaveCount(2)
  for (const box of await boxes.all()) await expect(box).not.toBeChecked()
  await expect(page.locator('[data-sayso-opt-in]')).toContainText('Fern & Filament GmbH')
  const sizeBefore = await stage.logSize()
  await shop.subscribe(EMAIL, ['newsletter'])
  await expect.poll(() => stage.logSize()).toBe(sizeBefore + 1)

  const optIn = (await stage.readLog()).find(({ source }) => source.channel === 'opt-in')!
  expect(JSON.stringify(optIn)).not.toContain('mara')
  expect(optIn.decisions.find(({ purpose_id }) => purpose_id === 'newsletter')?.event_state).toBe('given')

  const mail = await findLinks(stage, /confirm/i)
  expect(mail.headers['list-unsubscribe-post']).toBe('List-Unsubscribe=One-Click')
  expect(mail.unsubscribe).toMatch(/\/u\/[\w-]{43}$/)
  expect(mail.html).toContain(mail.preferences)
  const statement = optIn.decisions.find(({ purpose_id }) => purpose_id === 'newsletter')!.statement_text
  expect(mail.text).toContain(statement)

  // A mail scanner: fetches and renders, several times.
  for (const method of ['GET', 'HEAD', 'GET']) await fetch(mail.preferences, { method })
  const scanner = await browser.newPage()
  await scanner.goto(mail.preferences)
  await scanner.close()
  expect(await stage.logSize()).toBe(sizeBefore + 1)

  const recipient = await context.newPage()
  const outside: string[] = []
  recipient.on('request', (request) => request.url().startsWith(stage.serviceUrl) || outside.push(request.url()))
  await recipient.goto(mail.preferences)
  expect(new URL(recipient.url()).pathname).toBe('/p/open')
  await expect(recipient.locator('h1')).toHaveText('Please confirm')
  await expect(recipient.locator('main')).not.toContainText(EMAIL)
  await expect(recipient.locator('input[name=purpose][value=newsletter]')).toBeChecked()
  await expect(recipient.locator('input[name=purpose][value=offers]')).not.toBeChecked()
  await recipient.getByRole('button', { name: 'Confirm', exact: true }).click()
  await expect(recipient.getByRole('alert')).toContainText(statement)
  expect(await stage.logSize()).toBe(sizeBefore + 2)
  await expect(recipient.locator('main')).toContainText('Form on the website')
  await expect(recipient.locator('main')).toContainText('Page behind your personal link')
  expect(outside).toEqual([])
  await recipient.close()
})

test('the person takes it back through the link, is told by mail, and can undo', async ({ stage, page }) => {
  const { preferences } = await findLinks(stage, /confirm/i)
  const sizeBefore = await stage.logSize()
  await page.goto(preferences)
  await expect(page.locator('h1')).toHaveText('Your choices')
  await expect(page.locator('input[name=purpose][value=newsletter]')).toBeChecked()
  await page.locator('input[name=purpose][value=newsletter]').uncheck()
  await page.getByRole('button', { name: 'Save my choices' }).click()
  await expect(page.getByRole('alert')).toContainText('You took back')
  expect(await stage.logSize()).toBe(sizeBefore + 1)
  await expect(page.locator('input[name=purpose][value=newsletter]')).not.toBeChecked()

  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: /Download receipt/ }).first().click()
  const receipt = JSON.parse(readFileSync(await (await download).path(), 'utf8')) as unknown
  const { read } = await verifyReceipt(receipt, (await readKey(stage)).map(parseNoteKey))
  expect(read.event).toMatchObject({ attestation: 'device', source: { channel: 'preference-center' }, decisions: [{ purpose_id: 'newsletter', event_state: 'withdrawn' }] })

  const change = await findLinks(stage, /have changed/)
  expect(change.text).toContain('You took back')
  await page.goto(change.preferences)
  await expect(page.locator('h1')).toHaveText('Restore earlier choices')
  await expect(page.locator('input[name=purpose][value=newsletter]')).toBeChecked()
  expect(await stage.logSize()).toBe(sizeBefore + 1)
  await page.getByRole('button', { name: 'Restore these choices' }).click()
  await expect(page.getByRole('alert')).toContainText('You agreed')
  expect(await stage.logSize()).toBe(sizeBefore + 2)
})

test('the one-click link in the header ends everything, once', async ({ stage, page }) => {
  const { unsubscribe } = await findLinks(stage, /have changed/)
  const sizeBefore = await stage.logSize()
  await page.goto(unsubscribe)
  await expect(page.locator('h1')).toHaveText('Unsubscribe')
  expect(await stage.logSize()).toBe(sizeBefore)
  const post = () => fetch(unsubscribe, { method: 'POST', body: 'List-Unsubscribe=One-Click', headers: { 'content-type': 'application/x-www-form-urlencoded' }, redirect: 'manual' })
  const answer = await post()
  expect(answer.status).toBe(200)
  expect(answer.headers.get('set-cookie')).toBeNull()
  expect(await stage.logSize()).toBe(sizeBefore + 1)
  const mailsAfter = async () => (await stage.mails()).filter(({ subject }) => /have changed/.test(subject)).length
  await expect.poll(mailsAfter).toBeGreaterThan(0)
  await post()
  expect(await stage.logSize()).toBe(sizeBefore + 1)
})

test('the auditor’s check passes on the real export, and names what is wrong in a changed one', async ({ stage }) => {
  const [vkey] = await readKey(stage)
  const exported = await stage.run('export', '--site', 'shop')
  expect(exported.exitCode, exported.stderr).toBe(0)
  const file = join(stage.dataDir, 'audit.ndjson')
  writeFileSync(file, exported.stdout)
  const verified = await stage.run('verify', file, '--key', vkey!)
  expect(verified.exitCode, verified.stdout + verified.stderr).toBe(0)
  expect(verified.stdout.trim().split('\n').at(-1)).toMatch(/device/)
  expect(exported.stdout).not.toContain('mara')

  const lines = exported.stdout.trim().split('\n')
  const at = lines.findIndex((line) => line.includes('"event":'))
  const forgeries: Record<string, string[]> = {
    'removed event': lines.filter((_, i) => i !== at),
    're-ordered log': lines.map((line, i) => (i === at ? lines[at + 1]! : i === at + 1 ? lines[at]! : line)),
    'changed notice': lines.map((line) => (line.includes('"notice":') ? line.replace('90 days', '90 years') : line)),
    'cut off': lines.slice(0, -1),
  }
  for (const [name, forged] of Object.entries(forgeries)) {
    const path = join(stage.dataDir, 'forged.ndjson')
    writeFileSync(path, `${forged.join('\n')}\n`)
    const result = await stage.run('verify', path, '--key', vkey!)
    expect(result.exitCode, `${name}: ${result.stdout}`).toBe(1)
  }
  const foreign = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
  expect((await stage.run('verify', file, '--key', foreign)).exitCode).toBe(1)
  expect((await stage.run('verify', file)).exitCode).toBe(2)
})
