// Contacts: people whose address a site knows. Each has a record of its own, never that of a device.
import { addDuration, formatTime } from '../core/time.ts'
import { createRandomName } from './random-name.ts'
import type { Service } from './service.ts'
import type { Contact } from './store.ts'

/** After so many months without an opt-in and without a contract a person is to decide (REQUIREMENTS 23); until then nothing is due. */
export const PURGE_AFTER = 'P3M'

/** The site's contact with this address, made where there is none. */
export async function ensureContact(service: Pick<Service, 'store' | 'random' | 'now'>, known: KnownAddress): Promise<{ contact: Contact; isNew: boolean }> {
  const fresh = createContact(service, known)
  const contact = await service.store.ensureContact(fresh)
  return { contact, isNew: contact.id === fresh.id }
}

/** An address and what is known of it. */
export type KnownAddress = Pick<Contact, 'site' | 'email' | 'language'> & Partial<Pick<Contact, 'source' | 'hasContract'>>

/** A new contact; the store keeps an older one with the same address in its place. */
export function createContact({ random, now }: Pick<Service, 'random' | 'now'>, { site, email, language, source = null, hasContract = false }: KnownAddress): Contact {
  const time = formatTime(now())
  return {
    id: createRandomName(random), site, email, language, recordId: createRandomName(random), principalId: createRandomName(random),
    createdAt: time, source, hasContract, mailBlock: null, purge: null, dueAt: formatTime(addDuration(now(), PURGE_AFTER)),
  }
}
