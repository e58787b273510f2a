// The configurations of the widget: the little that is baked into widget.js, and what its rest asks for later.
import { hashNotice } from '../core/notice.ts'
import type { FirstLayer, LoaderConfig, WidgetConfig } from '../core/protocol.ts'
import { computeChoiceKey, findNotice, type Site } from '../core/site.ts'
import { writeBanner } from '../preference-center/wording.ts'
import type { Service } from './service.ts'

/** Languages that the site's notices are in, its default first. */
export function listLanguages(site: Site): string[] {
  return [...new Set([site.default_language, ...site.notices.map((notice) => notice.language)])]
}

/** The site's language that fits these best. */
export function pickSiteLanguage(site: Site, wanted: readonly string[]): string {
  const languages = listLanguages(site)
  for (const language of wanted) {
    const found = languages.find((known) => known.toLowerCase() === language.toLowerCase())
      ?? languages.find((known) => known.split('-')[0] === language.toLowerCase().split('-')[0])
    if (found) return found
  }
  return site.default_language
}

/** What is baked into widget.js for a site in one language. */
export function buildLoaderConfig({ assets, baseUrl }: Pick<Service, 'assets' | 'baseUrl'>, site: Site, language: string, isLanguageFixed: boolean): LoaderConfig {
  // Of a language and its regional forms a page has what the service picked.
  const others = isLanguageFixed ? [] : listLanguages(site).filter((other) => !language.startsWith(other))
  return [`${baseUrl}/v1/sites/${site.site}/`, `${baseUrl}/assets/${assets.rest}`, computeChoiceKey(site), others, writeLayer(site, language)]
}

/** What the rest of the widget asks for, in one language. */
export function buildWidgetConfig(
  { assets, baseUrl }: Pick<Service, 'assets' | 'baseUrl'>, site: Site, { language, anchor }: Pick<WidgetConfig, 'language' | 'anchor'>,
): WidgetConfig {
  const contact = findNotice(site, 'contact', [language])
  return {
    site: site.site, base: baseUrl, build: assets.build, language,
    choiceKey: computeChoiceKey(site), layer: writeLayer(site, language),
    contactNoticeHash: contact ? hashNotice(contact) : null, anchor,
  }
}

function writeLayer(site: Site, language: string): FirstLayer {
  const device = findNotice(site, 'device', [language])
  return device ? writeBanner(device, hashNotice(device)) : ['', language, '', '', [], [], '', '', '', '', '', '']
}
