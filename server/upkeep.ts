// What comes due for a contact with time: asking again before a consent ends, noting that it has ended, and putting up for
// purging who never agreed to anything. Each contact is leased to one process at a time, and each mail has a reason that is
// used once, so with several servers it still happens once.
import type { Notice } from '../core/notice.ts'
import { replay, type Standing } from '../core/record.ts'
import { findNotice, type Site } from '../core/site.ts'
import { addDuration, formatTime } from '../core/time.ts'
import { PURGE_AFTER } from './contact.ts'
import { createMail } from './mail-order.ts'
import type { Person, Preferences, Situation } from './preference.ts'
import type { Service } from './service.ts'
import type { Contact } from './store.ts'

const DAY_MS = 86_400_000
const LEASE_MS = 5 * 60_000
const BATCH = 50

/** How long before a consent ends it is asked for again, and once more; never earlier than in its last quarter. */
export const ASK_AGAIN_MS = 30 * DAY_MS
export const REMIND_MS = 7 * DAY_MS
/** Nobody goes unlooked at for longer. */
const LOOK_AGAIN_MS = 90 * DAY_MS

/** A consent, and what comes when. Milliseconds since 1970. */
export interface Term {
  purposeId: string
  standing: Standing
  askMs: number
  remindMs: number
  endMs: number
}

/** What is due now, and when to look again. */
export interface Due {
  ask: Term[]
  remind: Term[]
  ended: Term[]
  /** Whether any consent holds now. */
  isAgreed: boolean
  isPurgeDue: boolean
  nextMs: number
}

/** When a consent ends and when it is asked for again: `P24M` given on 3 May 2026 ends on 3 May 2028, and is asked for from 3 April on. */
export function findTerm(purposeId: string, standing: Standing): Term {
  const startMs = Date.parse(standing.since.receivedAt)
  const endMs = addDuration(startMs, standing.since.event.validity_duration)
  const quarterMs = (endMs - startMs) / 4
  const askMs = endMs - Math.min(ASK_AGAIN_MS, quarterMs)
  return { purposeId, standing, askMs, remindMs: endMs - Math.min(REMIND_MS, quarterMs / 4), endMs }
}

/** Works out what is due for a contact. Only who agreed is ever asked again. */
export function findDue(contact: Contact, situation: Situation, nowMs: number): Due {
  // As if nothing ever ran out: what ran out is what this is about.
  const terms = [...replay(situation.record, 0)].filter(([, { state }]) => state === 'given').map(([id, standing]) => findTerm(id, standing))
  const running = terms.filter(({ endMs }) => endMs > nowMs)
  const purgeMs = addDuration(Math.max(Date.parse(contact.createdAt), ...situation.record.map(({ receivedAt }) => Date.parse(receivedAt))), PURGE_AFTER)
  const isUnneeded = running.length === 0 && !contact.hasContract && contact.purge === null
  const upcoming = [nowMs + LOOK_AGAIN_MS, ...running.flatMap(({ askMs, remindMs, endMs }) => [askMs, remindMs, endMs]), ...(isUnneeded ? [purgeMs] : [])]
  return {
    ask: running.filter(({ askMs, remindMs }) => askMs <= nowMs && nowMs < remindMs),
    remind: running.filter(({ remindMs }) => remindMs <= nowMs),
    ended: terms.filter(({ endMs }) => endMs <= nowMs),
    isAgreed: running.length > 0,
    isPurgeDue: isUnneeded && purgeMs <= nowMs,
    nextMs: Math.min(...upcoming.filter((timeMs) => timeMs > nowMs)),
  }
}

/** Looks after the contacts of all sites. */
export interface Upkeep {
  /** Does what is due; resolves when nothing is left. */
  run(): Promise<void>
  /** Finishes the contact in hand and looks at no more. */
  close(): void
}

/** Upkeep over a service. */
export function createUpkeep(service: Service, preferences: Preferences): Upkeep {
  const { store, now, suppression, outbox, log } = service

  const reasonOf = (kind: 'reask' | 'remind', { purposeId, standing }: Term) => `${kind} ${purposeId} ${standing.since.hash}`

  /** One mail for all that end on the same day and were not asked for yet, so that nobody gets three. */
  async function askAgain(kind: 'reask' | 'remind', { contact, site }: Person, terms: readonly Term[]): Promise<void> {
    if (terms.length === 0) return
    const done = new Set(await store.readDone(contact.id))
    const byDay = Map.groupBy(terms.filter((term) => !done.has(reasonOf(kind, term))), ({ endMs }) => formatTime(endMs).slice(0, 10))
    for (const group of byDay.values()) {
      await store.queueMailsOnce([{
        contactId: contact.id, whats: group.map((term) => reasonOf(kind, term)),
        mail: createMail(service, {
          site: site.site, kind, recipient: { contactId: contact.id }, language: contact.language,
          details: { purposes: group.map(({ purposeId }) => purposeId), end: formatTime(group[0]!.endMs) },
        }),
      }])
    }
    if (byDay.size > 0) outbox.wake()
  }

  async function noteEnd(person: Person, ended: readonly Term[]): Promise<void> {
    // The notice that was in force when it was agreed to: its words are the ones that have ended.
    const notices = new Map<string, Notice>()
    for (const { standing } of ended) {
      const stored = await store.findNotice(person.site.site, standing.since.event.notice_hash)
      if (stored) notices.set(standing.since.event.notice_hash, JSON.parse(stored.json) as Notice)
    }
    for (const [hash, notice] of notices) {
      await preferences.note(person, (situation) => ({
        event_type: 'signal', text: notice.validity_duration, notice,
        decisions: findDue(person.contact, situation, now()).ended.filter(({ standing }) => standing.since.event.notice_hash === hash)
          .map(({ purposeId }) => ({ purpose_id: purposeId, event_state: 'expired' })),
      }))
    }
  }

  async function look(contact: Contact, site: Site): Promise<void> {
    const person: Person = { contact, site }
    const due = findDue(contact, await preferences.read(person), now())
    const isOpen = contact.mailBlock === null && (due.ask.length + due.remind.length === 0 || !(await suppression.has(site.site, contact.email)))
    if (isOpen && findNotice(site, 'contact', [contact.language])) {
      await askAgain('reask', person, due.ask)
      await askAgain('remind', person, due.remind)
    }
    await noteEnd(person, due.ended)
    const isBack = contact.purge === 'proposed' && due.isAgreed
    await store.updateContact(contact.id, { dueAt: formatTime(due.nextMs), ...(due.isPurgeDue ? { purge: 'proposed' } : isBack ? { purge: null } : {}) })
  }

  let isClosed = false

  return {
    close() {
      isClosed = true
    },
    async run() {
      while (!isClosed) {
        const contacts = await store.leaseContacts(formatTime(now()), formatTime(now() + LEASE_MS), BATCH)
        if (contacts.length === 0) return
        for (const contact of contacts) {
          if (isClosed) return
          const site = await store.findSite(contact.site)
          if (site) await look(contact, site)
          else {
            log(`contacts of “${contact.site}”, which is not published, are left alone`)
            await store.updateContact(contact.id, { dueAt: formatTime(now() + LOOK_AGAIN_MS) })
          }
        }
      }
    },
  }
}
