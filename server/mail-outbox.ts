// Sends what waits in the store: leases what is due, composes it, hands it over to the mailer. A mail leaves the store
// only once it was handed over; after a failure it stays and is tried again, later each time. A mail that may have gone
// already is never sent again by itself: it sticks, and the operator sees it.
import { findNotice, type Site } from '../core/site.ts'
import { formatTime } from '../core/time.ts'
import { renderMail } from '../preference-center/render.ts'
import { describeError } from './describe-error.ts'
import { readEmail } from './email-address.ts'
import { composeMailModel, createBareModel, findMailNotice } from './mail-model.ts'
import { isUnasked, isWanted } from './mail-order.ts'
import { MailFailure, type Mailer, type OutgoingMail } from './mailer.ts'
import type { MailModel } from '../preference-center/model.ts'
import type { Service } from './service.ts'
import type { Contact, QueuedMail } from './store.ts'

const LEASE_MS = 5 * 60_000
const BACK_OFF_MINUTES = [1, 5, 30, 120, 360]

/** After so many failures, which takes two days, a mail sticks. */
export const MOST_ATTEMPTS = 12

/** The mails that wait. */
export interface MailOutbox {
  /** Looks for due mails soon; returns at once. */
  wake(): void
  /** Resolves when no mail is due any more. Mails that failed wait for their next time and are not waited for. */
  settle(): Promise<void>
  /** Finishes the mail in hand and sends no more; what waits stays in the store. */
  close(): Promise<void>
}

/** What the outbox works with. */
export type OutboxOptions = Pick<Service, 'store' | 'now' | 'random' | 'baseUrl' | 'counters' | 'log' | 'suppression'> & { mailer: Mailer }

/** Milliseconds to wait after that many failed attempts. */
export function backOffMs(attempts: number): number {
  return BACK_OFF_MINUTES[Math.min(attempts, BACK_OFF_MINUTES.length - 1)]! * 60_000
}

// A header is one line; a site's name may hold anything.
function toLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ')
}

/** RFC 8058, and RFC 2369 for those who unsubscribe by mail: the token is in the address and, where that loses its letters' case, in the subject. */
export function unsubscribeHeaders(href: string, { unsubscribe_address: address }: Pick<Site, 'unsubscribe_address'>): Record<string, string> {
  const token = href.slice(href.lastIndexOf('/') + 1)
  const byMail = address === undefined ? '' : `, <mailto:${address.replace('@', `+${token}@`)}?subject=unsubscribe%20${token}>`
  return { 'List-Unsubscribe': `<${href}>${byMail}`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }
}

/** An outbox over a store and a mailer. */
export function createMailOutbox(options: OutboxOptions): MailOutbox {
  const { store, now, baseUrl, mailer, counters, log, suppression } = options
  let running: Promise<void> | undefined
  let isAwake = false
  let isClosed = false

  function senderOf(site: Site, language: string): OutgoingMail['from'] {
    const notice = findNotice(site, 'contact', [language]) ?? site.notices[0]!
    return { name: toLine(site.name), address: readEmail(notice.controller.contact) ?? `no-reply@${new URL(baseUrl).hostname}` }
  }

  function findContact({ site, recipient }: QueuedMail): Promise<Contact | undefined> {
    return 'contactId' in recipient ? store.findContact(recipient.contactId) : store.findContactByEmail(site, recipient.email)
  }

  // An address that was typed finds the contact; the mail goes to the one on file.
  function addressOf({ recipient }: QueuedMail, contact: Contact): string {
    return 'contactId' in recipient ? (recipient.email ?? contact.email) : contact.email
  }

  function finish(mail: QueuedMail, site: Site, to: string, model: MailModel): OutgoingMail {
    const { subject, text, html } = renderMail(model)
    return {
      id: mail.id, from: senderOf(site, mail.language), to, subject: toLine(subject), text, html,
      headers: { ...(model.unsubscribeHref === null ? {} : unsubscribeHeaders(model.unsubscribeHref, site)), 'Auto-Submitted': 'auto-generated' },
    }
  }

  /** The finished mail; undefined where nobody is to get it. */
  async function prepare(mail: QueuedMail): Promise<OutgoingMail | undefined> {
    const site = await store.findSite(mail.site)
    if (!site) return undefined
    // Whom it goes to is no contact any more.
    if (mail.kind === 'erased') return finish(mail, site, mail.recipient.email!, createBareModel('erased', mail.language, site, findMailNotice(site, mail.language)))
    const contact = await findContact(mail)
    if (!contact || !isWanted(mail, contact)) return undefined
    if (isUnasked(mail) && (await suppression.has(contact.site, contact.email))) return undefined
    const model = await composeMailModel(options, mail, contact, site)
    return model && finish(mail, site, addressOf(mail, contact), model)
  }

  async function fail(mail: QueuedMail, error: unknown): Promise<void> {
    counters.mailsFailed.add()
    const reason = error instanceof MailFailure ? error.reason : 'temporary'
    log(`mail ${mail.id} could not be sent (${describeError(error).split('\n')[0]}), attempt ${mail.attempts + 1}`, { mail: mail.id, site: mail.site, attempt: mail.attempts + 1 })
    if (reason === 'no_mailbox') {
      const contact = await findContact(mail)
      // A refusal of another address than the contact's own says nothing about the contact.
      if (contact && addressOf(mail, contact) === contact.email) await store.updateContact(contact.id, { mailBlock: 'bounced' })
      return store.deleteMail(mail.id)
    }
    if (reason === 'uncertain') return store.stickMail(mail.id, 'uncertain')
    await store.postponeMail(mail.id, formatTime(now() + backOffMs(mail.attempts)))
    if (mail.attempts + 1 >= MOST_ATTEMPTS) await store.stickMail(mail.id, 'gave_up')
  }

  async function deliver(mail: QueuedMail): Promise<void> {
    if (mail.handingOverAt !== undefined) {
      log(`mail ${mail.id} was being handed over when a process ended: it may have gone, and is not sent again by itself`, { mail: mail.id, site: mail.site })
      return store.stickMail(mail.id, 'uncertain')
    }
    try {
      const outgoing = await prepare(mail)
      if (outgoing) {
        await store.markHandingOver(mail.id, formatTime(now()))
        await mailer.send(outgoing)
        counters.mailsSent.add()
      }
    } catch (error) {
      return fail(mail, error)
    }
    await store.deleteMail(mail.id)
  }

  async function lease(): Promise<QueuedMail[]> {
    return isClosed ? [] : store.leaseMails(formatTime(now()), formatTime(now() + LEASE_MS), 1)
  }

  async function run(): Promise<void> {
    while (isAwake) {
      isAwake = false
      // One at a time, so that a process that ends holds back no mail but the one in hand.
      for (let due = await lease(); due.length > 0; due = await lease()) {
        for (const mail of due) await deliver(mail)
      }
    }
  }

  function start(): void {
    isAwake = true
    running ??= run()
      .catch((error: unknown) => log(`the mail outbox stopped and starts again when woken: ${describeError(error)}`))
      .finally(() => {
        running = undefined
        if (isAwake) start()
      })
  }

  return {
    wake: start,
    async settle() {
      start()
      while (running) await running
    },
    async close() {
      isClosed = true
      while (running) await running
    },
  }
}
