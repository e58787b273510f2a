// The languages that ui/locales has: the twenty-four of the European Union, and some more.

/** The first one stands in for languages that are missing. */
export const languages = [
  'en', 'de', 'ar', 'bg', 'cs', 'da', 'el', 'es', 'et', 'fi', 'fr', 'ga', 'he', 'hr', 'hu', 'is',
  'it', 'ja', 'lt', 'lv', 'mt', 'nb', 'nl', 'pl', 'pt', 'ro', 'sk', 'sl', 'sv', 'tr', 'uk',
] as const
export type Language = (typeof languages)[number]

/** Other tags of the same languages, as browsers send them. */
const OTHER_TAGS: Readonly<Record<string, string>> = { no: 'nb', nn: 'nb', iw: 'he' }

/** The language among ours that comes closest to a BCP 47 tag: `de` for `de-AT`; undefined where there is none. */
export function findLanguage(tag: string): Language | undefined {
  const primary = tag.toLowerCase().split('-')[0]!
  return languages.find((language) => language === (OTHER_TAGS[primary] ?? primary))
}

/** The same, English for what we lack. */
export function pickLanguage(tag: string): Language {
  return findLanguage(tag) ?? 'en'
}

/** Which way a language is written: the value of `dir`. */
export function directionOf(tag: string): 'ltr' | 'rtl' {
  return ['ar', 'he', 'iw'].includes(tag.toLowerCase().split('-')[0]!) ? 'rtl' : 'ltr'
}
