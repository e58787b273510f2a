// A validity in words: the widget, which has words from its build, says what the service says with Intl.
import { describe, expect, test } from 'vitest'
import { formatDuration, listDurationWords } from '../../ui/duration.ts'
import { fillDuration } from '../../ui/duration-words.ts'
import { languages } from '../../ui/languages.ts'

describe.each(languages)('in %s', (language) => {
  const words = listDurationWords(language)
  test.each(['P1D', 'P2D', 'P5D', 'P11D', 'P21D', 'P30D', 'P183D', 'P1W', 'P3W', 'P1M', 'P2M', 'P6M', 'P24M', 'P1Y', 'P2Y', 'P1Y6M', 'P2Y3M10D'])('%s', (duration) => {
    expect(fillDuration(duration, language, words)).toBe(formatDuration(duration, language))
  })
})

test('says what a person would say', () => {
  expect(formatDuration('P183D', 'en')).toBe('183 days')
  expect(formatDuration('P1Y6M', 'en')).toBe('1 year, 6 months')
  expect(formatDuration('P24M', 'de')).toBe('24 Monate')
})
