// Sends what waits in the store: leases what is due, makes the links, renders, hands over to the mailer. A mail
// leaves the store only once it was handed over; after a failure it stays and is tried again, later each time.
import type { ConsentEvent } from '../core/event.ts'
import { findNotice, type Site } from '../core/site.ts'
import { formatTime } from '../core/time.ts'
import type { MailModel } from '../preference-center/model.ts'
import { renderMail } from '../preference-center/render.ts'
import { describeError } from './describe-error.ts'
import { readEmail } from './email-address.ts'
import { createLink, type LinkInput } from './link.ts'
import type { Mailer } from './mailer.ts'
import type { Service } from './service.ts'
import type { Contact, QueuedMail } from './store.ts'
import { readStoredEvent } from './stored-event.ts'

const LEASE_MS = 5 * 60_000
const BACK_OFF_MINUTES = [1, 5, 30, 120, 360]

/** The mails that wait. */
export interface MailOutbox {
  /** Looks for due mails soon; returns at once. */
  wake(): void
  /** Resolves when no mail is due any more. Mails that failed wait for their next time and are not waited for. */
  settle(): Promise<void>
  /** Finishes the mail in hand and sends no more; what waits stays in the store. */
  close(): Promise<void>
  /** How many this process has put off and not sent since. */
  countPostponed(): number
}

/** What the outbox works with. */
export type OutboxOptions = Pick<Service, 'store' | 'now' | 'random' | 'baseUrl' | 'counters' | 'log'> & { mailer: Mailer }

/** Milliseconds to wait after that many failed attempts. */
export function backOffMs(attempts: number): number {
  return BACK_OFF_MINUTES[Math.min(attempts, BACK_OFF_MINUTES.length - 1)]! * 60_000
}

// A header is one line; a site's name may hold anything.
function toLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ')
}

/** An outbox over a store and a mailer. */
export function createMailOutbox(options: OutboxOptions): MailOutbox {
  const { store, now, random, baseUrl, mailer, counters, log } = options
  const postponed = new Set<string>()
  let running: Promise<void> | undefined
  let isAwake = false
  let isClosed = false

  async function addLink(input: Pick<LinkInput, 'kind' | 'origin' | 'undo'>, { site, id }: Contact): Promise<{ href: string; expiresAt: string | null }> {
    const { token, link } = createLink({ ...input, site, contactId: id, nowMs: now(), random })
    await store.addLink(link)
    return { href: `${baseUrl}/${input.kind.toLowerCase()}/${token}`, expiresAt: link.expiresAt }
  }

  async function findDecisions(mail: QueuedMail): Promise<ConsentEvent['decisions']> {
    const stored = mail.details.eventHash === undefined ? undefined : await store.findEventByHash(mail.site, mail.details.eventHash)
    const decisions = stored ? readStoredEvent(stored).event.decisions : []
    return mail.kind === 'confirm' ? decisions.filter(({ event_state }) => event_state === 'given') : decisions
  }

  async function composeModel(mail: QueuedMail, contact: Contact, site: Site): Promise<MailModel> {
    const notice = findNotice(site, 'contact', [mail.language]) ?? site.notices[0]!
    const isRequested = 'email' in mail.recipient
    const personal = await addLink({
      kind: 'P', origin: isRequested ? 'requested' : 'sent', undo: mail.kind === 'changed' ? (mail.details.grantedBefore ?? []) : null,
    }, contact)
    const withdrawal = await addLink({ kind: 'U', origin: 'sent' }, contact)
    return {
      kind: mail.kind, language: mail.language, siteName: site.name, siteOrigin: site.origins[0]!,
      controllerName: notice.controller.name, controllerAddress: notice.controller.address,
      href: personal.href, unsubscribeHref: withdrawal.href,
      decisions: await findDecisions(mail), expiresAt: personal.expiresAt!,
    }
  }

  function senderOf(site: Site, language: string): { name: string; address: string } {
    const notice = findNotice(site, 'contact', [language]) ?? site.notices[0]!
    return { name: toLine(site.name), address: readEmail(notice.controller.contact) ?? `no-reply@${new URL(baseUrl).hostname}` }
  }

  async function send(mail: QueuedMail): Promise<void> {
    const { recipient } = mail
    const contact = 'email' in recipient ? await store.findContactByEmail(mail.site, recipient.email) : await store.findContact(recipient.contactId)
    const site = await store.findSite(mail.site)
    if (!contact || !site) return
    const model = await composeModel(mail, contact, site)
    const { subject, text, html } = await renderMail(model)
    await mailer.send({
      id: mail.id, from: senderOf(site, mail.language), to: contact.email, subject: toLine(subject), text, html,
      headers: {
        'List-Unsubscribe': `<${model.unsubscribeHref}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click', 'Auto-Submitted': 'auto-generated',
      },
    })
    counters.mailsSent += 1
  }

  async function deliver(mail: QueuedMail): Promise<void> {
    try {
      await send(mail)
    } catch (error) {
      counters.mailsFailed += 1
      postponed.add(mail.id)
      log(`mail ${mail.id} could not be sent (${describeError(error).split('\n')[0]}), attempt ${mail.attempts + 1}`)
      await store.postponeMail(mail.id, formatTime(now() + backOffMs(mail.attempts)))
      return
    }
    postponed.delete(mail.id)
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
    countPostponed: () => postponed.size,
  }
}
