// The script of the checking page, with the words of the language that the page is in.
import { addLocale } from '../ui/i18n.ts'
import { pickLanguage } from '../ui/languages.ts'
import { startVerify } from './verify.tsx'

const files = import.meta.glob<object>('../ui/locales/*.json', { import: 'default' })
const language = pickLanguage(document.documentElement.lang)
addLocale(language, await files[`../ui/locales/${language}.json`]!())
startVerify({ document, location, fetch: (...request) => fetch(...request) })
