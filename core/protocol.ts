// What goes over the wire between the faces and the service: shapes of requests and answers.
import type { ConsentEvent, EventDraft } from './event.ts'
import type { FirstLayer } from './layer.ts'
import type { Receipt } from './receipt.ts'
import type { FieldError } from './refusal.ts'

/** An RFC 9457 problem document. `type` is a path on the service with a readable page. */
export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  errors: FieldError[]
}

/** Media type of a problem document. */
export const PROBLEM_TYPE = 'application/problem+json'

/** An address that travels beside an event, never inside it. */
export interface TypedContact {
  email: string
}

/**
 * One entry of a batch: a signed event, or a draft from a page that cannot sign (no crypto.subtle), which the
 * service attests itself. `contact` goes with events of the opt-in channel only. `key_binding` lets the key of a
 * signed event into a record of another key.
 */
export type EventEntry = ({ jws: string; key_binding?: string } | { draft: EventDraft }) & { contact?: TypedContact }

/** `POST /v1/sites/{site}/events` with `application/json`: 1 to 100 entries. */
export interface EventBatch {
  events: readonly EventEntry[]
}

/** Most entries of one batch. */
export const BATCH_LIMIT = 100

/** The result for one entry, in the order sent. `status` is what the entry alone would have got. */
export type EventResult =
  | { event_id: string; status: 200 | 201; receipt: Receipt }
  | { event_id: string | null; status: number; problem: Problem }

/** Answer to a batch. */
export interface EventResults {
  results: EventResult[]
}

/** The configuration baked into widget.js in place of `__SAYSO_CONFIG__`, also served as JSON by `widget.json?lang=`. */
export interface WidgetConfig {
  site: string
  /** The service, without a trailing slash: https://consent.example */
  base: string
  /** The widget build: goes into `source.build`. */
  build: string
  /** URLs of the lazily loaded modules by entry: record, panel, opt-in. */
  modules: Record<'record' | 'panel' | 'opt-in', string>
  /** The language of this configuration, and all that the site has. */
  language: string
  languages: string[]
  /** Whether `?lang=` fixed the language; else the page's or the visitor's wins. */
  isLanguageFixed: boolean
  /** See computeChoiceKey. */
  choiceKey: string
  /** notice_hash of the device notice, and what of it the banner shows; null where the site has none. */
  deviceNotice: { hash: string; layer: FirstLayer } | null
  /** notice_hash of the contact notice, and the ids of its optional purposes; null where the site has none. */
  contactNotice: { hash: string; purposeIds: string[] } | null
  /** The latest checkpoint that the page had. */
  anchor: ConsentEvent['log_anchor']
  /** Finished strings from ui/locales for the words around the notice. */
  words: Record<string, string>
}
