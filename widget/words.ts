// The words of the parts that are loaded later. They travel with these parts, so that what every visitor downloads
// holds only the banner's own.
import { notice as noticeDe, widget as widgetDe, widget_parts as partsDe } from '../ui/locales/de.json'
import { notice as noticeEn, widget as widgetEn, widget_parts as partsEn } from '../ui/locales/en.json'
import type { Words } from '../ui/words.ts'

const wordsByLanguage: Record<string, Words> = {
  en: { ...noticeEn, ...widgetEn, ...partsEn },
  de: { ...noticeDe, ...widgetDe, ...partsDe },
}

/** The words in the language that comes closest to a BCP 47 tag; English for what we lack. */
export function findWords(tag: string): Words {
  return wordsByLanguage[tag.toLowerCase().split('-')[0]!] ?? wordsByLanguage.en!
}
