// Waiting mails: how one is made, who still gets it, in which order they are sent, and which are about somebody erased.
import { formatTime } from '../core/time.ts'
import { foldEmail } from './fold-email.ts'
import { createRandomName } from './random-name.ts'
import type { Service } from './service.ts'
import type { Contact, QueuedMail } from './store.ts'

/** A mail that is due now. */
export function createMail({ random, now }: Pick<Service, 'random' | 'now'>, mail: Pick<QueuedMail, 'site' | 'kind' | 'recipient' | 'language'> & Partial<Pick<QueuedMail, 'details'>>): QueuedMail {
  const time = formatTime(now())
  return { id: createRandomName(random), details: {}, ...mail, createdAt: time, attempts: 0, dueAt: time }
}

/** Whether a mail goes to one of these contacts or is about one of these events. */
export function isMailOf({ recipient, details }: QueuedMail, contacts: readonly Contact[], eventHashes: ReadonlySet<string>): boolean {
  const isTo = contacts.some(({ id, email }) => 'contactId' in recipient ? recipient.contactId === id : foldEmail(recipient.email) === foldEmail(email))
  return isTo || (details.eventHash !== undefined && eventHashes.has(details.eventHash))
}

/** Sorts mails: the longest due first, then the oldest. */
export function compareMails(a: QueuedMail, b: QueuedMail): number {
  return orderOf(a) < orderOf(b) ? -1 : 1
}

function orderOf({ dueAt, createdAt, id }: QueuedMail): string {
  return `${dueAt} ${createdAt} ${id}`
}

/** Whether nobody asked for this mail: such a mail goes to nobody who is on the suppression list. */
export function isUnasked({ kind, recipient }: QueuedMail): boolean {
  return kind === 'ask' || kind === 'reask' || kind === 'remind' || (kind === 'link' && 'contactId' in recipient)
}

/** Whether a contact whose mail bounced, or who complained, still gets it: only what they asked for themselves a moment ago. */
export function isWanted(mail: QueuedMail, { mailBlock }: Contact): boolean {
  const isTheirOwn = mail.kind === 'confirm' || mail.kind === 'code' || mail.kind === 'new_address' || (mail.kind === 'link' && !isUnasked(mail))
  return mailBlock === null || isTheirOwn
}
