// All locales at once, for whoever has to speak every language: the service and the mails.
import { addLocale, type Locale } from './i18n.ts'
import { type Language, languages } from './languages.ts'
import de from './locales/de.json' with { type: 'json' }
import en from './locales/en.json' with { type: 'json' }

/** The locales by language. */
export const locales: Readonly<Record<Language, Locale>> = { de, en }

for (const language of languages) addLocale(language, locales[language])
