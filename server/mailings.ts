// A mail to every contact of a site (REQUIREMENTS 21), so many an hour, which can be stopped and goes on where it was. A
// step is one transaction that moves the place in the list and queues its mails, so no contact gets it twice.
import { formatTime } from '../core/time.ts'
import { createAsk } from './asking.ts'
import { createMail } from './mail-order.ts'
import type { Preferences } from './preference.ts'
import { createRandomName } from './random-name.ts'
import type { Service } from './service.ts'
import type { Contact } from './store.ts'
import type { Mailing, OnceMail } from './store-contacts.ts'

const HOUR_MS = 3_600_000
/** At most so many are queued at once, however fast it goes. */
const STEP = 100
/** Between two steps of a slow one. */
const LEAST_STEP_MS = 10_000

/** Sends mailings. */
export interface Mailings {
  start(site: string, kind: Mailing['kind'], perHour: number): Promise<Mailing>
  /** Takes the steps that are due. */
  run(): Promise<void>
  /** Finishes the step in hand and takes no more. */
  close(): void
}

/** Mailings over a service. */
export function createMailings(service: Service, preferences: Preferences): Mailings {
  const { store, now, random, suppression, outbox } = service

  /** Whoever never decided about anything, or nobody knows to have. */
  async function isUndecided(contact: Contact): Promise<boolean> {
    const site = await store.findSite(contact.site)
    if (!site) return false
    const { standings, confirmed, pending } = await preferences.read({ contact, site })
    return confirmed.length === 0 && pending.size === 0 && [...standings.values()].every(({ state }) => state === 'unconfirmed')
  }

  async function choose({ id, kind, site }: Mailing, contacts: readonly Contact[]): Promise<OnceMail[]> {
    const suppressed = await suppression.find(site, contacts.map(({ email }) => email))
    const reachable = contacts.filter(({ email, mailBlock }) => mailBlock === null && !suppressed.has(email))
    const mails: OnceMail[] = []
    for (const contact of reachable) {
      if (kind === 'ask' && (await isUndecided(contact))) mails.push(createAsk(service, contact))
      if (kind === 'link') {
        mails.push({ contactId: contact.id, whats: [`mailing ${id}`], mail: createMail(service, { site, kind: 'link', recipient: { contactId: contact.id }, language: contact.language }) })
      }
    }
    return mails
  }

  async function step(mailing: Mailing): Promise<void> {
    const { id, cursor, perHour, site } = mailing
    const limit = Math.min(STEP, Math.max(1, Math.floor((perHour * LEAST_STEP_MS) / HOUR_MS)))
    const contacts = await store.listContacts(site, { after: cursor, limit })
    const mails = await choose(mailing, contacts)
    const isMoved = await store.moveMailing(id, cursor, {
      cursor: contacts.at(-1)?.id ?? cursor, state: contacts.length < limit ? 'done' : 'running', skipped: contacts.length - mails.length,
      // Those that get no mail cost no time.
      nextAt: formatTime(now() + (mails.length / perHour) * HOUR_MS),
    }, mails)
    if (isMoved && mails.length > 0) outbox.wake()
  }

  let isClosed = false

  return {
    close() {
      isClosed = true
    },
    async start(site, kind, perHour) {
      const time = formatTime(now())
      const mailing: Mailing = {
        id: createRandomName(random), site, kind, perHour, state: 'running', cursor: '', total: await store.countContacts(site), queued: 0, skipped: 0, createdAt: time, nextAt: time,
      }
      await store.addMailing(mailing)
      return mailing
    },
    async run() {
      for (let due = await store.listDueMailings(formatTime(now())); due.length > 0; due = await store.listDueMailings(formatTime(now()))) {
        for (const mailing of due) {
          if (isClosed) return
          await step(mailing)
        }
      }
    },
  }
}
