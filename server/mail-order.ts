// In which order waiting mails are sent.
import type { QueuedMail } from './store.ts'

/** Sorts mails: the longest due first, then the oldest. */
export function compareMails(a: QueuedMail, b: QueuedMail): number {
  return orderOf(a) < orderOf(b) ? -1 : 1
}

function orderOf({ dueAt, createdAt, id }: QueuedMail): string {
  return `${dueAt} ${createdAt} ${id}`
}
