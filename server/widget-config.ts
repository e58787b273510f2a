// The configurations of the widget: the little that is baked into widget.js, and what its rest asks for later.
import { hashText } from '../core/hash.ts'
import { hashNotice } from '../core/notice.ts'
import type { FirstLayer, WidgetConfig } from '../core/protocol.ts'
import { computeChoiceKey, findNotice, listLanguages, type Site } from '../core/site.ts'
import { writeBanner } from '../preference-center/wording.ts'
import { bakeWidget, PLACE, writeForScript } from './bake.ts'
import type { SiteLoader } from './build-archive.ts'
import { listExtras } from './extras.ts'
import type { Service } from './service.ts'

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

/** Which widget.js is wanted: its language, and the address of the site if that is not the usual one. */
export interface LoaderWish {
  language: string
  /** `?lang=` said so, whatever the page is in. */
  isLanguageFixed: boolean
  siteUrl?: string
  /** Purposes that run where the visitor is until somebody objects. */
  untilObjection?: readonly string[]
  /** The build, where the script outlives what the service will later say of the site. */
  build?: string
}

/** What is baked into widget.js for a site, as the JavaScript of a LoaderConfig: what is the same for every browser as JSON, the rest as code. */
export function writeLoaderConfig({ assets, baseUrl }: Pick<Service, 'assets' | 'baseUrl'>, site: Site, wish: LoaderWish): string {
  const { language, isLanguageFixed, untilObjection = [], build, siteUrl = `${baseUrl}/v1/sites/${site.site}/` } = wish
  // Of a language and its regional forms a page has what the service picked.
  const others = isLanguageFixed ? [] : listLanguages(site).filter((other) => !language.startsWith(other))
  const layer = writeLayer(site, language)
  const ids = layer[4].map(([id]) => id)
  const undecided = writeUndecided(ids, untilObjection)
  const barred = writeBarred(site, ids)
  const data = [siteUrl, restUrlOf({ assets, baseUrl }), computeChoiceKey(site), others, layer, undecided]
  const signal = barred === '' ? '""' : `navigator.globalPrivacyControl?"${barred}":""`
  const pin = build === undefined ? [] : [`Object.assign(()=>{},${writeForScript({ build })})`]
  return `[${[...data.map(writeForScript), signal, ...pin].join()}]`
}

const restUrlOf = ({ assets, baseUrl }: Pick<Service, 'assets' | 'baseUrl'>) => `${baseUrl}/assets/${assets.rest}`

const writeUndecided = (ids: readonly string[], untilObjection: readonly string[]) => ids.map((id) => (untilObjection.includes(id) ? 'o' : '-')).join('')

/** The loader with what the site's settings add to it, and its name: what stands in `source.build`. */
export function writeSiteLoader({ assets }: Pick<Service, 'assets'>, site: Site, { language, untilObjection = [] }: Pick<LoaderWish, 'language' | 'untilObjection'>): SiteLoader {
  const extras = listExtras(site, { title: writeLayer(site, language)[2], language, untilObjection }, assets)
  const { rest, build } = assets
  if (extras.length === 0) return { loader: assets.loader, rest, build }
  // Made before the loader starts, which waits while a page is prerendered: what blocks by host must not. A second copy of
  // the tag makes none.
  const loader = `{let extras=window.sayso?[]:[${extras.join()}];${bakeWidget(assets.loader, `[...${PLACE},...extras]`)}}`
  return { loader, rest, build: hashText(loader + rest).slice(0, 11) }
}

/** See WidgetConfig: what Global Privacy Control keeps off. */
function writeBarred({ sale_or_sharing: sold = [] }: Site, ids: readonly string[]): string {
  const barred = ids.map((id) => (sold.includes(id) ? 'r' : '-')).join('')
  return barred.includes('r') ? barred : ''
}

/** What the rest of the widget asks for, in one language. */
export function buildWidgetConfig(
  { assets, baseUrl }: Pick<Service, 'assets' | 'baseUrl'>, site: Site,
  { language, untilObjection = [], anchor, build }: Pick<LoaderWish, 'language' | 'untilObjection'> & Pick<WidgetConfig, 'anchor' | 'build'>,
): WidgetConfig {
  const contact = findNotice(site, 'contact', [language])
  const layer = writeLayer(site, language)
  const ids = layer[4].map(([id]) => id)
  return {
    site: site.site, base: baseUrl, build, language,
    choiceKey: computeChoiceKey(site), layer, rest: restUrlOf({ assets, baseUrl }), undecided: writeUndecided(ids, untilObjection), barred: writeBarred(site, ids),
    contactNoticeHash: contact ? hashNotice(contact) : null, anchor,
  }
}

function writeLayer(site: Site, language: string): FirstLayer {
  const device = findNotice(site, 'device', [language])
  return device ? writeBanner(device, hashNotice(device)) : ['', language, '', '', [], [], '', '', '', '', '', '']
}
