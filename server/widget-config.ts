// The configuration that is baked into widget.js: what of the published notices the first layer needs.
import { projectFirstLayer } from '../core/layer.ts'
import { hashNotice, type Notice } from '../core/notice.ts'
import type { WidgetConfig } from '../core/protocol.ts'
import { isOptional } from '../core/purpose.ts'
import { computeChoiceKey, findNotice, type Site } from '../core/site.ts'
import { bannerWords } from '../preference-center/wording.ts'
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

function optionalIds(notice: Notice): string[] {
  return notice.purposes.filter((purpose) => purpose.scope === 'contact' && isOptional(purpose)).map((purpose) => purpose.id)
}

/** The configuration of a site in one language. */
export function buildWidgetConfig(
  { assets, baseUrl }: Pick<Service, 'assets' | 'baseUrl'>, site: Site,
  { language, isLanguageFixed, anchor }: Pick<WidgetConfig, 'language' | 'isLanguageFixed' | 'anchor'>,
): WidgetConfig {
  const device = findNotice(site, 'device', [language])
  const contact = findNotice(site, 'contact', [language])
  const address = (entry: keyof WidgetConfig['modules']) => `${baseUrl}/assets/${assets.modules[entry]}`
  return {
    site: site.site, base: baseUrl, build: assets.build,
    modules: { record: address('record'), panel: address('panel'), 'opt-in': address('opt-in') },
    language, languages: listLanguages(site), isLanguageFixed,
    choiceKey: computeChoiceKey(site),
    deviceNotice: device ? { hash: hashNotice(device), layer: projectFirstLayer(device) } : null,
    contactNotice: contact ? { hash: hashNotice(contact), purposeIds: optionalIds(contact) } : null,
    anchor, words: bannerWords(language),
  }
}
