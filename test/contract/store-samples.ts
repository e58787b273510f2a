// What store tests put into stores: small but real leaves, bodies, contacts, links and mails.
import { toBase64 } from '../../core/bytes.ts'
import { hashText, sha256 } from '../../core/hash.ts'
import { formatLeaf, type LeafType } from '../../core/leaf.ts'
import type { Site } from '../../core/site.ts'
import { hashLeaf } from '../../core/tree.ts'
import { concat, utf8 } from '../../core/bytes.ts'
import type { Append, Contact, LeafBody, Link, OptIn, QueuedMail, Session } from '../../server/store.ts'

type SampleLeaf = Append['leaves'][number]

/** `2026-11-22T10:00:00.000Z` plus minutes. */
export function timeAt(minutes: number): string {
  return new Date(Date.UTC(2026, 10, 22, 10, minutes)).toISOString()
}

/** A site of this id. */
export function sampleSite(site: string, name = 'Shop'): Site {
  return { site, name, origins: [`https://${site}.example`], default_language: 'en', notices: [] }
}

function sampleLeaf(type: LeafType, hash: string, body: LeafBody, minutes: number): SampleLeaf {
  return { type, hash, body, text: formatLeaf({ type, hash, received_at: timeAt(minutes) }) }
}

/** An event leaf; everything about it follows from its name. */
export function sampleEvent(name: string, { recordId = 'record', minutes = 0 } = {}): SampleLeaf {
  const jws = `header.${name}.signature`
  return sampleLeaf('event', hashText(jws), {
    type: 'event', eventId: `event-${name}`, recordId, jws, payloadPart: name, noticeHash: hashText('notice'),
  }, minutes)
}

/** A notice leaf. */
export function sampleNotice(json: string, minutes = 0): SampleLeaf {
  return sampleLeaf('notice', hashText(json), { type: 'notice', json }, minutes)
}

/** A key leaf. */
export function sampleKey(jwk: string): SampleLeaf {
  return sampleLeaf('key', hashText(jwk), { type: 'key', jwk }, 0)
}

/** A leaf of a log of accesses. */
export function sampleAccess(entry: string, minutes = 0): SampleLeaf {
  return sampleLeaf('access', hashText(entry), { type: 'access', entry }, minutes)
}

/** An erasure leaf that names this leaf's hash. */
export function sampleErasure(erased: SampleLeaf): SampleLeaf {
  return sampleLeaf('erasure', erased.hash, { type: 'erasure' }, 0)
}

/** A batch of these leaves onto a log of `expectedSize`, with a tile and a checkpoint that go with its size. */
export function sampleBatch(expectedSize: number, leaves: SampleLeaf[], rest: Partial<Append> = {}): Append {
  const size = expectedSize + leaves.length
  const hashes = concat(...leaves.map((leaf) => hashLeaf(utf8(leaf.text))))
  return {
    site: 'shop', expectedSize, leaves,
    tiles: leaves.length > 0 ? [{ level: 0, index: expectedSize, hashes }] : [],
    checkpoint: { size, note: `checkpoint of ${size}`, root: toBase64(sha256(utf8(`root of ${size}`))) },
    optIns: [], mails: [], ...rest,
  }
}

/** A contact whose id follows from its address. */
export function sampleContact(email: string, rest: Partial<Contact> = {}): Contact {
  return {
    id: `contact-${email}`, site: 'shop', email, language: 'de', recordId: `record-${email}`, principalId: `principal-${email}`,
    createdAt: timeAt(0), source: null, hasContract: false, mailBlock: null, purge: null, dueAt: timeAt(0), ...rest,
  }
}

/** An opt-in that waits for its confirmation. */
export function sampleOptIn(contactId: string, eventHash: string, createdAt = timeAt(0)): OptIn {
  return { contactId, eventHash, createdAt, confirmedAt: null }
}

/** A P link that the contact asked for. */
export function sampleLink(tokenHash: string, contactId: string, rest: Partial<Link> = {}): Link {
  return {
    tokenHash, kind: 'P', site: 'shop', contactId, purposeId: null, origin: 'requested', undo: null, renew: null, restoreEmail: null,
    createdAt: timeAt(0), expiresAt: timeAt(24 * 60), revokedAt: null, ...rest,
  }
}

/** A session through a link, open until minute 10. */
export function sampleSession(name: string, tokenHash: string, rest: Partial<Session> = {}): Session {
  return {
    cookieHash: `cookie-${name}`, handleHash: `handle-${name}`, tokenHash, csrf: `csrf-${name}`,
    createdAt: timeAt(0), expiresAt: timeAt(10), ...rest,
  }
}

/** A confirmation mail that is due at minute 0. */
export function sampleMail(id: string, rest: Partial<QueuedMail> = {}): QueuedMail {
  return {
    id, site: 'shop', kind: 'confirm', recipient: { contactId: 'contact' }, language: 'de', details: { eventHash: 'hash' },
    createdAt: timeAt(0), attempts: 0, dueAt: timeAt(0), ...rest,
  }
}
