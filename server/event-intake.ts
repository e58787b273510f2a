// Takes what clients send as events: reads each entry, checks that it is meant for this site and origin, attests
// drafts of pages that cannot sign, and hands the rest to the ledger. One bad entry never holds up the others.
import { checkAgainstNotice, checkDraft, type ConsentEvent, EventDraft, isExpiry, type ReadEvent } from '../core/event.ts'
import type { Json } from '../core/json.ts'
import type { Notice } from '../core/notice.ts'
import { readKeyBinding, type ReadKeyBinding } from '../core/key-binding.ts'
import { BATCH_LIMIT, type EventResult } from '../core/protocol.ts'
import { Refusal, refuse } from '../core/refusal.ts'
import { parseCompact } from '../core/signature.ts'
import type { Site } from '../core/site.ts'
import { validate } from '../core/validate.ts'
import { ensureContact } from './contact.ts'
import { readEmail } from './email-address.ts'
import type { Submission } from './ledger-batch.ts'
import { createMail } from './mail-order.ts'
import { RateRefusal, toProblem } from './problem.ts'
import type { Service } from './service.ts'

/** Where a batch came from. */
export interface Sender {
  site: Site
  /** The Origin header; null for callers that are no web page. */
  origin: string | null
  ip: string | undefined
}

interface Entry {
  read: ReadEvent
  email: string | undefined
  keyBinding?: ReadKeyBinding | undefined
}

/** The entries of a batch body. Throws a Refusal for a body that is none. */
export function readBatch(body: Json): Json[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return refuse('', 'object', 'An object with “events” is expected.')
  const unknown = Object.keys(body).find((name) => name !== 'events')
  if (unknown !== undefined) refuse(`/${unknown}`, 'unknown_member', 'This member is not known here.')
  if (!Array.isArray(body.events) || body.events.length === 0) return refuse('/events', 'events', 'A list of 1 to 100 events is expected.')
  if (body.events.length > BATCH_LIMIT) refuse('/events', 'too_large', `More than ${BATCH_LIMIT} events.`)
  return body.events
}

function checkAudience({ aud, attestation }: Omit<ConsentEvent, 'attestation'> & { attestation?: string }, { site, origin }: Sender): void {
  if (attestation === 'server') refuse('/attestation', 'attestation', 'Only the service itself attests as “server”.')
  if (aud.site !== site.site) refuse('/aud/site', 'aud', `The event is for the site “${aud.site}”.`)
  if (!site.origins.includes(aud.origin)) refuse('/aud/origin', 'aud', 'This origin is not registered for the site.')
  if (origin !== null && origin !== aud.origin) refuse('/aud/origin', 'aud', 'The event names another origin than the page that sent it.')
}

function checkChannel(event: EventDraft, { isDraft, origin }: { isDraft: boolean; origin: Sender['origin'] }): void {
  const { source } = event
  const isServicesOwn = source.channel === 'preference-center' || source.channel === 'one-click'
  if (isServicesOwn) refuse('/source/channel', 'channel', `“${source.channel}” is recorded by the service itself.`)
  if (isExpiry(event)) refuse('/decisions', 'expiry', 'Only the service notes that a consent has expired.')
  // A page's own code may decide for its visitor; whoever calls without being a page can sign.
  if (isDraft && source.channel === 'api' && origin === null) refuse('/source/channel', 'draft', 'A draft of the channel “api” comes from a page of the site; others sign what they send.')
}

function readContact(value: Json | undefined, event: EventDraft): string | undefined {
  if (value === undefined) return undefined
  if (event.source.channel !== 'opt-in') refuse('/contact', 'contact', 'An address goes with events of the channel “opt-in” only.')
  const isAlone = typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).join() === 'email'
  const email = isAlone ? (value as { email: Json }).email : undefined
  if (typeof email !== 'string') return refuse('/contact/email', 'email', 'An e-mail address is expected, and nothing else.')
  return readEmail(email) ?? refuse('/contact/email', 'email', 'Not an e-mail address, for example name@example.com.')
}

async function readEntry(service: Service, sender: Sender, entry: Json): Promise<Entry> {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return refuse('', 'object', 'An object with “jws” or “draft” is expected.')
  const { jws, draft, contact, key_binding: keyBinding, ...rest } = entry
  const unknown = Object.keys(rest)[0]
  if (unknown !== undefined) refuse(`/${unknown}`, 'unknown_member', 'This member is not known here.')
  if ((jws === undefined) === (draft === undefined)) refuse('', 'entry', 'Exactly one of “jws” and “draft” is expected.')
  if (draft === undefined) {
    if (typeof jws !== 'string') return refuse('/jws', 'string', 'A text is expected.')
    return { ...(await readSigned(service, sender, jws, contact)), keyBinding: await readBinding(keyBinding) }
  }
  if (keyBinding !== undefined) refuse('/key_binding', 'key_binding', 'A draft has no key that could be bound.')
  const checked = validate(EventDraft, draft)
  checkDraft(checked)
  checkAudience(checked, sender)
  checkChannel(checked, { isDraft: true, origin: sender.origin })
  const email = readContact(contact, checked)
  return { read: await service.ledger.attest(checked, sender.site.site), email }
}

/** The binding of an entry; what is wrong inside it is told at `/key_binding`. */
async function readBinding(value: Json | undefined): Promise<ReadKeyBinding | undefined> {
  if (value === undefined) return undefined
  if (typeof value !== 'string') return refuse('/key_binding', 'string', 'A text is expected.')
  const read = await attempt(() => readKeyBinding(value))
  if (read instanceof Refusal) throw new Refusal(read.errors.map((error) => ({ ...error, pointer: `/key_binding${error.pointer}` })))
  return read
}

async function readSigned({ readEvent }: Service, sender: Sender, jws: string, contact?: Json): Promise<Entry> {
  const read = await readEvent(jws)
  checkAudience(read.event, sender)
  checkChannel(read.event, { isDraft: false, origin: sender.origin })
  return { read, email: readContact(contact, read.event) }
}

/** Whether a mail is to ask the owner of the typed address to confirm. */
function isAskedFor(event: ConsentEvent): boolean {
  return event.decisions.some(({ event_state }) => event_state === 'given')
}

async function addOptIn(service: Service, { site }: Sender, { read, email, keyBinding }: Entry): Promise<Submission> {
  const { event, hash } = read
  const isKnown = email === undefined || (await service.store.findEvent(event.event_id)) !== undefined
  if (isKnown || !isAskedFor(event)) return { read, keyBinding }
  // Checked before the ledger does, so that a refused event leaves no address behind.
  const stored = await service.store.findNotice(site.site, event.notice_hash)
  if (!stored) return refuse('/notice_hash', 'unknown_notice', 'The log has no such notice of this site.')
  checkAgainstNotice(event, JSON.parse(stored.json) as Notice)

  const { contact } = await ensureContact(service, { site: site.site, email, language: event.language })
  const mail = createMail(service, { site: site.site, kind: 'confirm', recipient: { contactId: contact.id }, language: event.language, details: { eventHash: hash } })
  // Over the limit of an address the answer stays the same and no mail goes.
  return { read, keyBinding, optIn: { contactId: contact.id }, mails: service.limiter.takeAddress(site.site, email) ? [mail] : [] }
}

async function attempt<T>(work: () => Promise<T>): Promise<T | Refusal> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

/** The event_id of an entry that was refused, as far as it can be read. */
function guessEventId(entry: Json): string | null {
  try {
    const { jws, draft } = entry as { jws?: string; draft?: { event_id?: Json } }
    const id = jws === undefined ? draft?.event_id : (parseCompact(jws).payload as { event_id?: Json }).event_id
    return typeof id === 'string' && id.length <= 64 ? id : null
  } catch {
    return null
  }
}

async function takeEntries(service: Service, sender: Sender, entries: readonly (Entry | Refusal)[], raw: readonly Json[], haveCome: () => void): Promise<EventResult[]> {
  const withAddress = entries.filter((entry) => !(entry instanceof Refusal) && entry.email !== undefined).length
  if (withAddress > 0) {
    const grant = service.limiter.takeLinks(sender.ip, sender.site.site, withAddress)
    if (!grant.isGranted) throw new RateRefusal(grant.retryAfterSeconds)
  }
  const submissions: (Submission | Refusal)[] = []
  for (const entry of entries) {
    submissions.push(entry instanceof Refusal ? entry : await attempt(() => addOptIn(service, sender, entry)))
  }
  const accepted = submissions.filter((submission): submission is Submission => !(submission instanceof Refusal))
  const recording = service.ledger.record(sender.site.site, accepted)
  haveCome()
  const outcomes = await recording
  if (accepted.some(({ mails }) => mails?.length)) service.outbox.wake()
  return submissions.map((submission, i) => {
    const outcome = submission instanceof Refusal ? submission : outcomes[accepted.indexOf(submission)]!
    if (outcome instanceof Refusal) {
      const problem = toProblem(outcome)
      return { event_id: guessEventId(raw[i]!), status: problem.status, problem }
    }
    if (outcome.status === 201) service.counters.eventsRecorded.add({ site: sender.site.site })
    return { event_id: outcome.event.eventId, status: outcome.status, receipt: outcome.receipt }
  })
}

/** Reads and records; other batches of the log wait a moment for what is being read. */
async function take(service: Service, sender: Sender, raw: readonly Json[], read: () => Promise<(Entry | Refusal)[]>): Promise<EventResult[]> {
  const haveCome = service.ledger.expect(sender.site.site)
  try {
    return await takeEntries(service, sender, await read(), raw, haveCome)
  } finally {
    haveCome()
  }
}

/** Records a batch: a result each, in the order sent. */
export function takeBatch(service: Service, sender: Sender, batch: readonly Json[]): Promise<EventResult[]> {
  return take(service, sender, batch, () => Promise.all(batch.map((entry) => attempt(() => readEntry(service, sender, entry)))))
}

/** Records one JWS. */
export async function takeSigned(service: Service, sender: Sender, jws: string): Promise<EventResult> {
  const [result] = await take(service, sender, [{ jws }], async () => [await attempt(() => readSigned(service, sender, jws))])
  return result!
}
