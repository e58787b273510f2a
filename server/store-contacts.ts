// What a store keeps of contacts beside their records, and what goes out to them: whom nobody may write to, what was done
// once, codes, mailings to a whole list, and the mails that wait. What two processes could do at once is one statement or
// one transaction, so that it is done once.
import type { Contact, Link, QueuedMail } from './store.ts'

/** What may change about a contact. */
export type ContactChange = Partial<Pick<Contact, 'email' | 'language' | 'source' | 'hasContract' | 'mailBlock' | 'purge' | 'dueAt'>>

/** Which contacts to list: in the order of ids, those after this one. */
export interface ContactQuery {
  after?: string
  limit: number
  purge?: Contact['purge']
}

/** A mail that goes only where one of `whats` was not done for the contact before; then all of them count as done. */
export interface OnceMail {
  mail: QueuedMail
  contactId: string
  whats: string[]
}

/** What a code from an e-mail is asked for. `new_address`: it was sent to the address that is to be the new one. */
export const CODE_ACTIONS = ['export', 'address', 'new_address', 'erase'] as const
export type CodeAction = (typeof CODE_ACTIONS)[number]

/** A code that was asked for in a visit. Only a hash of it is kept, and that for minutes. */
export interface StepCode {
  /** The visit's cookieHash. */
  sessionHash: string
  action: CodeAction
  contactId: string
  /** null until the mail with it is sent. */
  codeHash: string | null
  /** new_address: the address it was sent to. */
  newEmail: string | null
  tries: number
  expiresAt: string
  /** When it was entered; null before. */
  passedAt: string | null
}

/** A mail to every contact of a site, one after the other. */
export interface Mailing {
  id: string
  site: string
  /** ask: whoever never decided is asked. link: everybody gets a personal link. */
  kind: 'ask' | 'link'
  perHour: number
  state: 'running' | 'stopped' | 'done'
  /** Id of the last contact that was looked at; empty at the start. */
  cursor: string
  /** Contacts there were at the start. */
  total: number
  queued: number
  skipped: number
  createdAt: string
  /** Not before this time. */
  nextAt: string
}

/** A mail as the operator sees it: no address, no words. */
export interface WaitingMail extends Pick<QueuedMail, 'id' | 'kind' | 'createdAt' | 'attempts' | 'dueAt'> {
  stuck: QueuedMail['stuck']
}

/** The part of a store that is about contacts and mails. */
export interface ContactStore {
  /** The site's contacts with these addresses (case folded), in order, made where there are none. */
  ensureContacts(contacts: readonly Contact[]): Promise<Contact[]>
  /** The site's contacts with these addresses (case folded), in any order; none for those who are unknown. */
  findContactsByEmail(site: string, emails: readonly string[]): Promise<Contact[]>
  /** False, and nothing changed, where the contact is gone or its new address belongs to another one. */
  updateContact(id: string, change: ContactChange): Promise<boolean>
  /** Contacts that are due to be looked at; each is leased until `leaseUntil` so that nobody else does. */
  leaseContacts(now: string, leaseUntil: string, limit: number): Promise<Contact[]>
  listContacts(site: string, query: ContactQuery): Promise<Contact[]>
  countContacts(site: string): Promise<number>

  addLinks(links: readonly Link[]): Promise<void>

  /** Queues each mail whose reason is new; whether it was, in order. */
  queueMailsOnce(mails: readonly OnceMail[]): Promise<boolean[]>
  readDone(contactId: string): Promise<string[]>

  suppress(site: string, addressHashes: readonly string[]): Promise<void>
  unsuppress(site: string, addressHashes: readonly string[]): Promise<void>
  hasSuppressed(site: string): Promise<boolean>
  findSuppressed(site: string, addressHashes: readonly string[]): Promise<Set<string>>

  /** Takes the place of an earlier one of this visit and action. */
  putCode(code: StepCode): Promise<void>
  findCode(sessionHash: string, action: CodeAction): Promise<StepCode | undefined>
  /** Fills in what was sent; false where nobody waits for it any more. */
  setCode(sessionHash: string, action: CodeAction, sent: Pick<StepCode, 'expiresAt'> & { codeHash: string }): Promise<boolean>
  /** Counts a try and gives the code; undefined where no try is left, it is over, or was never sent. */
  takeCodeTry(sessionHash: string, action: CodeAction, now: string): Promise<StepCode | undefined>
  passCode(sessionHash: string, action: CodeAction, passedAt: string, expiresAt: string): Promise<void>
  deleteCodes(expiredBefore: string): Promise<void>

  addMailing(mailing: Mailing): Promise<void>
  findMailing(id: string): Promise<Mailing | undefined>
  /** Newest first. */
  listMailings(site: string): Promise<Mailing[]>
  /** Running ones whose time has come. */
  listDueMailings(now: string): Promise<Mailing[]>
  /** False where it is in none of the states `from`. */
  changeMailingState(id: string, from: readonly Mailing['state'][], to: Mailing['state']): Promise<boolean>
  /** One step: false, and nothing queued, where another process took it or the mailing was stopped. */
  moveMailing(id: string, fromCursor: string, step: Pick<Mailing, 'cursor' | 'skipped' | 'state' | 'nextAt'>, mails: readonly OnceMail[]): Promise<boolean>

  /** Mails that wait, the oldest first. */
  listMails(site: string, limit: number): Promise<WaitingMail[]>
  /** Of all sites; `oldestAt`: when the oldest of those that wait was queued. */
  countMails(): Promise<{ waiting: number; stuck: number; oldestAt: string | null }>
  /** Notes that a mail is about to be handed over: found like this later, it may have gone or not. */
  markHandingOver(id: string, at: string): Promise<void>
  /** Nobody sends it by himself from now on. */
  stickMail(id: string, stuck: NonNullable<QueuedMail['stuck']>): Promise<void>
  /** Sends a stuck mail after all; false where the site has none of this id. */
  retryMail(site: string, id: string, dueAt: string): Promise<boolean>
}
