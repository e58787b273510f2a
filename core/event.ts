// A consent event: who decided what, when, where, shown which words. It is the payload of a compact JWS;
// its address is the hash of the JWS exactly as it came.
import * as v from 'valibot'
import { v7 as createUuidV7 } from 'uuid'
import { BUILD_LIMIT } from './build.ts'
import { fromBase64, fromBase64url, toBase64url } from './bytes.ts'
import { hashText } from './hash.ts'
import type { Notice } from './notice.ts'
import { isOptional } from './asked.ts'
import { isTrimmed, PurposeId, type Scope } from './purpose.ts'
import { refuse } from './refusal.ts'
import { type CheckSignature, type EventSigner, type ParsedJws, parseCompact, signCompact, verifySignature } from './signature.ts'
import { formatTime, isDuration, isTime } from './time.ts'
import { validate } from './validate.ts'
import { writeJson } from './write-json.ts'

const text = (limit: number) => v.pipe(v.string('A text is expected.'),
  v.check(isTrimmed, 'The text is empty, or has white space at an end.'), v.maxLength(limit, `The text is longer than ${limit} characters.`))
/** Bytes as base64url. */
export const bytesText = (length: number, name: string) => v.pipe(v.string('A text is expected.'),
  v.check((value) => fromBase64url(value)?.length === length, `${name} is ${length} bytes as base64url without padding.`))

/** The last few URLs that were read: events come from the same pages again and again. Null: no URL. */
const urls = new Map<string, URL | null>()
const URLS_KEPT = 64

function readUrl(value: string): URL | null {
  const known = urls.get(value)
  if (known !== undefined) return known
  const url = URL.canParse(value) ? new URL(value) : null
  if (urls.size >= URLS_KEPT) urls.clear()
  urls.set(value, url)
  return url
}

function isOrigin(value: string): boolean {
  return readUrl(value)?.origin === value
}

function isBareUrl(value: string): boolean {
  const url = readUrl(value)
  return url !== null && !/[?#]/.test(value) && url.origin !== 'null' && !url.username
}

/** A site's short name, as in `/v1/sites/{site}`. */
export const SiteId = v.pipe(v.string('A text is expected.'),
  v.regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'A site id is 1 to 63 of a-z, 0-9 and -.'))

/** A UUIDv7 (RFC 9562) in lower case. */
export const UuidV7 = v.pipe(v.string('A text is expected.'), v.regex(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/, 'Not a UUIDv7 in lower case.'))

/** What a person decided about one purpose. */
export const Decision = v.strictObject({
  purpose_id: PurposeId,
  /** `expired`: nobody's act; the service notes that the time for which it was given is over. */
  event_state: v.picklist(['given', 'refused', 'withdrawn', 'expired'], 'The state is “given”, “refused”, “withdrawn” or “expired”.'),
  statement_text: text(2000),
})
export type Decision = v.InferOutput<typeof Decision>

/** Where people decide. */
export const CHANNELS = ['banner', 'opt-in', 'preference-center', 'one-click', 'api'] as const
export type Channel = (typeof CHANNELS)[number]

/** The payload of an event: all members present, null where there is nothing, no others. */
export const ConsentEvent = v.strictObject({
  schema_version: v.literal('1', 'The schema version is "1".'),
  event_id: UuidV7,
  record_id: bytesText(16, 'record_id'),
  pii_principal_id: bytesText(16, 'pii_principal_id'),
  aud: v.strictObject({ site: SiteId, origin: v.pipe(v.string('A text is expected.'), v.check(isOrigin, 'Not an origin, for example https://shop.example.')) }),
  event_time: v.pipe(v.string('A text is expected.'), v.check(isTime, 'Not RFC 3339 in UTC with three decimals.')),
  event_type: v.picklist(['explicit', 'signal', 'imported', 'verbal'], 'The type is “explicit”, “signal”, “imported” or “verbal”.'),
  decisions: v.pipe(v.array(Decision, 'A list of decisions is expected.'), v.minLength(1, 'At least one decision is needed.'), v.maxLength(50, 'More than 50 decisions.')),
  notice_hash: bytesText(32, 'notice_hash'),
  language: text(35),
  validity_duration: v.pipe(v.string('A text is expected.'), v.check(isDuration, 'Not an ISO 8601 duration, for example P183D.')),
  source: v.strictObject({
    channel: v.picklist(CHANNELS, `The channel is one of ${CHANNELS.join(', ')}.`),
    action: text(300),
    url: v.nullable(v.pipe(text(2000), v.check(isBareUrl, 'The url is scheme, host and path, without query or fragment.'))),
    build: v.nullable(text(BUILD_LIMIT)),
  }),
  prev_event_hash: v.nullable(bytesText(32, 'prev_event_hash')),
  log_anchor: v.nullable(v.strictObject({
    origin: text(300),
    size: v.pipe(v.number('A number is expected.'), v.safeInteger('A whole number is expected.'), v.minValue(0, 'A size is not negative.')),
    root: v.pipe(v.string('A text is expected.'), v.check((value) => fromBase64(value)?.length === 32, 'The root is 32 bytes as base64, as in the checkpoint.')),
  })),
  salt: bytesText(16, 'salt'),
  attestation: v.picklist(['device', 'ephemeral', 'server'], 'The attestation is “device”, “ephemeral” or “server”.'),
})
export type ConsentEvent = v.InferOutput<typeof ConsentEvent>

/** An event before somebody vouches for it: without `attestation`. */
export const EventDraft = v.omit(ConsentEvent, ['attestation'])
export type EventDraft = v.InferOutput<typeof EventDraft>

/** What a draft is made from; the rest is filled in. */
export type DraftInput = Omit<EventDraft, 'schema_version' | 'event_id' | 'event_time' | 'salt'> & { timeMs: number }

/** 16 random bytes as base64url, 22 characters: record_id, pii_principal_id, salt. */
export function createRandomId(): string {
  return toBase64url(crypto.getRandomValues(new Uint8Array(16)))
}

/** A draft with a new event_id and salt. `timeMs` is when the person acted, by this machine's clock. */
export function createDraft({ timeMs, ...input }: DraftInput): EventDraft {
  return { schema_version: '1', event_id: createUuidV7({ msecs: timeMs }), event_time: formatTime(timeMs), salt: createRandomId(), ...input }
}

/** The payload text of a draft and its attestation, its members in the order of the documentation. */
export function encodeEvent(draft: EventDraft, attestation: ConsentEvent['attestation']): string {
  const { schema_version, event_id, record_id, pii_principal_id, aud, event_time, event_type, decisions, notice_hash,
    language, validity_duration, source, prev_event_hash, log_anchor, salt } = draft
  return writeJson({
    schema_version, event_id, record_id, pii_principal_id,
    aud: { site: aud.site, origin: aud.origin },
    event_time, event_type,
    decisions: decisions.map(({ purpose_id, event_state, statement_text }) => ({ purpose_id, event_state, statement_text })),
    notice_hash, language, validity_duration,
    source: { channel: source.channel, action: source.action, url: source.url, build: source.build },
    prev_event_hash,
    log_anchor: log_anchor && { origin: log_anchor.origin, size: log_anchor.size, root: log_anchor.root },
    salt, attestation,
  } satisfies ConsentEvent)
}

/** Signs a draft: the JWS that is sent and stored. */
export async function signEvent(draft: EventDraft, attestation: ConsentEvent['attestation'], signer: EventSigner): Promise<string> {
  return signCompact(encodeEvent(draft, attestation), signer)
}

/** event_hash: base64url SHA-256 of the JWS as it came. */
export function hashEvent(jws: string): string {
  return hashText(jws)
}

/** An event that was read, with the JWS it came in. */
export interface ReadEvent {
  event: ConsentEvent
  jws: string
  hash: string
  kid: string
  payloadPart: string
}

/** Reads and checks a JWS: form, schema, signature. Throws a Refusal that names every field at fault. */
export async function readEvent(jws: string, check?: CheckSignature): Promise<ReadEvent> {
  const { event, parsed } = openEvent(jws)
  await verifySignature(parsed, check)
  return { event, jws, hash: hashEvent(jws), kid: parsed.kid, payloadPart: parsed.payloadPart }
}

/** Reads and checks everything but the signature. Throws a Refusal, likewise. */
export function openEvent(jws: string): { event: ConsentEvent; parsed: ParsedJws } {
  const parsed = parseCompact(jws)
  const event = validate(ConsentEvent, parsed.payload)
  checkDraft(event)
  if (isExpiry(event) && event.attestation !== 'server') refuse('/attestation', 'expiry', 'Only the service notes that a consent has expired.')
  return { event, parsed }
}

/** Whether the event notes that something expired. */
export function isExpiry({ decisions }: Pick<EventDraft, 'decisions'>): boolean {
  return decisions.some(({ event_state }) => event_state === 'expired')
}

/** What no schema says: one decision a purpose, a signal never grants, expiry is nobody's act, a page's own origin. Throws a Refusal. */
export function checkDraft(event: EventDraft): void {
  const seen = new Set<string>()
  for (const [i, { purpose_id, event_state }] of event.decisions.entries()) {
    if (seen.has(purpose_id)) refuse(`/decisions/${i}/purpose_id`, 'duplicate_purpose', `“${purpose_id}” is decided twice.`)
    seen.add(purpose_id)
    if (event.event_type === 'signal' && event_state === 'given') refuse(`/decisions/${i}/event_state`, 'signal_grant', 'A signal never grants.')
  }
  const { channel, url } = event.source
  if (isExpiry(event) && (event.event_type !== 'signal' || channel !== 'api' || event.decisions.some(({ event_state }) => event_state !== 'expired'))) {
    refuse('/decisions', 'expiry', 'What has expired is noted as a signal of the channel “api”, apart from what anybody decided.')
  }
  if ((channel === 'banner' || channel === 'opt-in') && url !== null && readUrl(url)?.origin !== event.aud.origin) {
    refuse('/source/url', 'url_origin', 'The url is not on the origin in aud.')
  }
}

const SCOPES_BY_CHANNEL: Record<Channel, readonly Scope[]> = {
  banner: ['device'],
  'opt-in': ['contact'],
  'preference-center': ['contact', 'device'],
  'one-click': ['contact'],
  api: ['contact', 'device'],
}

/** Checks an event against the notice that it names. Throws a Refusal. */
export function checkAgainstNotice(event: EventDraft, notice: Notice): void {
  if (event.language !== notice.language) refuse('/language', 'language', `The notice is in “${notice.language}”.`)
  if (event.validity_duration !== notice.validity_duration) {
    refuse('/validity_duration', 'validity_duration', `The notice says ${notice.validity_duration}.`)
  }
  for (const [i, decision] of event.decisions.entries()) {
    const purpose = notice.purposes.find(({ id }) => id === decision.purpose_id)
    if (!purpose) return refuse(`/decisions/${i}/purpose_id`, 'unknown_purpose', `The notice has no purpose “${decision.purpose_id}”.`)
    if (!isOptional(purpose)) refuse(`/decisions/${i}/purpose_id`, 'not_optional', `“${purpose.id}” does not rest on consent.`)
    if (decision.statement_text !== purpose.statement_text) {
      refuse(`/decisions/${i}/statement_text`, 'statement_text', 'Not the statement of this purpose in the notice.')
    }
    if (!SCOPES_BY_CHANNEL[event.source.channel].includes(purpose.scope)) {
      refuse(`/decisions/${i}/purpose_id`, 'scope', `“${purpose.id}” has the scope ${purpose.scope}, which is not decided through “${event.source.channel}”.`)
    }
  }
}
