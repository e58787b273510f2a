// FAIRNESS 9: no shaming words, neither in our own catalogues nor in a site's labels.
import { describe, expect, test } from 'vitest'
import { findShamingWord, shamingWords } from '../../core/shaming-words.ts'
import { readSiteFile } from '../../server/publish.ts'
import { locales } from '../../ui/locales.ts'
import { createNotice, createSite } from '../fixtures/site.ts'

describe.each(Object.keys(shamingWords))('FAIRNESS 9: %s', (language) => {
  test('our own labels and the banner’s words hold none', () => {
    const { labels, widget, widget_parts } = locales[language as keyof typeof locales]
    for (const text of Object.values({ ...labels, ...widget, ...widget_parts })) expect.soft(findShamingWord(text, language), text).toBeUndefined()
  })
})

test('a word is found whatever its case, and not inside another', () => {
  expect(findShamingWord('No, I don’t care about my privacy', 'en')).toBe('i don’t care')
  expect(findShamingWord('Reject and MISS OUT', 'en-GB')).toBe('miss out')
  expect(findShamingWord('Dismissing outright', 'en')).toBeUndefined()
  expect(findShamingWord('Leider ablehnen', 'de')).toBe('leider')
  expect(findShamingWord('¡Lástima!', 'es')).toBe('lástima')
  expect(findShamingWord('Refuser (peu m\'importe)', 'fr')).toBe('peu m’importe')
})

test('a site’s label with such a word is refused, with its place', () => {
  const notice = createNotice('device')
  const shaming = { ...notice, labels: { ...notice.labels, reject_all: 'Miss out on a better shop' } }
  expect(() => readSiteFile({ ...createSite(), notices: [shaming] })).toThrow(expect.objectContaining({ errors: [expect.objectContaining({ pointer: '/notices/0/labels/reject_all', code: 'shaming' })] }))
})
