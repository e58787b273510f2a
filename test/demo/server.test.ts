// The demo as its visitors meet it: shop pages with the tag, beacons collected, mails readable.
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDemo } from '../../demo/server.ts'

const tag = '<script async src="https://consent.example/v1/sites/shop/widget.js"></script>'

let mailboxDir: string
let demo: ReturnType<typeof createDemo>
beforeEach(() => {
  mailboxDir = mkdtempSync(join(tmpdir(), 'sayso-mailbox-'))
  demo = createDemo({ serviceUrl: 'https://consent.example', site: 'shop', mailboxDir, assetsDir: join(import.meta.dirname, '../../demo/shop') })
})
afterEach(() => rmSync(mailboxDir, { recursive: true, force: true }))

describe('the shop', () => {
  test.each(['/', '/de/', '/about', '/de/about', '/thanks', '/de/thanks'])('%s has the tag and a way back to the choice', async (path) => {
    const page = await read(path)
    expect(page).toContain(tag)
    expect(page).toContain('data-sayso-open')
    expect(page).toContain(`<html lang="${path.startsWith('/de') ? 'de' : 'en'}">`)
    expect(page).not.toContain('{{')
  })

  test.each(['/', '/de/'])('%s offers the letter and parks film, counting and advertising', async (path) => {
    const page = await read(path)
    expect(page).toContain('data-sayso-opt-in="newsletter offers"')
    expect(page).toMatch(/<iframe data-sayso="video" data-src="/)
    expect(page).toContain('<script type="text/plain" data-sayso="analytics">')
    expect(page).toContain('<script type="text/plain" data-sayso="advertising" src="')
  })

  test.each(['/', '/de/', '/about', '/bench.html', '/film'])('%s loads nothing from anywhere else', async (path) => {
    const sources = [...(await read(path)).matchAll(/<(?:script|link|img|iframe)[^>]* (?:src|href)="([^"]+)"/g)].map(([, url]) => url!)
    expect(sources.filter((url) => !/^(\/(?!\/)|data:,|https:\/\/consent\.example\/)/.test(url))).toEqual([])
  })

  test('bench.html has nothing but the tag', async () => {
    const page = await read('/bench.html')
    expect(page.match(/<script[\s>]/g)).toHaveLength(1)
    expect(page).toContain(tag)
    expect(page).not.toContain('data-sayso')
  })

  test('a sign-up goes on to a page that promises nothing but the confirmation', async () => {
    const answer = await demo.request('/de/newsletter', { method: 'POST', body: new URLSearchParams({ email: 'anna@example.org' }) })
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe('/de/thanks')
  })
})

describe('trackers', () => {
  test('what they send is listed, newest first', async () => {
    expect(await readJson('/collect.json')).toEqual([])
    await demo.request('/collect', { method: 'POST', body: '{"kind":"page-view"}', headers: { referer: 'https://shop.example/about' } })
    await demo.request('/collect', { method: 'POST', body: 'not json', headers: { referer: 'nonsense' } })
    expect(await readJson('/collect.json')).toMatchObject([
      { kind: 'unreadable', text: 'not json' },
      { kind: 'page-view', page: 'https://shop.example/about' },
    ])
    expect(await read('/collect')).toContain('page-view')
  })

  test('a beacon beyond 4 KiB is refused', async () => {
    const answer = await demo.request('/collect', { method: 'POST', body: 'x'.repeat(5000) })
    expect(answer.status).toBe(413)
    expect(await readJson('/collect.json')).toEqual([])
  })
})

describe('the mailbox', () => {
  test('is empty before the first mail, even before its folder exists', async () => {
    rmSync(mailboxDir, { recursive: true })
    expect(await readJson('/mailbox.json')).toEqual([])
    expect(await read('/mailbox')).toContain('No mail yet')
  })

  test('lists mails newest first, each as it was sent', async () => {
    place('1', { subject: 'Please confirm', seconds: 100 })
    const raw = place('2', { subject: '=?utf-8?q?Best=C3=A4tigt?=', seconds: 200 })
    place('half-written', { subject: 'x', seconds: 300, ending: '.tmp' })
    expect(await readJson('/mailbox.json')).toMatchObject([
      { id: '2', to: 'anna@example.org', subject: 'Bestätigt', raw },
      { id: '1', subject: 'Please confirm' },
    ])
  })

  test('shows a mail with its text, its headers, and its HTML where it can do no harm', async () => {
    place('1', { subject: 'Please confirm', seconds: 100 })
    const page = await read('/mailbox/1')
    expect(page).toContain('List-Unsubscribe')
    expect(page).toContain('href="https://consent.example/p/token"')
    expect(page).toMatch(/<iframe[^>]*sandbox="allow-popups allow-popups-to-escape-sandbox"/)
    expect(page).not.toContain('<script>alert')
  })

  test('knows no other mail', async () => {
    expect((await demo.request('/mailbox/..%2Fsecret')).status).toBe(404)
  })
})

async function read(path: string): Promise<string> {
  const answer = await demo.request(path)
  expect(answer.status).toBe(200)
  return answer.text()
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await read(path))
}

function place(id: string, { subject, seconds, ending = '.eml' }: { subject: string; seconds: number; ending?: string }): string {
  const raw = [
    'From: Shop <hello@shop.example>',
    'To: Anna <anna@example.org>',
    `Subject: ${subject}`,
    'List-Unsubscribe: <https://consent.example/u/token>',
    'MIME-Version: 1.0',
    'Content-Type: multipart/alternative; boundary=part',
    '',
    '--part',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Open https://consent.example/p/token',
    '--part',
    'Content-Type: text/html; charset=utf-8',
    '',
    '<p>Hello</p><script>alert(1)</script>',
    '--part--',
    '',
  ].join('\r\n')
  const path = join(mailboxDir, id + ending)
  writeFileSync(path, raw)
  utimesSync(path, seconds, seconds)
  return raw
}
