// What the pages of proof show: a receipt, the checking page, the evidence behind an event, and two versions of a
// notice. Plain data, like model.ts.
import type { ConsentEvent } from '../core/event.ts'
import type { Notice } from '../core/notice.ts'
import type { Frame } from './model.ts'

/** A receipt, readable and printable. Nothing here is checked again: the checking page does that. */
export interface ReceiptPage extends Frame {
  event: ConsentEvent
  eventHash: string
  /** RFC 3339, from the leaf. */
  receivedAt: string
  notice: Notice
  noticeHref: string
  /** Name of the log. */
  origin: string
  index: number
  size: number
  /** Standard base64, as in the checkpoint. */
  root: string
  /** The signed checkpoint, as text. */
  checkpoint: string
  /** The whole receipt as JSON text. */
  json: string
  jsonHref: string
  jsonLdHref: string
  /** Complete address of the checking page. */
  verifyHref: string
}

/** The page that checks a file in the browser. */
export type VerifyPage = Frame

/** Asks the operator for the token; `isWrong` after one that was not it. */
export interface TokenPage extends Frame {
  action: string
  isWrong: boolean
}

/** One decision beside what the notice says. */
export interface StatementComparison {
  purposeId: string
  inEvent: string
  /** null where the notice has no such purpose. */
  inNotice: string | null
}

/** Another event of the same record. */
export interface Neighbour {
  eventId: string
  time: string
  href: string
}

/** An event beside what was shown. */
export interface EvidencePage extends ReceiptPage {
  /** Address of the page that draws banner or form again; null where the event came another way. */
  previewHref: string | null
  /** The widget build that the event names; null where it names none. */
  build: string | null
  /** Ids of the boxes that the form showed; null where the event does not say, or came another way. */
  shown: string[] | null
  /** The widget build that this service has. */
  currentBuild: string
  /** Whether the service still has the build that the event names, so that the drawing is made with it. */
  isBuildKept: boolean
  isNoticeHashRight: boolean
  statements: StatementComparison[]
  /** Place in the record, counted from 1. */
  position: number
  count: number
  previous: Neighbour | null
  next: Neighbour[]
  receiptHref: string
  /** Comparison with the notice in force; null where it is the same, or none is. */
  compareHref: string | null
}

/** Two versions of a notice. */
export interface ComparisonPage extends Frame {
  older: NoticeVersion
  newer: NoticeVersion
}

/** A notice, where it is, and since when the log has it (RFC 3339). */
export interface NoticeVersion {
  notice: Notice
  hash: string
  href: string
  receivedAt: string
}

/** What the widget draws an old banner or form on. */
export interface PreviewPage {
  notice: Notice
  /** Ids of the boxes that the form is to have; null for all that the notice asks about. */
  boxes: string[] | null
  scriptHref: string
}
