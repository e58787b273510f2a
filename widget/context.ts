// What the later parts of the widget share on one page: the site, the banner's words, the service.
import type { Client, Outcome } from '../core/client.ts'
import { createClient } from '../core/client.ts'
import type { FirstLayer, LoaderConfig, WidgetConfig } from '../core/protocol.ts'

/** One page. */
export interface Context {
  /** See LoaderConfig. */
  siteUrl: string
  site: string
  /** The service, without a slash at the end. */
  base: string
  choiceKey: string
  /** Ids of the purposes that people are asked about, in the order of a choice's letters. */
  ids: string[]
  /** The letters of a visitor who decided nothing. */
  undecided: string
  /** The banner as this page shows it. */
  layer: FirstLayer
  /** `r` for each purpose that the browser's signal keeps off; empty without one. */
  barred: string
  client: Client
  /** What the service says of the site in the banner's language; fetched once. */
  fetchConfig: () => Promise<Outcome<WidgetConfig>>
  /** Brings the banner's words into another language, where they can be had and are about the same choice. */
  localize: (language: string) => Promise<void>
}

const REQUEST_TIMEOUT_MS = 30_000

// Found when called, not when loaded, so that what a page puts in place of fetch is used too.
const fetchInTime: typeof fetch = (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })

/** What the loader was given, as the later parts use it. */
export function createContext([siteUrl, , choiceKey, , layer, undecided, barred, ...extras]: LoaderConfig): Context {
  const pin = extras.find((extra) => Object.hasOwn(extra, 'build'))
  const [base, site] = siteUrl.slice(0, -1).split('/v1/sites/') as [string, string]
  const client = createClient({ base, site, fetch: fetchInTime })
  const configs = new Map<string, WidgetConfig>()

  async function fetchConfig(language: string): Promise<Outcome<WidgetConfig>> {
    const known = configs.get(language)
    if (known) return { kind: 'ok', value: known }
    const outcome = await client.fetchWidgetConfig(language, readRegion(siteUrl))
    if (outcome.kind !== 'ok') return outcome
    // The service speaks of the build that it has now, a pinned page may have an older one.
    const config = { ...outcome.value, ...pin }
    configs.set(language, config)
    return { kind: 'ok', value: config }
  }

  const context: Context = {
    siteUrl, site, base, choiceKey, layer, undecided, barred, client, ids: layer[4].map(([id]) => id),
    fetchConfig: () => fetchConfig(context.layer[1]),
    async localize(language) {
      const outcome = await fetchConfig(language)
      if (outcome.kind !== 'ok') console.warn('sayso: the banner cannot be had in', language, outcome)
      else if (outcome.value.choiceKey === choiceKey) context.layer = outcome.value.layer
    },
  }
  return context
}

/** The place that the tag's address names: `?region=`. */
function readRegion(siteUrl: string): string | null {
  const tag = document.querySelector<HTMLScriptElement>(`script[src^="${siteUrl}widget.js"]`)
  return tag && new URL(tag.src).searchParams.get('region')
}

/** The address of a notice as a readable page. */
export const formatNoticeUrl = ({ siteUrl }: Context, hash: string) => `${siteUrl}notices/${hash}`
