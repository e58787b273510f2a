// A validity in words that were made beforehand: what the widget uses.
import { fillIn, type Words } from './words.ts'

/** The parts of an ISO 8601 duration: a number and Y, M, W or D. */
export const DURATION_PARTS = /(\d+)([YMWD])/g

/** The key of the words for a unit and a plural category. */
export const pluralKey = (letter: string, category: string): string => `duration_${letter}_${category}`

/** The same text as `formatDuration` of ui/duration.ts gives, out of the words that a build made with `listDurationWords`. */
export function fillDuration(duration: string, language: string, words: Words): string {
  const plural = new Intl.PluralRules(language)
  const parts = [...duration.matchAll(DURATION_PARTS)].map(([, count, letter]) => fillIn(words[pluralKey(letter!, plural.select(Number(count)))], { n: count! }))
  return parts.length === 1 ? parts[0]! : new Intl.ListFormat(language, { type: 'unit', style: 'long' }).format(parts)
}
