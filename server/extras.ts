// What a site's settings add to its widget.js: pieces of code that only such a site needs, each with its settings.
import { listServices } from '../core/services.ts'
import { listAskedIds, listLanguages, type Site } from '../core/site.ts'
import { isRightToLeft, objectionWords } from '../preference-center/wording.ts'
import { writeForScript } from './bake.ts'
import { listLookRules } from './look.ts'
import type { Assets } from './service.ts'

/** One kind of extra: the built file's name, and the settings that it gets, undefined where the site does not want it. */
interface ExtraKind {
  name: string
  read: (site: Site, shown: Shown) => unknown
}

/** What the page is about to show. */
export interface Shown {
  /** The banner's title. */
  title: string
  language: string
  /** Purposes that run until somebody objects. */
  untilObjection: readonly string[]
}

const REOPEN_PLACES: Readonly<Record<string, string>> = { 'bottom-left': 'auto auto 12px 12px', 'bottom-right': 'auto 12px 12px auto' }

const ifAny = <T>(list: readonly T[]) => (list.length > 0 ? list : undefined)

/** In the order in which they are told. */
const KINDS: readonly ExtraKind[] = [
  { name: 'block', read: ({ services }) => services?.automatic ? ifAny(listServices(services, '/services').flatMap(({ hosts, purpose }) => hosts.map((host) => [host, purpose]))) : undefined },
  { name: 'stop', read: ({ services }) => services && ifAny(listServices(services, '/services').flatMap(({ stop, purpose }) => (stop ? [[stop, purpose]] : []))) },
  { name: 'direction', read: (site) => ifAny(listLanguages(site).filter(isRightToLeft)) },
  { name: 'look', read: ({ appearance = {} }) => appearance.logo || listLookRules(appearance).length > 0 ? { rules: listLookRules(appearance), logo: appearance.logo } : undefined },
  { name: 'objection', read: (_site, { language, untilObjection }) => untilObjection.length > 0 ? objectionWords(language) : undefined },
  { name: 'google', read: ({ signals }) => signals?.google },
  { name: 'microsoft', read: ({ signals }) => signals?.microsoft },
  { name: 'meta', read: ({ signals }) => signals?.meta },
  { name: 'tiktok', read: ({ signals }) => signals?.tiktok },
  { name: 'wordpress', read: ({ signals }) => signals?.wordpress },
  { name: 'shopify', read: ({ signals }) => signals?.shopify },
  { name: 'generic', read: (site) => site.signals?.generic && { ...site.signals.generic, ids: listAskedIds(site) } },
  { name: 'reload', read: (site) => site.on_withdrawal === 'reload' ? listAskedIds(site) : undefined },
  { name: 'reopen', read: ({ appearance = {} }, { title }) => appearance.reopen === false ? undefined : { label: title, inset: REOPEN_PLACES[String(appearance.reopen)] ?? REOPEN_PLACES['bottom-left'] } },
]

/** The extras of a site, each as JavaScript. */
export function listExtras(site: Site, shown: Shown, { extras }: Pick<Assets, 'extras'>): string[] {
  return KINDS.flatMap(({ name, read }) => {
    const settings = read(site, shown)
    const code = extras?.get(name)
    return settings === undefined || code === undefined ? [] : `${code}(${writeForScript(settings)})`
  })
}
