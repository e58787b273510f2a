// The words of the faces in every language that ui/locales has. Works without network, on the server and in a
// browser tab. Interpolated values are not escaped here: Preact escapes them, and plain text needs none.
import { createInstance } from 'i18next'
import de from './locales/de.json' with { type: 'json' }
import en from './locales/en.json' with { type: 'json' }

/** The locales by language; every one has the keys of English. */
export const locales: Record<Language, typeof en> = { en, de }

/** Languages that pages and mails exist in. */
export const languages = ['en', 'de'] as const
export type Language = (typeof languages)[number]

type Singular<Key extends string> = Key extends `${infer Stem}_one` | `${infer Stem}_other` ? Stem : Key
type Path<Tree, Prefix extends string = ''> = {
  [Key in keyof Tree & string]: Tree[Key] extends string | string[] ? `${Prefix}${Singular<Key>}` : Path<Tree[Key], `${Prefix}${Key}.`>
}[keyof Tree & string]

/** A key of ui/locales, plural suffixes left off: `preference.choices`. */
export type Key = Path<typeof en>

/** Gives the words for a key; `values` fill its {{placeholders}}, `count` picks the plural. */
export type Translate = (key: Key, values?: Record<string, string | number>) => string

const i18n = createInstance()
void i18n.init({
  resources: Object.fromEntries(languages.map((language) => [language, { translation: locales[language] }])),
  supportedLngs: languages,
  fallbackLng: false,
  initAsync: false,
  joinArrays: '\n',
  interpolation: { escapeValue: false },
})

/** The language among ours that comes closest to a BCP 47 tag: `de` for `de-AT`, English for what we lack. */
export function pickLanguage(tag: string): Language {
  return languages.find((language) => language === tag.toLowerCase().split('-')[0]) ?? 'en'
}

/** The words of a language. */
export function createTranslate(tag: string): Translate {
  const translate = i18n.getFixedT(pickLanguage(tag))
  return (key, values) => String(translate(key, { ...values }))
}

/** Whether a text from elsewhere is a key. */
export function isKey(text: string): text is Key {
  return i18n.exists(text, { lng: 'en' }) && typeof i18n.getResource('en', 'translation', text) === 'string'
}
