// The rows of the SQL store, and how they turn into what a store promises. Lists and objects are JSON texts.
import type { LeafType } from '../core/leaf.ts'
import { payloadPartOf } from './append.ts'
import { foldEmail } from './fold-email.ts'
import type { CodeAction, Mailing, StepCode } from './store-contacts.ts'
import type { Contact, LeafBody, Link, OptIn, QueuedMail, Session, StoredEvent, StoredLeaf } from './store.ts'

/** The tables, by name. */
export interface Tables {
  site: { site: string; definition: string }
  log: { site: string; size: number }
  leaf: { site: string; index: number; type: LeafType; text: string; hash: string; received_at: string }
  event: { site: string; index: number; event_id: string; record_id: string; jws: string; notice_hash: string; key_binding: string | null }
  /** What is left of an erased event: hashes of what named it. */
  erased: { site: string; index: number; event_id_hash: string; record_hash: string }
  notice: { site: string; index: number; json: string }
  key: { site: string; index: number; jwk: string }
  access: { site: string; index: number; entry: string }
  tile: { site: string; level: number; index: number; hashes: Uint8Array }
  checkpoint: { site: string; size: number; note: string; root: string }
  cosignature: { site: string; size: number; witness: string; line: string }
  build: { build: string; format: number; loader: string; rest: string }
  build_file: { name: string; type: string; body: string }
  stamp: { site: string; size: number; token: string; stamped_at: string }
  contact: ContactRow
  opt_in: OptInRow
  link: LinkRow
  session: SessionRow
  mail: MailRow
  done: { contact_id: string; what: string }
  suppressed: { site: string; address_hash: string }
  code: CodeRow
  mailing: MailingRow
  /** Scopes have a space between. */
  token: { id: string; hash: string; name: string; site: string | null; scopes: string; created_at: string; expires_at: string; revoked_at: string | null }
}

interface ContactRow {
  id: string
  site: string
  email: string
  folded_email: string
  language: string
  record_id: string
  principal_id: string
  created_at: string
  source: string | null
  mail_block: Contact['mailBlock']
  purge: Contact['purge']
  /** null: the row is older than this column. */
  due_at: string | null
  has_contract: number
  leased_until: string | null
}

interface CodeRow {
  session_hash: string
  action: CodeAction
  contact_id: string
  code_hash: string | null
  new_email: string | null
  tries: number
  expires_at: string
  passed_at: string | null
}

interface MailingRow {
  id: string
  site: string
  kind: Mailing['kind']
  per_hour: number
  state: Mailing['state']
  cursor: string
  total: number
  queued: number
  skipped: number
  created_at: string
  next_at: string
}

interface OptInRow {
  contact_id: string
  event_hash: string
  created_at: string
  confirmed_at: string | null
}

interface LinkRow {
  token_hash: string
  kind: Link['kind']
  site: string
  contact_id: string
  purpose_id: string | null
  origin: Link['origin']
  undo: string | null
  renew: string | null
  restore_email: string | null
  created_at: string
  expires_at: string | null
  revoked_at: string | null
}

interface SessionRow {
  cookie_hash: string
  handle_hash: string
  token_hash: string
  csrf: string
  created_at: string
  expires_at: string
}

/** The recipient is a contact, an address, or a contact at another address than its own. */
interface MailRow {
  id: string
  site: string
  kind: QueuedMail['kind']
  contact_id: string | null
  email: string | null
  language: string
  details: string
  created_at: string
  attempts: number
  due_at: string
  leased_until: string | null
  handing_over_at: string | null
  stuck: QueuedMail['stuck'] | null
}

/** An event joined with its leaf. */
export type EventRow = Tables['event'] & { text: string; hash: string }

/** A leaf joined with whatever body it has. */
export interface LeafRow extends Pick<Tables['leaf'], 'index' | 'type' | 'text' | 'hash'> {
  event_id: string | null
  record_id: string | null
  jws: string | null
  notice_hash: string | null
  key_binding: string | null
  json: string | null
  jwk: string | null
  entry: string | null
}

/** The stored event of a row. */
export function toEvent(row: EventRow): StoredEvent {
  return {
    site: row.site, index: row.index, leaf: row.text, hash: row.hash, eventId: row.event_id, recordId: row.record_id,
    jws: row.jws, payloadPart: payloadPartOf(row.jws), noticeHash: row.notice_hash, ...(row.key_binding === null ? {} : { keyBinding: row.key_binding }),
  }
}

function toBody({ type, event_id, record_id, jws, notice_hash, key_binding, json, jwk, entry }: LeafRow): LeafBody | null {
  switch (type) {
    case 'event':
      return jws === null ? null : {
        type, eventId: event_id!, recordId: record_id!, jws, payloadPart: payloadPartOf(jws), noticeHash: notice_hash!,
        ...(key_binding === null ? {} : { keyBinding: key_binding }),
      }
    case 'notice':
      return json === null ? null : { type, json }
    case 'key':
      return jwk === null ? null : { type, jwk }
    case 'erasure':
      return { type }
    case 'access':
      return entry === null ? null : { type, entry }
  }
}

/** The leaf of a row, with its body. */
export function toLeaf(row: LeafRow): StoredLeaf {
  return { index: row.index, type: row.type, text: row.text, hash: row.hash, body: toBody(row) }
}

/** The contact of a row. */
export function toContact(row: ContactRow): Contact {
  return {
    id: row.id, site: row.site, email: row.email, language: row.language, recordId: row.record_id,
    principalId: row.principal_id, createdAt: row.created_at, source: row.source, hasContract: row.has_contract === 1,
    mailBlock: row.mail_block, purge: row.purge, dueAt: row.due_at ?? row.created_at,
  }
}

/** The row of a contact. */
export function fromContact(contact: Contact): ContactRow {
  return {
    id: contact.id, site: contact.site, email: contact.email, folded_email: foldEmail(contact.email), language: contact.language,
    record_id: contact.recordId, principal_id: contact.principalId, created_at: contact.createdAt, source: contact.source,
    has_contract: contact.hasContract ? 1 : 0, mail_block: contact.mailBlock, purge: contact.purge, due_at: contact.dueAt, leased_until: null,
  }
}

/** The opt-in of a row. */
export function toOptIn(row: OptInRow): OptIn {
  return { contactId: row.contact_id, eventHash: row.event_hash, createdAt: row.created_at, confirmedAt: row.confirmed_at }
}

/** The row of an opt-in. */
export function fromOptIn(optIn: OptIn): OptInRow {
  return { contact_id: optIn.contactId, event_hash: optIn.eventHash, created_at: optIn.createdAt, confirmed_at: optIn.confirmedAt }
}

function toIds(json: string | null): string[] | null {
  return json === null ? null : (JSON.parse(json) as string[])
}

/** The link of a row. */
export function toLink(row: LinkRow): Link {
  return {
    tokenHash: row.token_hash, kind: row.kind, site: row.site, contactId: row.contact_id, purposeId: row.purpose_id, origin: row.origin,
    undo: toIds(row.undo), renew: toIds(row.renew), restoreEmail: row.restore_email,
    createdAt: row.created_at, expiresAt: row.expires_at, revokedAt: row.revoked_at,
  }
}

/** The row of a link. */
export function fromLink(link: Link): LinkRow {
  return {
    token_hash: link.tokenHash, kind: link.kind, site: link.site, contact_id: link.contactId, purpose_id: link.purposeId, origin: link.origin,
    undo: link.undo && JSON.stringify(link.undo), renew: link.renew && JSON.stringify(link.renew), restore_email: link.restoreEmail,
    created_at: link.createdAt, expires_at: link.expiresAt, revoked_at: link.revokedAt,
  }
}

/** The session of a row. */
export function toSession(row: SessionRow): Session {
  return {
    cookieHash: row.cookie_hash, handleHash: row.handle_hash, tokenHash: row.token_hash, csrf: row.csrf,
    createdAt: row.created_at, expiresAt: row.expires_at,
  }
}

/** The row of a session. */
export function fromSession(session: Session): SessionRow {
  return {
    cookie_hash: session.cookieHash, handle_hash: session.handleHash, token_hash: session.tokenHash, csrf: session.csrf,
    created_at: session.createdAt, expires_at: session.expiresAt,
  }
}

/** The mail of a row. */
export function toMail(row: MailRow): QueuedMail {
  return {
    id: row.id, site: row.site, kind: row.kind, language: row.language, createdAt: row.created_at, attempts: row.attempts, dueAt: row.due_at,
    recipient: row.contact_id === null ? { email: row.email! } : { contactId: row.contact_id, ...(row.email === null ? {} : { email: row.email }) },
    details: JSON.parse(row.details) as QueuedMail['details'],
    ...(row.handing_over_at === null ? {} : { handingOverAt: row.handing_over_at }), ...(row.stuck === null ? {} : { stuck: row.stuck }),
  }
}

/** The row of a mail that nobody has leased. */
export function fromMail(mail: QueuedMail): MailRow {
  const { recipient } = mail
  return {
    id: mail.id, site: mail.site, kind: mail.kind, language: mail.language, created_at: mail.createdAt, attempts: mail.attempts, due_at: mail.dueAt,
    contact_id: 'contactId' in recipient ? recipient.contactId : null,
    email: recipient.email ?? null,
    details: JSON.stringify(mail.details), leased_until: null, handing_over_at: mail.handingOverAt ?? null, stuck: mail.stuck ?? null,
  }
}

/** The code of a row. */
export function toCode(row: CodeRow): StepCode {
  return {
    sessionHash: row.session_hash, action: row.action, contactId: row.contact_id, codeHash: row.code_hash, newEmail: row.new_email,
    tries: row.tries, expiresAt: row.expires_at, passedAt: row.passed_at,
  }
}

/** The row of a code. */
export function fromCode(code: StepCode): CodeRow {
  return {
    session_hash: code.sessionHash, action: code.action, contact_id: code.contactId, code_hash: code.codeHash, new_email: code.newEmail,
    tries: code.tries, expires_at: code.expiresAt, passed_at: code.passedAt,
  }
}

/** The mailing of a row. */
export function toMailing({ per_hour, created_at, next_at, ...row }: MailingRow): Mailing {
  return { ...row, perHour: per_hour, createdAt: created_at, nextAt: next_at }
}

/** The row of a mailing. */
export function fromMailing({ perHour, createdAt, nextAt, ...mailing }: Mailing): MailingRow {
  return { ...mailing, per_hour: perHour, created_at: createdAt, next_at: nextAt }
}
