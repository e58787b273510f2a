// Makes an event of what somebody did: fetches the notice that was shown, checks that it is the one, and signs.
import { formatBuild } from '../core/build.ts'
import { fromBase64url } from '../core/bytes.ts'
import type { Outcome } from '../core/client.ts'
import { createDraft, createRandomId, type Decision, type EventDraft, hashEvent, signEvent } from '../core/event.ts'
import type { Notice } from '../core/notice.ts'
import type { EventEntry, WidgetConfig } from '../core/protocol.ts'
import type { Act } from './act.ts'
import { fetchCheckedNotice } from './checked-notice.ts'
import type { Context } from './context.ts'
import { findDeviceSigner } from '../ui/device-key.ts'
import type { Waiting } from './outbox.ts'
import type { ActionLetter } from './rest-contract.ts'
import type { DeviceStorage } from '../ui/storage.ts'
import { loadWords } from './words.ts'

/** What was ticked in a form: the address travels beside the event. */
export interface OptInAct extends Omit<Act, 'action'> {
  /** Words on the form's button. */
  label: string
  email: string
  /** Ids of the boxes that the form showed, in the notice's order. Missing from what an earlier build of the widget kept. */
  shown?: string[]
}

/** Whatever becomes an event. */
export type AnyAct = Act | OptInAct

/** The record of this browser. */
interface Subject {
  record_id: string
  pii_principal_id: string
  prev_event_hash: string | null
}

/** The words that were pressed. */
async function findActionLabel(action: ActionLetter, { labels, language }: Notice): Promise<string> {
  const words = await loadWords(language)
  return { a: labels.accept_all, r: labels.reject_all, s: labels.save, e: words.allow_and_load, o: words.object, i: 'sayso.set()', w: 'sayso.withdraw()', g: 'Global Privacy Control' }[action] ?? action
}

async function describeSource(act: AnyAct, notice: Notice, { build }: WidgetConfig): Promise<EventDraft['source']> {
  const { url } = act
  if ('email' in act) return { channel: 'opt-in', action: act.label, url, build: formatBuild({ build, shown: act.shown ?? null }) }
  const channel = 'iwg'.includes(act.action) ? 'api' : 'banner'
  return { channel, action: await findActionLabel(act.action, notice), url, build }
}

function listDecisions(act: AnyAct, notice: Notice): Decision[] {
  return act.decisions.map((decision) => ({
    ...decision, statement_text: notice.purposes.find(({ id }) => id === decision.purpose_id)?.statement_text ?? '',
  }))
}

const createSubject = (): Subject => ({ record_id: createRandomId(), pii_principal_id: createRandomId(), prev_event_hash: null })

/** Notes the latest event of this browser's record. */
export async function advanceRecord(storage: DeviceStorage, eventHash: string): Promise<void> {
  await storage.change<Subject>('record', (subject = createSubject()) => ({ ...subject, prev_event_hash: eventHash }))
}

/** The record that a sealed event is of. */
function readRecordId(sealed: EventEntry): string {
  const { record_id } = 'draft' in sealed ? sealed.draft : JSON.parse(new TextDecoder().decode(fromBase64url(sealed.jws.split('.')[1]!))) as EventDraft
  return record_id
}

/** Starts a new record for this browser, unless one was started since that event was sealed. */
export async function leaveRecord(storage: DeviceStorage, sealed: EventEntry): Promise<void> {
  const left = readRecordId(sealed)
  await storage.change<Subject>('record', (known) => known && known.record_id !== left ? known : createSubject())
}

/** Makes the function that seals entries of the outbox. */
export function createSeal(storage: DeviceStorage, context: Context) {
  return async ({ act, isRestarted }: Waiting<AnyAct>): Promise<Outcome<EventEntry>> => {
    const configured = await context.fetchConfig()
    if (configured.kind !== 'ok') return configured
    const config = configured.value
    const fetched = await fetchCheckedNotice(context, act.noticeHash)
    if (fetched.kind !== 'ok') return fetched
    const notice = fetched.value
    const isOptIn = 'email' in act
    // A typed address never joins this browser's record: anybody's could be typed.
    const subject = isOptIn ? createSubject() : await storage.change<Subject>('record', (known) => known ?? createSubject())
    const draft = createDraft({
      timeMs: act.timeMs,
      record_id: subject.record_id,
      pii_principal_id: subject.pii_principal_id,
      aud: { site: config.site, origin: location.origin },
      event_type: !isOptIn && act.action === 'g' ? 'signal' : 'explicit',
      decisions: listDecisions(act, notice),
      notice_hash: act.noticeHash,
      language: notice.language,
      validity_duration: notice.validity_duration,
      source: await describeSource(act, notice, config),
      prev_event_hash: isRestarted ? null : subject.prev_event_hash,
      log_anchor: config.anchor,
    })
    const contact = isOptIn ? { contact: { email: act.email } } : {}
    const device = await findDeviceSigner(storage)
    if (!device) return { kind: 'ok', value: { draft, ...contact } }
    const jws = await signEvent(draft, device.attestation, device.signer)
    if (!isOptIn) await advanceRecord(storage, hashEvent(jws))
    return { kind: 'ok', value: { jws, ...contact } }
  }
}
