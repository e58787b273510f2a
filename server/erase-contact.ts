// Erases a contact, and sees to it that nobody imports the address again (REQUIREMENTS 28, 29, 40).
import { createMail } from './mail-order.ts'
import type { Service } from './service.ts'
import type { Contact } from './store.ts'
import { suppressErased } from './suppression.ts'

/** Erases what was written of a record or contact; how many events went. */
export async function eraseContact(service: Service, contact: Contact, { isToldOwner }: { isToldOwner: boolean }): Promise<number> {
  const { ledger, store, suppression, outbox, log } = service
  const { site, email, language } = contact
  if (!(await suppressErased(suppression, site, email))) {
    log('an erased address can be imported again: there is no secret for suppression lists. Make one with “sayso key new --kind suppression”')
  }
  const erased = await ledger.erase(site, { contactId: contact.id })
  await scrub(service)
  if (isToldOwner) {
    // After the erasure, which takes every mail to this address with it. It is the last one, and gone once it is sent.
    await store.queueMail(createMail(service, { site, kind: 'erased', recipient: { email }, language }))
    outbox.wake()
  }
  return erased
}

/** Clears what erased rows left behind in files, as far as nobody reads them just now. */
export async function scrub({ store, log }: Pick<Service, 'store' | 'log'>): Promise<void> {
  if (!(await store.scrub())) log('erased, but the database is being read elsewhere: copies stay in its write-ahead log until the next erasure or restart')
}
