// What a person behind a link has decided, and what they decide now. Only what the service itself attested on
// the contact's own record counts here; a choice typed into a form waits in its opt-in until it is confirmed.
import { type ConsentEvent, createDraft } from '../core/event.ts'
import { hashNotice, type Notice } from '../core/notice.ts'
import { isOptional, type Purpose } from '../core/purpose.ts'
import { type RecordedEvent, replay, type Standing } from '../core/record.ts'
import { Refusal } from '../core/refusal.ts'
import { findNotice, type Site } from '../core/site.ts'
import { formatTime } from '../core/time.ts'
import { type ActionId, actionLabel } from '../preference-center/wording.ts'
import { createRandomName } from './random-name.ts'
import type { Service } from './service.ts'
import type { Contact, Link, QueuedMail } from './store.ts'
import { readStoredEvent } from './stored-event.ts'
import { createTurns } from './turns.ts'

/** A link that opens, with whom and what it is about. */
export interface Visit {
  link: Link
  contact: Contact
  site: Site
}

/** Where a contact stands. */
export interface Situation {
  /** The contact's record, oldest first. */
  record: RecordedEvent[]
  standings: Map<string, Standing>
  /** Purposes that somebody ticked in a form for this address, not confirmed yet. */
  pending: Set<string>
  /** Opt-in events whose address was confirmed. */
  confirmed: RecordedEvent[]
}

/** What a person sends from the preference centre. */
export interface Choice {
  actionId: ActionId
  /** Ids whose box is ticked; ignored by `unsubscribe_all`. */
  ticked: ReadonlySet<string>
  /** The notice that the page showed. */
  notice: Notice
}

/** Reads and changes what contacts decided. */
export interface Preferences {
  /** Who a link leads to; undefined where the person or the site is gone. */
  findVisit(link: Link): Promise<Visit | undefined>
  read(visit: Visit): Promise<Situation>
  /** Records what changed in one event; the id of that event, null where nothing changed. */
  save(visit: Visit, choice: Choice): Promise<string | null>
  /** Withdraws what the link covers; the decisions that this ended. */
  withdraw(visit: Visit, actionId: ActionId): Promise<ConsentEvent['decisions']>
}

type Decision = ConsentEvent['decisions'][number]

/** The contact purposes that people are asked about. */
export function listAsked(notice: Notice): Purpose[] {
  return notice.purposes.filter((purpose) => purpose.scope === 'contact' && isOptional(purpose))
}

/** Ids that are granted, in a stable order. */
export function listGranted(standings: ReadonlyMap<string, Standing>): string[] {
  return [...standings].filter(([, { state }]) => state === 'given').map(([id]) => id).sort()
}

/** Whether the page asks to confirm: only through links that we sent unasked, as the one in a confirmation mail. */
export function asksToConfirm({ link }: Visit, { pending }: Situation): boolean {
  return link.origin === 'sent' && link.undo === null && pending.size > 0
}

/** Preferences over a service. */
export function createPreferences(service: Service): Preferences {
  const { store, ledger, now, random, baseUrl, readAnchor } = service
  const takeTurn = createTurns()

  async function read({ contact, site }: Visit): Promise<Situation> {
    const stored = await store.readRecord(site.site, contact.recordId)
    // Nobody else makes events of this record; one that came from outside counts for nothing.
    const record = stored.map(readStoredEvent).filter(({ event }) => event.attestation === 'server' && event.source.channel !== 'opt-in')
    const optIns = await store.readOptIns(contact.id)
    const events = await Promise.all(optIns.map(({ eventHash }) => store.findEventByHash(site.site, eventHash)))
    const [pending, confirmed]: [Set<string>, RecordedEvent[]] = [new Set(), []]
    for (const [i, event] of events.entries()) {
      if (!event) continue
      const recorded = readStoredEvent(event)
      if (optIns[i]!.confirmedAt !== null) confirmed.push(recorded)
      else for (const { purpose_id, event_state } of recorded.event.decisions) if (event_state === 'given') pending.add(purpose_id)
    }
    return { record, standings: replay(record, now()), pending, confirmed }
  }

  /** Records decisions under the notice that has their words, and queues the mail that tells the owner. */
  async function recordDecisions(
    visit: Visit, situation: Situation, notice: Notice, decisions: Decision[], source: { channel: 'preference-center' | 'one-click'; actionId: ActionId; url: string },
  ): Promise<string> {
    const { contact, site } = visit
    const draft = createDraft({
      timeMs: now(), record_id: contact.recordId, pii_principal_id: contact.principalId,
      aud: { site: site.site, origin: site.origins[0]! }, event_type: 'explicit', decisions,
      notice_hash: hashNotice(notice), language: notice.language, validity_duration: notice.validity_duration,
      source: { channel: source.channel, action: actionLabel(notice.language, source.actionId), url: source.url, build: null },
      prev_event_hash: situation.record.at(-1)?.hash ?? null, log_anchor: await readAnchor(site.site),
    })
    const signed = await ledger.attest(draft, site.site)
    const time = formatTime(now())
    const mail: QueuedMail = {
      id: createRandomName(random), site: site.site, kind: 'changed', recipient: { contactId: contact.id }, language: notice.language,
      details: { eventHash: signed.hash, grantedBefore: listGranted(situation.standings) }, createdAt: time, attempts: 0, dueAt: time,
    }
    const [result] = await ledger.record(site.site, [{ read: signed, mails: [mail], isOwn: true }])
    if (!result || result instanceof Refusal) throw new Error(`the service's own event was refused: ${result?.message ?? 'no answer'}`)
    service.counters.eventsRecorded += 1
    service.outbox.wake()
    situation.record.push(readStoredEvent(result.event))
    return result.event.eventId
  }

  /** Ends what is granted or waits to be confirmed among these purposes. */
  async function endAll(visit: Visit, situation: Situation, isMeant: (id: string) => boolean, source: Parameters<typeof recordDecisions>[4], language: string): Promise<{ decisions: Decision[]; eventId: string | null }> {
    const current = findNotice(visit.site, 'contact', [language])
    // Words that have left the notice in force are taken from the notice that was agreed to.
    const byNotice = new Map<string, { notice: Notice; decisions: Decision[] }>()
    const add = async (id: string, event_state: Decision['event_state'], agreedTo: string | undefined) => {
      const earlier = agreedTo === undefined ? undefined : await store.findNotice(visit.site.site, agreedTo)
      const candidates = [current, earlier && (JSON.parse(earlier.json) as Notice)]
      const notice = candidates.find((candidate) => candidate && listAsked(candidate).some((purpose) => purpose.id === id))
      if (!notice) return
      const group = byNotice.get(hashNotice(notice)) ?? { notice, decisions: [] }
      group.decisions.push({ purpose_id: id, event_state, statement_text: notice.purposes.find((purpose) => purpose.id === id)!.statement_text })
      byNotice.set(hashNotice(notice), group)
    }
    for (const [id, { state, since }] of situation.standings) {
      if (isMeant(id) && (state === 'given' || state === 'unconfirmed')) await add(id, 'withdrawn', since.event.notice_hash)
    }
    for (const id of situation.pending) {
      if (isMeant(id) && situation.standings.get(id)?.state !== 'given') await add(id, 'refused', undefined)
    }
    let eventId: string | null = null
    for (const { notice, decisions } of byNotice.values()) eventId = await recordDecisions(visit, situation, notice, decisions, source)
    return { eventId, decisions: [...byNotice.values()].flatMap(({ decisions }) => decisions) }
  }

  function listChanges({ link }: Visit, situation: Situation, isConfirming: boolean, { ticked, notice }: Choice): Decision[] {
    return listAsked(notice).flatMap(({ id, statement_text }): Decision[] => {
      const state = situation.standings.get(id)?.state
      const isRefused = isConfirming && situation.pending.has(id) && state !== 'refused'
      if (ticked.has(id)) return state === 'given' ? [] : [{ purpose_id: id, event_state: 'given', statement_text }]
      if (state === 'given') return [{ purpose_id: id, event_state: 'withdrawn', statement_text }]
      return isRefused && link.kind === 'P' ? [{ purpose_id: id, event_state: 'refused', statement_text }] : []
    })
  }

  return {
    async findVisit(link) {
      const [contact, site] = await Promise.all([store.findContact(link.contactId), store.findSite(link.site)])
      return contact && site && contact.site === site.site ? { link, contact, site } : undefined
    },

    read,

    save: (visit, choice) => takeTurn(visit.contact.id, async () => {
      const situation = await read(visit)
      const isConfirming = asksToConfirm(visit, situation)
      const source = { channel: 'preference-center' as const, actionId: choice.actionId, url: `${baseUrl}/p/open` }
      let eventId: string | null = null
      if (choice.actionId === 'unsubscribe_all') {
        eventId = (await endAll(visit, situation, () => true, source, choice.notice.language)).eventId
      } else {
        const changes = listChanges(visit, situation, isConfirming, choice)
        if (changes.length > 0) eventId = await recordDecisions(visit, situation, choice.notice, changes, source)
      }
      const time = formatTime(now())
      if (isConfirming || (choice.actionId === 'unsubscribe_all' && situation.pending.size > 0)) await store.confirmOptIns(visit.contact.id, time)
      if (visit.link.origin === 'requested') await store.revokeRequestedLinks(visit.contact.id, visit.link.tokenHash, time)
      return eventId
    }),

    withdraw: (visit, actionId) => takeTurn(visit.contact.id, async () => {
      const situation = await read(visit)
      const { purposeId } = visit.link
      const source = { channel: actionId === 'one_click' ? 'one-click' as const : 'preference-center' as const, actionId, url: `${baseUrl}/${visit.link.kind.toLowerCase()}` }
      const { decisions } = await endAll(visit, situation, (id) => purposeId === null || id === purposeId, source, visit.contact.language)
      if (purposeId === null && situation.pending.size > 0) await store.confirmOptIns(visit.contact.id, formatTime(now()))
      return decisions
    }),
  }
}
