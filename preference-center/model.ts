// What the pages and mails show: plain data that the service fills in, so that rendering stays free of logic.
import type { Channel, ConsentEvent, Decision } from '../core/event.ts'
import type { Notice } from '../core/notice.ts'
import type { State } from '../core/record.ts'
import type { MailKind } from './mail-kinds.ts'
import type { SigningContext } from './signing-context.ts'

/** What every page needs. */
export interface Frame {
  /** Language of the page, and the others it exists in with the address that switches to each. */
  language: string
  languages: { language: string; href: string }[]
  siteName: string
}

/** What a form needs: where it posts to, and the hidden fields that prove it came from our page. */
export interface FormSecrets {
  action: string
  csrf: string
  /** Carried where the session cookie did not come. */
  handle: string | null
}

/** One purpose as it stands for this person. */
export interface PurposeChoice {
  id: string
  statement_text: string
  recipients: string[]
  retention: string
  data_categories: string[]
  /** null where nothing was ever decided. */
  state: State | null
  /** RFC 3339; null where nothing was ever decided. */
  since: string | null
  /** RFC 3339: when a consent ends by itself; null where nothing is granted. */
  until: string | null
  /** Whether the box is ticked when the page opens: what is granted, or for `confirm` and `undo` what is proposed. */
  isTicked: boolean
}

/** One event of the person's history, newest first. */
export interface HistoryEntry {
  time: string
  channel: Channel
  /** scheme, host and path; null where unknown. */
  url: string | null
  action: string
  eventType: ConsentEvent['event_type']
  decisions: Decision[]
  /** Language of the statements and of the action's label: the event's. */
  language: string
  noticeHash: string
  /** Address of the notice as a readable page. */
  noticeHref: string
  /** Address of the receipt's download. */
  receiptHref: string
  /** Address of the receipt as a page. */
  receiptPageHref: string
  attestation: ConsentEvent['attestation']
}

/** The preference centre, opened through a valid link. */
export interface PreferencePage extends Frame, FormSecrets {
  /**
   * `confirm`: a typed address is to be confirmed. `undo`: the earlier state is filled in, nothing is done yet. `renew`:
   * consents that are about to end are asked for again.
   */
  mode: 'manage' | 'confirm' | 'undo' | 'renew'
  maskedEmail: string
  purposes: PurposeChoice[]
  notice: Notice
  noticeHref: string
  /** Newest first; empty before an address is confirmed. */
  history: HistoryEntry[]
  /** What the browser needs to sign a choice itself. */
  signing: SigningContext
  /** After a save: what changed, nothing where nothing did, and the ids that were granted before. null when nothing was just saved. */
  saved: { decisions: Decision[]; grantedBefore: string[] } | null
  device: {
    /** What this browser keeps about cookies; null where it sent nothing along. */
    choices: { statement_text: string; language: string; isAllowed: boolean }[] | null
    /** The website. */
    href: string
  }
  /** Ways to what needs a code. */
  ownData: { action: 'export' | 'address' | 'erase'; href: string }[]
  /** Errors of the last POST: keys of ui/locales below `errors.`, and the field at fault; empty where there are none. */
  errors: { key: string; field: string }[]
}

/** A step towards what needs a code. */
export interface StepPage extends Frame, Pick<FormSecrets, 'csrf' | 'handle'> {
  formAction: string
  action: 'export' | 'address' | 'erase'
  /** Have a code sent, enter it, do it, it is done; `enter_new`: the code that went to the new address; `restore`: change it back. */
  step: 'send' | 'enter' | 'act' | 'enter_new' | 'done' | 'restore'
  /** Masked: where the code went, or the address that holds now. */
  email: string
  /** restore: the address to go back to, masked. */
  earlierEmail: string | null
  error: { key: StepError; field: 'code' | 'email' | 'confirm' | 'main' } | null
  /** What was typed as the new address and could not be used. */
  typedEmail: string | null
  backHref: string | null
}

/** What may be wrong with a step: keys of ui/locales below `errors.`. */
export type StepError = 'code_format' | 'code_wrong' | 'code_used_up' | 'code_limit' | 'email' | 'address_same' | 'address_taken' | 'erase_confirm' | 'form_expired'

/** The page of a withdraw-only link: before the POST, and after it. */
export interface UnsubscribePage extends Frame {
  action: string
  csrf: string | null
  isDone: boolean
  /** Statements that end, or ended, with this. */
  statements: string[]
}

/** A preference link past its time: nothing about the person, but withdrawing and a new link still work. */
export interface ExpiredPage extends Frame {
  unsubscribeAction: string
  newLinkAction: string
  csrf: string
  isDone: boolean
}

/** The one page for unknown, foreign, revoked and erased links, and for asking for a link. */
export interface NewLinkPage extends Frame {
  reason: 'unknown' | 'ask' | 'malformed-email' | 'sent'
  newLinkAction: string
}

/** A notice as a readable page. */
export interface NoticePage extends Frame {
  notice: Notice
  noticeHash: string
}

/** A readable page for an RFC 9457 problem type. */
export interface ProblemPage extends Frame {
  title: string
  detail: string
}

/** Colours of a mail's button in both schemes. */
export type MailBrand = Record<'light' | 'dark', { button: string; button_text: string }>

/** What a mail says. Addresses of links are complete; null is what this kind of mail does not have. */
export interface MailModel {
  kind: MailKind
  language: string
  siteName: string
  siteOrigin: string
  controllerName: string
  controllerAddress: string
  /** null: our own colours. */
  brand: MailBrand | null
  /** The preference link: for `changed`, the undo link. */
  href: string | null
  /** Withdraw-only link for the footer. */
  unsubscribeHref: string | null
  /** Statements that are asked for, or what changed, with the state. */
  decisions: Pick<Decision, 'statement_text' | 'event_state'>[]
  /** When `href` stops working, RFC 3339. */
  expiresAt: string | null
  /** Six digits. */
  code: string | null
  /** What the code is for. */
  action: 'export' | 'address' | 'erase' | null
  /** reask, remind: when the consent ends. verbal: when it was said. RFC 3339. */
  end: string | null
  when: string | null
  /** verbal: who noted it. */
  staff: string | null
  /** address: the new one, masked. */
  email: string | null
  /** ask: where the address comes from. */
  source: string | null
}

/** Every mail of a site. */
export interface MailPreviewPage extends Frame {
  mails: { kind: MailKind; subject: string; text: string; href: string }[]
}

/** A finished mail body. */
export interface RenderedMail {
  subject: string
  text: string
  html: string
}
