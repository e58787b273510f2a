// The mail that asks a contact for a first decision (REQUIREMENTS 8): once for each, and never to who is suppressed.
import { createMail } from './mail-order.ts'
import type { Service } from './service.ts'
import type { Contact } from './store.ts'
import type { OnceMail } from './store-contacts.ts'

/** Why an `ask` mail goes to a contact at most once. */
export const ASKED = 'ask'

/** The mail, ready to be queued where it was never sent before. */
export function createAsk(service: Pick<Service, 'random' | 'now'>, { id, site, language }: Contact): OnceMail {
  return { contactId: id, whats: [ASKED], mail: createMail(service, { site, kind: 'ask', recipient: { contactId: id }, language }) }
}

/** Asks those who were never asked and are not on the suppression list; whether each is asked now, in order. */
export async function askContacts(service: Service, site: string, contacts: readonly Contact[]): Promise<boolean[]> {
  const suppressed = await service.suppression.find(site, contacts.map(({ email }) => email))
  const asked = contacts.filter(({ email, mailBlock }) => !suppressed.has(email) && mailBlock === null)
  const queued = await service.store.queueMailsOnce(asked.map((contact) => createAsk(service, contact)))
  service.outbox.wake()
  const isQueued = new Map(asked.map(({ id }, i) => [id, queued[i]!]))
  return contacts.map(({ id }) => isQueued.get(id) ?? false)
}
