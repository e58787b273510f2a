// The words of the parts that are loaded later: a small file a language, so that a page loads its own and what every
// visitor downloads holds only the banner's. Built from ui/locales by vite.config.ts, as much as the widget needs.
import { pickLanguage } from '../ui/languages.ts'
import type { Words } from '../ui/words.ts'

const files = import.meta.glob<Words>('../ui/locales/*.json', { query: '?widget', import: 'words' })

/** The words in the language that comes closest to a BCP 47 tag; English for what we lack. */
export function loadWords(tag: string): Promise<Words> {
  return files[`../ui/locales/${pickLanguage(tag)}.json`]!()
}
