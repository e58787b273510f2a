// What sends a mail. Every mailer refuses a mail with which somebody could smuggle in a header or a recipient.
import { refuse } from '../core/refusal.ts'

/** A mail, ready to be sent to one person. */
export interface OutgoingMail {
  /** Letters, digits, `-` and `_`; part of the Message-ID, so that sending it again shows as the same mail. */
  id: string
  from: { name: string; address: string }
  /** One bare address. */
  to: string
  subject: string
  text: string
  html: string
  /** Further headers by name, such as List-Unsubscribe; printable ASCII, sent as they stand. */
  headers: Record<string, string>
}

/**
 * Why a mail did not go. `no_mailbox`: the receiving side says for good that there is no such address. `uncertain`: it
 * was sent whole and never answered for, so it may arrive. `temporary`: anything else.
 */
export type MailFailureReason = 'no_mailbox' | 'uncertain' | 'temporary'

/** A mail that did not go, and why. */
export class MailFailure extends Error {
  readonly reason: MailFailureReason
  constructor(reason: MailFailureReason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'MailFailure'
    this.reason = reason
  }
}

/**
 * Hands mails over. `send` resolves once the mail is somebody else's to deliver, and rejects where it is not, with a
 * MailFailure where more is known than that it failed.
 */
export interface Mailer {
  send(mail: OutgoingMail): Promise<void>
}

// eslint-disable-next-line no-control-regex -- control characters are exactly what may not stand here
const CONTROL = /[\u0000-\u001f\u007f]/
const BARE_ADDRESS = /^[^\s<>()[\]\\,;:"@]+@[^\s<>()[\]\\,;:"@]+$/
const FIXED_HEADERS = /^(?:from|sender|to|cc|bcc|subject|date|message-id|mime-version|content-.+)$/i
// RFC 5322 section 2.1.1: a line has at most 998 characters.
const HEADER_LIMIT = 900

function requireAddress(address: string, pointer: string): void {
  if (!BARE_ADDRESS.test(address) || CONTROL.test(address)) refuse(pointer, 'mail_address', 'Not one bare e-mail address.')
}

function requireLine(text: string, pointer: string): void {
  if (CONTROL.test(text)) refuse(pointer, 'mail_line', 'A line break or another control character stands where one line is expected.')
}

/** Throws a Refusal where a field could end its header, add a header, or name more than one recipient. */
export function checkMail(mail: OutgoingMail): void {
  if (!/^[\w-]{1,100}$/.test(mail.id)) refuse('/id', 'mail_id', 'A mail id is 1 to 100 letters, digits, - and _.')
  requireLine(mail.from.name, '/from/name')
  requireAddress(mail.from.address, '/from/address')
  requireAddress(mail.to, '/to')
  requireLine(mail.subject, '/subject')
  for (const [name, value] of Object.entries(mail.headers)) {
    if (!/^[A-Za-z][A-Za-z0-9-]{0,70}$/.test(name) || FIXED_HEADERS.test(name)) refuse('/headers', 'mail_header', 'Not the name of a header that may be added.')
    if (!/^[\x20-\x7e]+$/.test(value) || value.length > HEADER_LIMIT) refuse(`/headers/${name}`, 'mail_header', 'The value of a header is printable ASCII.')
  }
}

/** Keeps mails in a list, oldest first, for tests and the mock. */
export function createMemoryMailer(): Mailer & { readonly sent: OutgoingMail[] } {
  const sent: OutgoingMail[] = []
  return {
    sent,
    async send(mail) {
      checkMail(mail)
      sent.push(structuredClone(mail))
    },
  }
}
