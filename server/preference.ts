// What a person behind a link has decided, and what they decide now. Only the contact's own record counts here, which
// grows through their links alone; a choice typed into a form waits in its opt-in until it is confirmed.
import { listAsked, listChanges, listEndings, type Standpoint } from '../core/choice.ts'
import { type ConsentEvent, createDraft } from '../core/event.ts'
import { hashNotice, type Notice } from '../core/notice.ts'
import { type RecordedEvent, replay, type Standing } from '../core/record.ts'
import { Refusal, refuse } from '../core/refusal.ts'
import { findNotice, type Site } from '../core/site.ts'
import { formatTime } from '../core/time.ts'
import { type ActionId, actionLabel } from '../preference-center/wording.ts'
import type { Submission } from './ledger-batch.ts'
import { createMail } from './mail-order.ts'
import type { Service } from './service.ts'
import { readSignedChoice, type SignedChoice } from './signed-choice.ts'
import type { Contact, Link, QueuedMail } from './store.ts'
import { readStoredEvent } from './stored-event.ts'
import { createTurns } from './turns.ts'

/** A link that opens, with whom and what it is about. */
export interface Visit {
  link: Link
  contact: Contact
  site: Site
}

/** Whose decisions. */
export type Person = Pick<Visit, 'contact' | 'site'>

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
  /** The same choice as the person's browser signed it, where it could. */
  signed?: SignedChoice | undefined
}

/** Reads and changes what contacts decided. */
export interface Preferences {
  /** Who a link leads to; undefined where the person or the site is gone. */
  findVisit(link: Link): Promise<Visit | undefined>
  read(person: Person): Promise<Situation>
  /** Records what changed in one event; the id of that event, null where nothing changed. */
  save(visit: Visit, choice: Choice): Promise<string | null>
  /** Withdraws what the link covers; the decisions that this ended. */
  withdraw(visit: Visit, actionId: ActionId): Promise<ConsentEvent['decisions']>
  /** Records what `decide` finds fit to be noted, knowing where the contact stands; the event's id, null where that is nothing. */
  note(person: Person, decide: (situation: Situation) => Note | null): Promise<string | null>
}

type Decision = ConsentEvent['decisions'][number]

/** How a decision came. */
interface Source extends Pick<ConsentEvent['source'], 'channel'> {
  event_type?: ConsentEvent['event_type']
  /** The button that was pressed, or what is to be said in its place. */
  action: { id: ActionId } | { text: string }
  url: string | null
  /** When it was decided, where that is not now. */
  timeMs?: number
  signed?: SignedChoice | undefined
  /** The mail that tells the owner; null for none. */
  mail: Pick<QueuedMail, 'kind' | 'details'> | null
}

/** What is recorded without anybody pressing a button, by whoever works for the site or by the passing of time. */
export interface Note {
  event_type: 'verbal' | 'imported' | 'signal'
  /** What the history says in the place of a button: at most 300 characters. */
  text: string
  notice: Notice
  decisions: Pick<Decision, 'purpose_id' | 'event_state'>[]
  timeMs?: number
  /** verbal: who noted it. */
  staff?: string
}

/** Tells the owner of a change, with an undo link. */
const CHANGED: Source['mail'] = { kind: 'changed', details: {} }

/** Ids that are granted, in a stable order. */
export function listGranted(standings: ReadonlyMap<string, Standing>): string[] {
  return [...standings].filter(([, { state }]) => state === 'given').map(([id]) => id).sort()
}

/** Whether the page asks to confirm: only through links that we sent unasked, as the one in a confirmation mail. */
export function asksToConfirm({ link }: Visit, { pending }: Situation): boolean {
  return link.origin === 'sent' && link.undo === null && link.renew === null && pending.size > 0
}

/** What the link asks to renew and nobody has decided about since it was sent. */
function listRenewing({ link }: Visit, { standings }: Situation): string[] {
  return (link.renew ?? []).filter((id) => {
    const standing = standings.get(id)
    return standing?.state === 'given' && standing.since.receivedAt <= link.createdAt
  })
}

/** Where a person stands, as the page may know it: what is pending only where it asks to confirm that. */
export function standpointOf(visit: Visit, situation: Situation): Standpoint {
  const isConfirming = asksToConfirm(visit, situation)
  const states = new Map([...situation.standings].map(([id, { state }]) => [id, state]))
  return { states, pending: isConfirming ? situation.pending : new Set(), isConfirming, renewing: new Set(listRenewing(visit, situation)) }
}

/** Whether this event is one of the contact's own; whatever else came into the record counts for nothing. */
function isOwnEvent({ event: { attestation, source } }: RecordedEvent): boolean {
  return attestation === 'server' ? source.channel !== 'opt-in' : source.channel === 'preference-center'
}

/** Preferences over a service. */
export function createPreferences(service: Service): Preferences {
  const { store, ledger, now, baseUrl, readAnchor } = service
  const takeTurn = createTurns()

  async function read({ contact, site }: Person): Promise<Situation> {
    const stored = await store.readRecord(site.site, contact.recordId)
    const record = stored.map(readStoredEvent).filter(isOwnEvent)
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

  /** Writes an event with the mail that tells the owner; the Refusal where the log does not take it. */
  async function submit({ contact, site }: Person, situation: Situation, { mail }: Source, { read: event, keyBinding }: Pick<Submission, 'read' | 'keyBinding'>): Promise<string | Refusal> {
    const mails = mail === null ? [] : [createMail(service, {
      site: site.site, kind: mail.kind, recipient: { contactId: contact.id }, language: event.event.language,
      details: { eventHash: event.hash, grantedBefore: listGranted(situation.standings), ...mail.details },
    })]
    const [result] = await ledger.record(site.site, [{ read: event, keyBinding, mails, isOwn: true }])
    if (!result || result instanceof Refusal) return result ?? new Refusal([])
    service.counters.eventsRecorded.add({ site: site.site })
    // What is due for this contact follows from where they stand now.
    await store.updateContact(contact.id, { dueAt: formatTime(now()) })
    service.outbox.wake()
    situation.record.push(readStoredEvent(result.event))
    return result.event.eventId
  }

  /** Records decisions under the notice that has their words: as the browser signed them, else as the service does. */
  async function recordDecisions(visit: Person, situation: Situation, notice: Notice, decisions: Decision[], source: Source): Promise<string> {
    const { contact, site } = visit
    const draft = createDraft({
      timeMs: source.timeMs ?? now(), record_id: contact.recordId, pii_principal_id: contact.principalId,
      aud: { site: site.site, origin: site.origins[0]! }, event_type: source.event_type ?? 'explicit', decisions,
      notice_hash: hashNotice(notice), language: notice.language, validity_duration: notice.validity_duration,
      source: { channel: source.channel, action: 'id' in source.action ? actionLabel(notice.language, source.action.id) : source.action.text, url: source.url, build: null },
      prev_event_hash: situation.record.at(-1)?.hash ?? null, log_anchor: await readAnchor(site.site),
    })
    const byDevice = source.signed && (await readSignedChoice(source.signed, draft, now()))
    const eventId = byDevice && (await submit(visit, situation, source, byDevice))
    if (typeof eventId === 'string') return eventId
    // Nobody's choice is refused for want of a signature.
    const attested = await submit(visit, situation, source, { read: await ledger.attest(draft, site.site) })
    if (attested instanceof Refusal) throw new Error(`the service's own event was refused: ${attested.message}`)
    return attested
  }

  /** Ends what is granted or waits to be confirmed among these purposes. */
  async function endAll(visit: Visit, situation: Situation, isMeant: (id: string) => boolean, source: Source, language: string): Promise<{ decisions: Decision[]; eventId: string | null }> {
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
    const states = new Map([...situation.standings].map(([id, { state }]) => [id, state]))
    for (const { purpose_id, event_state } of listEndings({ states, pending: situation.pending })) {
      if (isMeant(purpose_id)) await add(purpose_id, event_state, situation.standings.get(purpose_id)?.since.event.notice_hash)
    }
    let eventId: string | null = null
    for (const { notice, decisions } of byNotice.values()) eventId = await recordDecisions(visit, situation, notice, decisions, source)
    return { eventId, decisions: [...byNotice.values()].flatMap(({ decisions }) => decisions) }
  }

  /** Who confirms an address is back (REQUIREMENTS 41), and a mail that was answered did arrive. */
  async function liftBlocks({ contact, site }: Visit, { ticked, actionId }: Choice, isConfirming: boolean): Promise<void> {
    const isYes = ticked.size > 0 && actionId !== 'unsubscribe_all'
    if (isConfirming && isYes) await service.suppression.remove(site.site, contact.email)
    if (contact.mailBlock === 'bounced' || (contact.mailBlock === 'complained' && isYes)) await store.updateContact(contact.id, { mailBlock: null })
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
      const source: Source = { channel: 'preference-center', action: { id: choice.actionId }, url: `${baseUrl}/p/open`, signed: choice.signed, mail: CHANGED }
      let eventId: string | null = null
      if (choice.actionId === 'unsubscribe_all') {
        eventId = (await endAll(visit, situation, () => true, source, choice.notice.language)).eventId
      } else {
        const changes = listChanges(choice.notice, choice.ticked, standpointOf(visit, situation))
        if (changes.length > 0) eventId = await recordDecisions(visit, situation, choice.notice, changes, source)
      }
      await liftBlocks(visit, choice, isConfirming)
      const time = formatTime(now())
      if (isConfirming || (choice.actionId === 'unsubscribe_all' && situation.pending.size > 0)) await store.confirmOptIns(visit.contact.id, time)
      if (visit.link.origin === 'requested') await store.revokeRequestedLinks(visit.contact.id, visit.link.tokenHash, time)
      return eventId
    }),

    withdraw: (visit, actionId) => takeTurn(visit.contact.id, async () => {
      const situation = await read(visit)
      const { purposeId } = visit.link
      const source: Source = { channel: actionId === 'one_click' ? 'one-click' : 'preference-center', action: { id: actionId }, url: `${baseUrl}/${visit.link.kind.toLowerCase()}`, mail: CHANGED }
      const { decisions } = await endAll(visit, situation, (id) => purposeId === null || id === purposeId, source, visit.contact.language)
      if (purposeId === null && situation.pending.size > 0) await store.confirmOptIns(visit.contact.id, formatTime(now()))
      return decisions
    }),

    note: (visit, decide) => takeTurn(visit.contact.id, async () => {
      const situation = await read(visit)
      const note = decide(situation)
      if (note === null || note.decisions.length === 0) return null
      const { event_type, text, notice, timeMs, staff } = note
      const decisions = note.decisions.map(({ purpose_id, event_state }, i): Decision => {
        const purpose = listAsked(notice).find(({ id }) => id === purpose_id)
        return { purpose_id, event_state, statement_text: purpose?.statement_text ?? refuse(`/decisions/${i}/purpose_id`, 'unknown_purpose', 'The notice asks about no such contact purpose.') }
      })
      const mail: Source['mail'] = event_type === 'verbal' ? { kind: 'verbal', details: { staff: staff ?? visit.site.name } } : null
      return recordDecisions(visit, situation, notice, decisions, { channel: 'api', event_type, action: { text }, url: null, ...(timeMs === undefined ? {} : { timeMs }), mail })
    }),
  }
}
