// In which order waiting mails are sent, and which of them are about somebody who is erased.
import { foldEmail } from './fold-email.ts'
import type { Contact, QueuedMail } from './store.ts'

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
