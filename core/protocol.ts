// What goes over the wire between the faces and the service: shapes of requests and answers.
import type { ConsentEvent, EventDraft } from './event.ts'
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

/**
 * What the banner shows of a notice before anybody has clicked, in finished strings. A tuple, because every visitor
 * downloads it; `asked` has one entry for each purpose that people are asked about: its id, its statement, and who
 * gets the data and for how long.
 */
export type FirstLayer = [
  noticeHash: string, language: string, title: string, intro: string, asked: [id: string, statement: string, about: string][], facts: string[],
  fullNotice: string, choose: string, close: string, rejectAll: string, save: string, acceptAll: string,
]

/** What is baked into widget.js in place of `__SAYSO_CONFIG__`: as much as every page needs. */
export type LoaderConfig = [
  /** The service's address of the site, with a trailing slash: https://consent.example/v1/sites/shop/ */
  siteUrl: string,
  /** The address of the module that does everything else. */
  restUrl: string,
  /** See computeChoiceKey. */
  choiceKey: string,
  /** Languages that the page may ask for instead; none where `?lang=` fixed it. */
  otherLanguages: string[],
  /** The banner; asks for nothing where the site has no device notice. */
  layer: FirstLayer,
  /** Where nobody has decided: a letter for each purpose, `-`, or `o` for one that the law of the place lets run until somebody objects. */
  undecided: string,
  /** `r` for each purpose that is off, whatever was chosen, because the browser signals so (GPC), else `-`; empty without a signal. */
  barred: string,
  /**
   * What only some sites have: signals to outside protocols, looks, blocking by host. Baked as code, and paid for by those
   * sites alone. A pinned script has one more, which does nothing and names its build.
   */
  ...extras: (Extra & { build?: string })[],
]

/**
 * Something that only some sites have. Called before the gate frees anything: once when the widget starts, and after every
 * decision, `letters` being a letter for each purpose in the notice's order: g(iven), r(efused), w(ithdrawn), `-` or `o`
 * undecided. Called with `banner` just before that is put on the page. `decide` takes what somebody wants for each purpose,
 * undefined leaving it as it is, and what was pressed.
 */
export type Extra = (isAllowed: (purposeId: string) => boolean, letters: string, banner: HTMLElement | undefined, decide: (wanted: (purposeId: string) => boolean | undefined, action: 'o') => void) => void

/** What the rest of the widget asks for when it is due: `widget.json?lang=`. */
export interface WidgetConfig {
  site: string
  /** The service, without a trailing slash: https://consent.example */
  base: string
  /** The widget build: goes into `source.build`. */
  build: string
  language: string
  /** See computeChoiceKey. */
  choiceKey: string
  /** The banner in this language. */
  layer: FirstLayer
  /** Address of the module that does everything that the loader does not. */
  rest: string
  /** See LoaderConfig. */
  undecided: string
  /** As in LoaderConfig for a browser that sends Global Privacy Control; empty where that keeps nothing off. */
  barred: string
  /** notice_hash of the contact notice; null where the site has none. */
  contactNoticeHash: string | null
  /** The latest checkpoint that the page had. */
  anchor: ConsentEvent['log_anchor']
}
