// Sayso for bundlers: the widget's core without a banner, for a site that asks with its own components. What was decided
// is remembered, gated, signed and sent exactly as the script tag does it.
import { createClient } from '../../core/client.ts'
import type { Extra, FirstLayer, WidgetConfig } from '../../core/protocol.ts'
import type { Sayso } from '../api.ts'
import { startWidget } from '../start.ts'

export type { ChangeDetail, Sayso } from '../api.ts'
export type { Receipt } from '../../core/receipt.ts'
export type { Extra }

/** Where the service is, and how the site asks. */
export interface SaysoOptions {
  /** The consent service: https://consent.example */
  service: string
  /** The site's name there. */
  site: string
  /** BCP 47; the page's language where it is left out. */
  language?: string
  /**
   * Called when people are to be asked, and at `open()`. It shows the site's own question and gives back how to take it
   * away; it must show refusing as plainly as agreeing. Without it nobody is asked until the site calls `set`.
   */
  ask?: (question: Question) => () => void
  /** Signals to outside protocols; see `Extra`. */
  extras?: readonly Extra[]
}

/** What people are to be asked, in the site's words as they stand in its notice. */
export interface Question {
  title: string
  intro: string
  purposes: { id: string; statement: string; about: string; isAllowed: boolean }[]
  /** Who asks, what is always on, how long the choice holds, how to withdraw: to be shown before the choice. */
  facts: readonly string[]
  labels: { acceptAll: string; rejectAll: string; save: string; fullNotice: string }
  noticeUrl: string
}

function toQuestion([hash, , title, intro, asked, facts, fullNotice, , , rejectAll, save, acceptAll]: FirstLayer, siteUrl: string, isAllowed: (id: string) => boolean): Question {
  return {
    title, intro, facts, noticeUrl: `${siteUrl}notices/${hash}`, labels: { acceptAll, rejectAll, save, fullNotice },
    purposes: asked.map(([id, statement, about]) => ({ id, statement, about, isAllowed: isAllowed(id) })),
  }
}

/** An element of no size that stands in the document as long as the question does. */
function createMarker(onRemoved: () => void): HTMLElement {
  const marker = document.createElement('sayso-question')
  marker.hidden = true
  // Where the banner's heading would take the focus.
  marker.append(document.createElement('h2'))
  const observer = new MutationObserver(() => {
    if (marker.isConnected) return
    observer.disconnect()
    onRemoved()
  })
  observer.observe(document, { childList: true, subtree: true })
  return marker
}

/** Starts Sayso on this page, once. Rejects where the service has no such site or cannot be reached: then nothing is allowed. */
export async function createSayso({ service, site, language, ask, extras = [] }: SaysoOptions): Promise<Sayso> {
  if (window.sayso) return window.sayso
  const client = createClient({ base: service, site, fetch: (...request) => fetch(...request) })
  const outcome = await client.fetchWidgetConfig(language ?? document.documentElement.lang)
  if (outcome.kind !== 'ok') throw new Error(`sayso: ${outcome.kind === 'refused' ? outcome.problem.detail : 'the service cannot be reached.'}`)
  if (!window.sayso) start(outcome.value, ask, extras)
  return window.sayso!
}

function start({ base, site, rest, choiceKey, layer, undecided, barred }: WidgetConfig, ask: SaysoOptions['ask'], extras: readonly Extra[]): void {
  const isSignalled = (navigator as Navigator & { globalPrivacyControl?: boolean }).globalPrivacyControl === true
  startWidget([`${base}/v1/sites/${site}/`, rest, choiceKey, [], layer, undecided, isSignalled ? barred : '', ...extras], (shown, siteUrl, isAllowed) =>
    createMarker(ask?.(toQuestion(shown, siteUrl, isAllowed)) ?? (() => {})))
}
