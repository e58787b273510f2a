// The part of the memory store that is about contacts and mails; see store-contacts.ts for what it promises.
import { foldEmail } from './fold-email.ts'
import type { Contact, Link, QueuedMail } from './store.ts'
import type { CodeAction, ContactStore, Mailing, OnceMail, StepCode } from './store-contacts.ts'

/** A mail in memory. */
export interface HeldMail {
  mail: QueuedMail
  leasedUntil: string
}

/** What it shares with the rest of the store. */
export interface MemoryTables {
  contacts: Map<string, Contact>
  /** By `site address`, case folded. */
  contactsByEmail: Map<string, Contact>
  links: Map<string, Link>
  mails: Map<string, HeldMail>
  codes: Map<string, StepCode>
  /** By contact: what was done once. */
  done: Map<string, Set<string>>
}

const copy = structuredClone
const TRIES = 3

/** Where a site has a contact with this address. */
export function emailSlot(site: string, email: string): string {
  return `${site} ${foldEmail(email)}`
}

/** Contacts and mails in memory. `ensure` makes one contact. */
export function createMemoryContacts(tables: MemoryTables, ensure: (contact: Contact) => Contact): ContactStore {
  const { contacts, contactsByEmail, links, mails, codes, done } = tables
  const leases = new Map<string, string>()
  const suppressed = new Map<string, Set<string>>()
  const mailings = new Map<string, Mailing>()

  const codeSlot = (sessionHash: string, action: CodeAction) => `${sessionHash} ${action}`
  const suppressedAt = (site: string) => suppressed.get(site) ?? suppressed.set(site, new Set()).get(site)!
  const byId = <T extends { id: string }>(a: T, b: T) => (a.id < b.id ? -1 : 1)

  function requireContact(id: string): void {
    if (!contacts.has(id)) throw new Error(`There is no contact ${id}.`)
  }

  function queueOnce({ mail, contactId, whats }: OnceMail): boolean {
    requireContact(contactId)
    const known = done.get(contactId) ?? done.set(contactId, new Set()).get(contactId)!
    if (whats.every((what) => known.has(what))) return false
    for (const what of whats) known.add(what)
    mails.set(mail.id, { mail: copy(mail), leasedUntil: '' })
    return true
  }

  return {
    ensureContacts: async (all) => all.map((contact) => copy(ensure(contact))),
    findContactsByEmail: async (site, emails) => copy(emails.flatMap((email) => contactsByEmail.get(emailSlot(site, email)) ?? [])),
    async updateContact(id, change) {
      const contact = contacts.get(id)
      if (!contact) return false
      if (change.email !== undefined) {
        const other = contactsByEmail.get(emailSlot(contact.site, change.email))
        if (other && other.id !== id) return false
        contactsByEmail.delete(emailSlot(contact.site, contact.email))
      }
      Object.assign(contact, Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)))
      contactsByEmail.set(emailSlot(contact.site, contact.email), contact)
      if (change.dueAt !== undefined) leases.delete(id)
      return true
    },
    async leaseContacts(now, leaseUntil, limit) {
      const due = [...contacts.values()].filter(({ id, dueAt }) => dueAt <= now && (leases.get(id) ?? '') <= now)
        .sort((a, b) => (a.dueAt === b.dueAt ? byId(a, b) : a.dueAt < b.dueAt ? -1 : 1)).slice(0, limit)
      for (const { id } of due) leases.set(id, leaseUntil)
      return copy(due)
    },
    listContacts: async (site, { after = '', limit, purge }) => copy([...contacts.values()]
      .filter((contact) => contact.site === site && contact.id > after && (purge === undefined || contact.purge === purge)).sort(byId).slice(0, limit)),
    countContacts: async (site) => [...contacts.values()].filter((contact) => contact.site === site).length,

    async addLinks(added) {
      for (const link of added) requireContact(link.contactId)
      for (const link of added) links.set(link.tokenHash, copy(link))
    },

    queueMailsOnce: async (all) => all.map(queueOnce),
    readDone: async (contactId) => [...(done.get(contactId) ?? [])].sort(),

    async suppress(site, hashes) {
      for (const hash of hashes) suppressedAt(site).add(hash)
    },
    async unsuppress(site, hashes) {
      for (const hash of hashes) suppressedAt(site).delete(hash)
    },
    hasSuppressed: async (site) => suppressedAt(site).size > 0,
    findSuppressed: async (site, hashes) => new Set(hashes.filter((hash) => suppressedAt(site).has(hash))),

    async putCode(code) {
      requireContact(code.contactId)
      codes.set(codeSlot(code.sessionHash, code.action), copy(code))
    },
    findCode: async (sessionHash, action) => copy(codes.get(codeSlot(sessionHash, action))),
    async setCode(sessionHash, action, sent) {
      const code = codes.get(codeSlot(sessionHash, action))
      if (!code || code.passedAt !== null) return false
      Object.assign(code, sent, { tries: 0 })
      return true
    },
    async takeCodeTry(sessionHash, action, now) {
      const code = codes.get(codeSlot(sessionHash, action))
      if (!code || code.tries >= TRIES || code.codeHash === null || code.passedAt !== null || code.expiresAt <= now) return undefined
      code.tries += 1
      return copy(code)
    },
    async passCode(sessionHash, action, passedAt, expiresAt) {
      Object.assign(codes.get(codeSlot(sessionHash, action)) ?? {}, { passedAt, expiresAt })
    },
    async deleteCodes(expiredBefore) {
      for (const [slot, { expiresAt }] of codes) if (expiresAt < expiredBefore) codes.delete(slot)
    },

    async addMailing(mailing) {
      mailings.set(mailing.id, copy(mailing))
    },
    findMailing: async (id) => copy(mailings.get(id)),
    listMailings: async (site) => copy([...mailings.values()].filter((mailing) => mailing.site === site)
      .sort((a, b) => (a.createdAt === b.createdAt ? byId(a, b) : a.createdAt < b.createdAt ? 1 : -1))),
    listDueMailings: async (now) => copy([...mailings.values()].filter(({ state, nextAt }) => state === 'running' && nextAt <= now).sort(byId)),
    async changeMailingState(id, from, to) {
      const mailing = mailings.get(id)
      if (!mailing || !from.includes(mailing.state)) return false
      mailing.state = to
      return true
    },
    async moveMailing(id, fromCursor, { cursor, skipped, state, nextAt }, batch) {
      const mailing = mailings.get(id)
      if (mailing?.state !== 'running' || mailing.cursor !== fromCursor) return false
      const queued = batch.filter(queueOnce).length
      Object.assign(mailing, { cursor, state, nextAt, queued: mailing.queued + queued, skipped: mailing.skipped + skipped + batch.length - queued })
      return true
    },

    listMails: async (site, limit) => [...mails.values()].map(({ mail }) => mail).filter((mail) => mail.site === site)
      .sort((a, b) => (a.createdAt === b.createdAt ? byId(a, b) : a.createdAt < b.createdAt ? -1 : 1)).slice(0, limit)
      .map(({ id, kind, createdAt, attempts, dueAt, stuck }) => ({ id, kind, createdAt, attempts, dueAt, stuck })),
    async countMails() {
      const waiting = [...mails.values()].filter(({ mail }) => mail.stuck === undefined).map(({ mail }) => mail.createdAt)
      return { waiting: waiting.length, stuck: mails.size - waiting.length, oldestAt: waiting.sort()[0] ?? null }
    },
    async markHandingOver(id, at) {
      const held = mails.get(id)
      if (held) held.mail.handingOverAt = at
    },
    async stickMail(id, stuck) {
      const held = mails.get(id)
      if (held) Object.assign(held, { leasedUntil: '', mail: { ...held.mail, stuck } })
    },
    async retryMail(site, id, dueAt) {
      const held = mails.get(id)
      if (held?.mail.site !== site) return false
      const { stuck: _stuck, handingOverAt: _at, ...mail } = held.mail
      Object.assign(held, { leasedUntil: '', mail: { ...mail, dueAt } })
      return true
    },
  }
}
