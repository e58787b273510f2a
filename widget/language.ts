// Which of a site's languages a visitor gets: the tag's own, else the page's, else the browser's.
import type { WidgetConfig } from '../core/protocol.ts'

/** The language to show; the configuration's own where nothing else fits. */
export function pickLanguage({ isLanguageFixed, language, languages }: WidgetConfig): string {
  const { lang } = document.documentElement
  const wanted = isLanguageFixed ? [] : lang ? [lang] : navigator.languages
  for (const tag of wanted) {
    const found = languages.find((candidate) => candidate === tag) ?? languages.find((candidate) => candidate === tag.split('-')[0])
    if (found) return found
  }
  return language
}
