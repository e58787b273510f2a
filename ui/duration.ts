// A validity in words, by Intl. The widget has the same words from its build (ui/duration-words.ts): setting Intl up takes
// a slow phone a tenth of a second.
import { DURATION_PARTS, pluralKey } from './duration-words.ts'
import type { Words } from './words.ts'

const UNITS = { Y: 'year', M: 'month', W: 'week', D: 'day' } as const
/** A number of each plural category that any language has is among these. */
const LARGEST_SAMPLE = 200

const createFormat = (language: string, letter: string) =>
  new Intl.NumberFormat(language, { style: 'unit', unit: UNITS[letter as keyof typeof UNITS], unitDisplay: 'long', numberingSystem: 'latn' })

/** `183 days` of `P183D`, `1 year, 6 months` of `P1Y6M`, in the words of `language` (BCP 47). */
export function formatDuration(duration: string, language: string): string {
  const parts = [...duration.matchAll(DURATION_PARTS)].map(([, count, letter]) => createFormat(language, letter!).format(Number(count)))
  return new Intl.ListFormat(language, { type: 'unit', style: 'long' }).format(parts)
}

/** What a build needs to do the same without Intl's units: a text with {{n}} for each unit and plural category. */
export function listDurationWords(language: string): Words {
  const plural = new Intl.PluralRules(language)
  const words: Record<string, string> = {}
  for (const letter of Object.keys(UNITS)) {
    const format = createFormat(language, letter)
    for (let count = 0; count <= LARGEST_SAMPLE; count += 1) {
      words[pluralKey(letter, plural.select(count))] ??= format.format(count).replace(String(count), '{{n}}')
    }
  }
  return words
}
