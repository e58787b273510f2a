// Two versions of a notice: what an auditor reads, and that nothing slips between the fields.
import { describe, expect, test } from 'vitest'
import { hashNotice, type Notice } from '../../core/notice.ts'
import { compareNotices } from '../../preference-center/notice-difference.ts'
import { renderComparisonPage } from '../../preference-center/render.ts'
import { createTranslate } from '../../ui/i18n.ts'
import '../../ui/locales.ts'
import { createNotice } from '../fixtures/site.ts'

const t = createTranslate('en')
const base = createNotice('device')
const compare = (newer: Notice, older = base) => compareNotices(older, newer, t)
const purposes = (change: Partial<Notice['purposes'][number]>) => base.purposes.map((purpose) => (purpose.id === 'analytics' ? { ...purpose, ...change } : purpose))

test('word by word within a field', () => {
  const { fields } = compare({ ...base, use: 'We count all visits twice.' })
  expect(fields).toEqual([{ name: 'What is done with it', kind: 'changed', stretches: [
    { kind: 'same', text: 'We count ' }, { kind: 'added', text: 'all ' }, { kind: 'same', text: 'visits' }, { kind: 'added', text: ' twice' }, { kind: 'same', text: '.' },
  ] }])
})

test('neighbouring words that were replaced are one stretch; two texts with little in common stand whole', () => {
  const [replaced] = compare({ ...base, use: 'We sell visits to Adlib and others.' }, { ...base, use: 'We count visits for you and others.' }).fields
  expect(replaced!.stretches.map(({ kind, text }) => `${kind}:${text}`)).toEqual(['same:We ', 'removed:count', 'added:sell', 'same: visits ', 'removed:for you', 'added:to Adlib', 'same: and others.'])
  const [other] = compare({ ...base, use: 'Nobody sees anything.' }).fields
  expect(other!.stretches).toEqual([{ kind: 'removed', text: 'We count visits.' }, { kind: 'added', text: 'Nobody sees anything.' }])
})

test('put together again, the stretches give both texts to the letter', () => {
  const [older, newer] = ['We count visits, and  nothing else at all.', 'We count all visits and, sadly, much else at all, too.']
  const { stretches } = compare({ ...base, use: newer }, { ...base, use: older }).fields[0]!
  const without = (kind: string) => stretches.filter((stretch) => stretch.kind !== kind).map(({ text }) => text).join('')
  expect([without('added'), without('removed')]).toEqual([older, newer])
})

describe('no change of a word goes unseen', () => {
  test.each<[string, Partial<Notice>]>([
    ['controller', { controller: { ...base.controller, name: 'Other GmbH' } }],
    ['address', { controller: { ...base.controller, address: 'Elsewhere' } }],
    ['contact', { controller: { ...base.controller, contact: 'nobody' } }],
    ['dpo', { controller: { ...base.controller, dpo: 'Dr. Vogt' } }],
    ...(['collected', 'why', 'use', 'retention', 'access', 'erasure', 'withdrawal'] as const).map((name): [string, Partial<Notice>] => [name, { [name]: 'Something else.' }]),
    ['place of storage', { storage: 'In Iceland.' }],
    ['shared_with', { shared_with: [...base.shared_with, { name: 'Adlib Inc.', purpose: 'advertising' }] }],
    ['shared_with, the same name again', { shared_with: [...base.shared_with, { name: base.shared_with[0]!.name, purpose: 'advertising' }] }],
    ['complaint', { complaint: { ...base.complaint, text: 'Do not.' } }],
    ['authority', { complaint: { ...base.complaint, authority: 'None' } }],
    ['validity', { validity_duration: 'P24M' }],
    ['language', { language: 'fr' }],
    ['a label', { labels: { ...base.labels, reject_all: 'Maybe later' } }],
    ['a statement', { purposes: purposes({ statement_text: 'Sell everything.' }) }],
    ['a legal basis', { purposes: purposes({ legal_basis: 'legitimate_interests' }) }],
    ['data', { purposes: purposes({ data_categories: ['your heartbeat'] }) }],
    ['recipients', { purposes: purposes({ recipients: ['Adlib Inc.'] }) }],
    ['retention of a purpose', { purposes: purposes({ retention: 'for ever' }) }],
    ['tags', { purposes: purposes({ tags: [] }) }],
    ['scope', { purposes: purposes({ scope: 'contact' }) }],
    ['a purpose more', { purposes: [...base.purposes, { ...base.purposes[0]!, id: 'profiling' }] }],
    ['a purpose less', { purposes: base.purposes.slice(1) }],
    ['white space', { use: 'We  count visits.' }],
  ])('%s', (_, change) => {
    expect(compare({ ...base, ...change }).fields.length).toBeGreaterThan(0)
  })
})

test('what only moved is not said to have changed, nor that the two are the same', () => {
  const newer = { ...base, purposes: [...base.purposes].reverse() }
  expect(compare(newer).fields).toEqual([])
  const version = (notice: Notice) => ({ notice, hash: hashNotice(notice), href: '/n', receivedAt: '2026-11-22T10:00:00.000Z' })
  const page = (one: Notice, other: Notice) => renderComparisonPage({ language: 'en', languages: [], siteName: 'Shop', older: version(one), newer: version(other) })
  expect(page(base, newer)).toContain('only the order of entries is another')
  expect(page(base, base)).toContain('The two are the same.')
})

test('on the page a difference is clear without colour and without sight, and hostile words stay words', () => {
  const evil = 'We count <img src=x onerror=alert(1)> visits.'
  const version = (notice: Notice) => ({ notice, hash: hashNotice(notice), href: '/n', receivedAt: '2026-11-22T10:00:00.000Z' })
  const html = renderComparisonPage({ language: 'de', languages: [], siteName: 'Shop', older: version(base), newer: version({ ...base, use: evil, why: 'To sell the shop.' }) })
  expect(html).not.toContain('<img')
  expect(html).toMatch(/<del><span class="unseen" lang="de">Entfallen: <\/span>improve<\/del><ins><span class="unseen" lang="de">Neu: <\/span>sell<\/ins>/)
  expect(html).toContain('<html lang="de"')
  expect(html).toContain('2 Felder sind verschieden.')
})
