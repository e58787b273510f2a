// Points in time and durations in words, by Intl, in the page's language. Times are in UTC and say so: a page
// rendered on the server does not know where its reader is.
import { pickLanguage } from './languages.ts'

// English dates in the British order: day, month by name, year is misread by nobody. Portuguese as in Portugal.
const REGIONS: Readonly<Record<string, string>> = { en: 'en-GB', pt: 'pt-PT' }
const localeFor = (tag: string) => REGIONS[pickLanguage(tag)] ?? pickLanguage(tag)

/** `3 May 2026`; `time` is RFC 3339. */
export function formatDay(time: string, language: string): string {
  return new Intl.DateTimeFormat(localeFor(language), { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(time))
}

/** `3 May 2026 at 10:15 UTC`; `time` is RFC 3339. */
export function formatMoment(time: string, language: string): string {
  // The zone by hand: where Intl puts it, it tears the time apart in some languages.
  return `${new Intl.DateTimeFormat(localeFor(language), { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(new Date(time))} UTC`
}
