// Finds words by key. Works without network, on the server and in a browser tab, with the locales that were added: all
// of them through ui/locales.ts, or the one that a page is in. Interpolated values are not escaped here: Preact
// escapes them, and plain text needs none.
import { createInstance } from 'i18next'
import { type Language, languages, pickLanguage } from './languages.ts'
import type en from './locales/en.json'

/** A locale. Others have the keys of English; only the plural forms differ. */
export type Locale = typeof en

type Singular<Key extends string> = Key extends `${infer Stem}_one` | `${infer Stem}_other` ? Stem : Key
type Path<Tree, Prefix extends string = ''> = {
  [Key in keyof Tree & string]: Tree[Key] extends string | string[] ? `${Prefix}${Singular<Key>}` : Path<Tree[Key], `${Prefix}${Key}.`>
}[keyof Tree & string]

/** A key of ui/locales, plural suffixes left off: `preference.choices`. */
export type Key = Path<Locale>

/** Gives the words for a key; `values` fill its {{placeholders}}, `count` picks the plural. */
export type Translate = (key: Key, values?: Record<string, string | number>) => string

const i18n = createInstance()
void i18n.init({
  supportedLngs: languages,
  fallbackLng: false,
  initAsync: false,
  joinArrays: '\n',
  interpolation: { escapeValue: false },
})

/** From now on there are words in this language. */
export function addLocale(language: Language, locale: object): void {
  i18n.addResourceBundle(language, 'translation', locale)
}

/** The words of the language that comes closest to a BCP 47 tag. */
export function createTranslate(tag: string): Translate {
  const translate = i18n.getFixedT(pickLanguage(tag))
  return (key, values) => String(translate(key, { ...values }))
}

/** Whether a text from elsewhere is a key. */
export function isKey(text: string): text is Key {
  return languages.some((language) => typeof i18n.getResource(language, 'translation', text) === 'string')
}
