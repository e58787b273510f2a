import { describe, expect, it } from 'vitest'
import {
  renderExpiredPage, renderMail, renderNewLinkPage, renderNoticePage, renderPreferencePage, renderProblemPage, renderUnsubscribePage,
} from '../../preference-center/render.ts'
import { MAIL_KINDS } from '../../preference-center/mail-kinds.ts'
import { languages } from '../../ui/languages.ts'
import * as fixtures from './fixtures.ts'

const HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>\'&'

/** The same value with a hostile text in place of every text. */
function poison<Value>(value: Value, keep: readonly string[] = []): Value {
  if (typeof value === 'string') return HOSTILE as Value
  if (Array.isArray(value)) return value.map((item) => poison(item as unknown, keep)) as Value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, keep.includes(name) ? member : poison(member as unknown, keep)])) as Value
}

// What the service sets itself, or what must stay a language, a time or a kind for a page to exist at all.
const KEPT = ['language', 'languages', 'mode', 'state', 'since', 'until', 'end', 'when', 'eventType', 'action', 'time', 'kind', 'reason', 'expiresAt', 'validity_duration', 'event_state', 'channel', 'attestation', 'legal_basis', 'id', 'purpose_id', 'href', 'unsubscribeHref', 'noticeHref', 'receiptHref', 'url', 'scope']

const pages = (language: fixtures.FixtureLanguage): Record<string, string> => ({
  manage: renderPreferencePage(fixtures.createPreferencePage(language)),
  confirm: renderPreferencePage(fixtures.createConfirmPage(language)),
  undo: renderPreferencePage(fixtures.createUndoPage(language)),
  unsubscribe: renderUnsubscribePage(fixtures.createUnsubscribePage(language)),
  expired: renderExpiredPage(fixtures.createExpiredPage(language)),
  'new link': renderNewLinkPage(fixtures.createNewLinkPage(language, 'unknown')),
  notice: renderNoticePage(fixtures.createNoticePage(language)),
  problem: renderProblemPage(fixtures.createProblemPage(language)),
})

describe.each(languages)('pages in %s', (language) => {
  it.each(Object.entries(pages(language)))('%s: one heading, its language, nothing inline, nothing from elsewhere', (_, html) => {
    expect(html.startsWith('<!doctype html>')).toBe(true)
    expect(html.match(/<h1[\s>]/g)).toHaveLength(1)
    expect(html).toContain(`<html lang="${language}" dir=`)
    expect(html).not.toMatch(/<style|<script(?![^>]*\bsrc="\/page\/)|\son\w+=|\sstyle=/)
    expect([...html.matchAll(/(?:src|<link[^>]*href)="([^"]+)"/g)].every(([, url]) => url!.startsWith('/page/'))).toBe(true)
  })
})

describe('the preference centre', () => {
  const boxes = (html: string) => Object.fromEntries([...html.matchAll(/<input[^>]*type="checkbox"[^>]*>/g)].map(([tag]) => [/value="([^"]+)"/.exec(tag)![1], /\schecked\b/.test(tag)]))

  it('ticks exactly what it is told to tick', () => {
    for (const ticked of [[], ['newsletter'], ['offers'], ['newsletter', 'offers']]) {
      const page = fixtures.createPreferencePage('en')
      const purposes = page.purposes.map((purpose) => ({ ...purpose, isTicked: ticked.includes(purpose.id) }))
      expect(boxes(renderPreferencePage({ ...page, purposes }))).toEqual({ newsletter: ticked.includes('newsletter'), offers: ticked.includes('offers') })
    }
  })

  it('has a notice say where the data is stored, where it does', () => {
    const page = fixtures.createNoticePage('en')
    const told = { ...page, notice: { ...page.notice, storage: 'In Norway, at Fjord Hosting AS.' } }
    expect(renderNoticePage(told)).toMatch(/<h2>Where it is stored<\/h2><p lang="en">In Norway, at Fjord Hosting AS\.<\/p>/)
    expect(renderNoticePage(page)).not.toContain('Where it is stored')
  })

  it('says first how to end everything, then the choices, the history, the notice, how to complain', () => {
    const html = renderPreferencePage(fixtures.createPreferencePage('en'))
    const order = ['Unsubscribe from all', 'What you allow', 'Save my choices', 'Your history', 'The full privacy notice', 'How to complain'].map((words) => html.indexOf(words))
    expect(order.every((at) => at > 0)).toBe(true)
    expect(order).toEqual([...order].sort((a, b) => a - b))
  })

  it('sums errors up first, with a link to the field, and says so in the title', () => {
    const html = renderPreferencePage(fixtures.createPreferencePage('en', { errors: [{ key: 'nothing_chosen', field: 'purpose' }] }))
    expect(html).toMatch(/<title>Error: /)
    const target = /<a href="#([^"]+)">Tick at least one box/.exec(html)?.[1]
    expect(html).toContain(`id="${target}"`)
    expect(html.indexOf('role="alert"')).toBeLessThan(html.indexOf('<h1'))
  })
})

describe('hostile texts', () => {
  it.each<[string, string]>([
    ['preference centre', renderPreferencePage(poison(fixtures.createPreferencePage('en'), KEPT))],
    ['unsubscribe', renderUnsubscribePage(poison(fixtures.createUnsubscribePage('en'), KEPT))],
    ['notice', renderNoticePage(poison(fixtures.createNoticePage('en'), KEPT))],
    ['problem', renderProblemPage(poison(fixtures.createProblemPage('en'), KEPT))],
    ['mail', renderMail(poison(fixtures.createMail('en', 'confirm'), KEPT)).html],
  ])('stay text: %s', (_, html) => {
    expect(html).toContain('&lt;script>')
    expect(html).not.toContain('<script>')
    expect(html).not.toContain('<img src=x')
    expect(html).not.toMatch(/="[^"]*"><script/)
  })
})

describe('mails', () => {
  it.each(languages.flatMap((language) => MAIL_KINDS.map((kind) => [language, kind] as const)))('%s, %s: both parts carry the links', (language, kind) => {
    const model = fixtures.createMail(language, kind)
    const mail = renderMail(model)
    for (const part of [mail.text, mail.html]) {
      for (const needed of [model.href, model.unsubscribeHref, model.code, model.staff, model.email, model.source]) if (needed !== null) expect(part).toContain(needed)
      for (const { statement_text } of model.decisions) expect(part).toContain(statement_text)
    }
    expect(mail.text).not.toMatch(/\{\{|<[a-z]/)
    expect(mail.subject).toContain(model.siteName)
    expect(mail.html).toContain(`lang="${language}"`)
  })
})
