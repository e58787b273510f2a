// Contacts: people whose address a site knows. Each has a record of its own, never that of a device.
import { formatTime } from '../core/time.ts'
import { createRandomName } from './random-name.ts'
import type { Service } from './service.ts'
import type { Contact } from './store.ts'

/** The site's contact with this address, made where there is none. */
export async function ensureContact(
  { store, random, now }: Pick<Service, 'store' | 'random' | 'now'>, { site, email, language }: Pick<Contact, 'site' | 'email' | 'language'>,
): Promise<{ contact: Contact; isNew: boolean }> {
  const fresh: Contact = {
    id: createRandomName(random), site, email, language,
    recordId: createRandomName(random), principalId: createRandomName(random), createdAt: formatTime(now()),
  }
  const contact = await store.ensureContact(fresh)
  return { contact, isNew: contact.id === fresh.id }
}
