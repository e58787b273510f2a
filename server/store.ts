// What every store must do: keep sites, logs with their bodies, contacts, links and waiting mail. A log is named by its site, or as
// core/access.ts says by that of the accesses to it. Reads are
// plain; the one write that matters, `append`, happens wholly or not at all and only onto the size it expects,
// so each log has one order however many processes write to it.
import type { Bytes } from '../core/bytes.ts'
import type { LeafType } from '../core/leaf.ts'
import type { Site } from '../core/site.ts'
import type { MailKind } from '../preference-center/mail-kinds.ts'
import type { CodeAction, ContactStore } from './store-contacts.ts'
import type { TokenStore } from './store-tokens.ts'

/** The end of a log. */
export interface LogHead {
  size: number
  /** The signed checkpoint of exactly this size; null before the log has one. */
  checkpoint: string | null
  /** received_at of the last leaf; null in an empty log. */
  lastReceivedAt: string | null
}

/** A C2SP hash tile: up to 256 hashes of 32 bytes at level 0 (leaf hashes), 1 (roots of 256 leaves), … */
export interface TileId {
  level: number
  index: number
}

/** A tile's hashes, one after the other. Its length says how wide it is so far. */
export interface Tile extends TileId {
  hashes: Bytes
}

/** What lies beside a leaf. */
export type LeafBody =
  | { type: 'event'; eventId: string; recordId: string; jws: string; payloadPart: string; noticeHash: string; keyBinding?: string }
  | { type: 'notice'; json: string }
  | { type: 'key'; jwk: string }
  | { type: 'erasure' }
  | { type: 'access'; entry: string }

/** A leaf as stored. */
export interface StoredLeaf {
  index: number
  type: LeafType
  /** The leaf's exact text. */
  text: string
  hash: string
  /** null once the body was erased. */
  body: LeafBody | null
}

/** A stored event with its place in the log. */
export interface StoredEvent {
  site: string
  index: number
  leaf: string
  hash: string
  eventId: string
  recordId: string
  jws: string
  payloadPart: string
  noticeHash: string
  /** The statement that let its key into the record, where it came with one; see core/key-binding.ts. */
  keyBinding?: string
}

/** A key leaf. */
export interface StoredKey {
  index: number
  hash: string
  /** JCS of the public JWK. */
  jwk: string
}

/** An event whose body was erased. */
export interface ErasedEvent {
  site: string
  index: number
  hash: string
}

/** A person whose address is known to a site. */
export interface Contact {
  id: string
  site: string
  /** As typed, trimmed; looked up without regard to case. */
  email: string
  language: string
  /** The contact's own record and pseudonym: never those of a device. */
  recordId: string
  principalId: string
  createdAt: string
  /** Where the address is from, in words for the person; null where they typed it in themselves. */
  source: string | null
  /** Whether a contract with this person is known, so that nobody is put up for purging who has one. */
  hasContract: boolean
  /** Why nothing is sent unasked any more: the address refused a mail for good, or its owner reported one. */
  mailBlock: 'bounced' | 'complained' | null
  /** `proposed`: waits for a person to decide whether to purge it. `kept`: was decided. */
  purge: 'proposed' | 'kept' | null
  /** When to look next at what is due for this contact. */
  dueAt: string
}

/** An opt-in event that came with a typed address, waiting until somebody confirms through the link in the mail. */
export interface OptIn {
  contactId: string
  eventHash: string
  createdAt: string
  confirmedAt: string | null
}

/** P: see and change. U: withdraw only. */
export type LinkKind = 'P' | 'U'

/** A link. Only the SHA-256 of its token is kept. */
export interface Link {
  /** base64url SHA-256 of the token's 43 characters. */
  tokenHash: string
  kind: LinkKind
  site: string
  contactId: string
  /** U of a campaign: the one purpose it covers; null: all contact purposes. */
  purposeId: string | null
  /** `sent`: by us, unasked. `requested`: by the person, through "e-mail me my link". */
  origin: 'sent' | 'requested'
  /** P of a change mail: the earlier state to open with, purpose ids that were granted; else null. */
  undo: string[] | null
  /** P of a mail that asks to renew: ids of the purposes; else null. */
  renew: string[] | null
  /** P of a mail that tells of a new address: the one before; else null. */
  restoreEmail: string | null
  createdAt: string
  /** null: lives on. */
  expiresAt: string | null
  revokedAt: string | null
}

/** A visit to the preference centre, opened by GET /p/{token}. All secrets are stored as base64url SHA-256. */
export interface Session {
  cookieHash: string
  handleHash: string
  tokenHash: string
  /** The CSRF token of its forms. */
  csrf: string
  createdAt: string
  expiresAt: string
}

/** A mail that waits to be sent. The links in it are made when it is sent, so no token is ever stored. */
export interface QueuedMail {
  id: string
  site: string
  kind: MailKind
  /**
   * For a `link` that was asked for, the typed address, looked up only when the mail is due, so known and unknown take
   * the same time. With both, the mail goes to this address in place of the contact's.
   */
  recipient: { contactId: string; email?: string } | { email: string }
  language: string
  details: MailDetails
  createdAt: string
  attempts: number
  /** Not before this time. */
  dueAt: string
  /** Set while it is handed over; found set later, the mail may have gone or not. */
  handingOverAt?: string
  /** `gave_up`: refused again and again. `uncertain`: it may have gone, and is not sent twice. */
  stuck?: 'gave_up' | 'uncertain'
}

/** What a mail is about. */
export interface MailDetails {
  /** The event of the opt-in (confirm) or of the change (changed, verbal). */
  eventHash?: string
  /** Ids granted before the change: what its undo link opens with. */
  grantedBefore?: string[]
  /** reask, remind: ids of the purposes that end, and when. */
  purposes?: string[]
  end?: string
  /** verbal: who noted it. */
  staff?: string
  /** code, new_address: which visit asked, and what for. */
  code?: { sessionHash: string; action: CodeAction }
}

/**
 * What goes for good: event bodies, of which only hashes of event_id and record_id stay, so that neither comes
 * back unnoticed; and contacts with their opt-ins, links, sessions and waiting mails. Opt-ins and mails that name
 * an erased event go too. Notices stay: others were shown them.
 */
export interface Erasure {
  /** Leaves of events in this log. */
  indices: number[]
  contactIds: string[]
}

/** A witness's signature line under a published checkpoint. */
export interface StoredCosignature {
  site: string
  /** Size of the checkpoint. */
  size: number
  /** The witness's vkey. */
  witness: string
  /** The line, with its newline. */
  line: string
}

/** A build of the widget that was served: what it takes to draw a banner again as it looked. */
export interface StoredBuild {
  /** What `source.build` of an event names. */
  build: string
  /** Which shape of configuration this build takes. */
  format: number
  loader: string
  /** Name of the file that the loader loads. */
  rest: string
}

/** A file of a build; its name has a hash of its content. */
export interface StoredBuildFile {
  name: string
  type: string
  body: string
}

/** An RFC 3161 time stamp of a published checkpoint. */
export interface StoredStamp {
  site: string
  /** Size of the checkpoint. */
  size: number
  /** The token: DER, standard base64. */
  token: string
  /** When it was received. */
  stampedAt: string
}

/** One batch: all of it or nothing. */
export interface Append {
  site: string
  /** The size the log must have; else nothing is written and `append` answers false. */
  expectedSize: number
  leaves: { type: LeafType; text: string; hash: string; body: LeafBody }[]
  /** Every tile that the batch touches, with its whole new content. */
  tiles: Tile[]
  /** The signed checkpoint of the new size, and its root as standard base64. */
  checkpoint: { size: number; note: string; root: string }
  optIns: OptIn[]
  mails: QueuedMail[]
  erasure?: Erasure | undefined
}

/** What is asked about a batch of events before it is written. */
export interface Recalling {
  eventIds: readonly string[]
  recordIds: readonly string[]
  /** Hashes of events. */
  hashes: readonly string[]
}

/** What the store has of what was asked. */
export interface Recalled {
  /** Events of these ids, whatever their site, and of these hashes in the site's log. */
  events: StoredEvent[]
  /** Ids of events that were erased. */
  erasedIds: string[]
  /** Ids of records that the site has events of, now or before they were erased, or that belong to a contact. */
  recordIds: string[]
}

/** A store. Every method may be called at any time from several places. */
export interface Store extends ContactStore, TokenStore {
  saveSite(site: Site): Promise<void>
  findSite(site: string): Promise<Site | undefined>
  listSites(): Promise<Site[]>

  readHead(site: string): Promise<LogHead>
  /** The tiles asked for, in order; undefined for one that the log does not have. */
  readTiles(site: string, tiles: readonly TileId[]): Promise<(Bytes | undefined)[]>
  /** Leaves [start, end), in order. */
  readLeaves(site: string, start: number, end: number): Promise<StoredLeaf[]>
  /** The published checkpoint of exactly this size. */
  findCheckpoint(site: string, size: number): Promise<{ note: string; root: string } | undefined>
  /** The first published checkpoint that covers the leaf at this index, so that a receipt stays the same for good. */
  findFirstCheckpoint(site: string, index: number): Promise<{ size: number; note: string } | undefined>
  /** Writes a batch; false, and nothing written, where the log has another size by now. */
  append(batch: Append): Promise<boolean>

  /** Keeps a cosignature; the first of a witness for a checkpoint stays. Throws where the checkpoint was never published. */
  addCosignature(cosignature: StoredCosignature): Promise<void>
  /** The cosignatures of the checkpoint of this size, ordered by vkey. */
  readCosignatures(site: string, size: number): Promise<StoredCosignature[]>
  /** Size of the newest checkpoint that so many witnesses (1 or more) cosigned. */
  findCosignedSize(site: string, atLeast: number): Promise<number | undefined>
  /** Keeps a build and its files; one that is known stays as it is. */
  keepBuild(build: StoredBuild, files: readonly StoredBuildFile[]): Promise<void>
  findBuild(build: string): Promise<StoredBuild | undefined>
  findBuildFile(name: string): Promise<StoredBuildFile | undefined>

  /** Keeps a stamp; the first of a checkpoint stays. Throws where the checkpoint was never published. */
  addStamp(stamp: StoredStamp): Promise<void>
  /** The stamp of the largest checkpoint that has one, up to this size. */
  findStamp(site: string, maxSize?: number): Promise<StoredStamp | undefined>

  /** What is known of a batch's events: a few queries for all of them. */
  recallEvents(site: string, asked: Recalling): Promise<Recalled>
  findEvent(eventId: string): Promise<StoredEvent | undefined>
  findEventByHash(site: string, hash: string): Promise<StoredEvent | undefined>
  /** Events of a record in log order. */
  readRecord(site: string, recordId: string): Promise<StoredEvent[]>
  /** Site that has a record of this id. */
  findRecordSite(recordId: string): Promise<string | undefined>
  /** The first event of a record that still has its body. */
  findRecordStart(site: string, recordId: string): Promise<StoredEvent | undefined>
  findNotice(site: string, hash: string): Promise<{ json: string; index: number; leaf: string } | undefined>
  /** Key leaves in log order. */
  readKeys(site: string): Promise<StoredKey[]>

  /** Whether an event with this id was recorded and erased, in any site. */
  findErased(eventId: string): Promise<ErasedEvent | undefined>
  /** Erased events of a record, in log order. */
  readErased(site: string, recordId: string): Promise<ErasedEvent[]>
  /** Index of the erasure leaf for an erased hash. */
  findErasureLeaf(site: string, hash: string): Promise<number | undefined>
  /** Clears what erased rows left behind in files; false where somebody reads just now and it has to be asked again. */
  scrub(): Promise<boolean>

  /** The site's contact with this address (case folded), made from `contact` where there is none. */
  ensureContact(contact: Contact): Promise<Contact>
  findContact(id: string): Promise<Contact | undefined>
  findContactByEmail(site: string, email: string): Promise<Contact | undefined>
  /** The contact whose own record this is. */
  findContactByRecord(recordId: string): Promise<Contact | undefined>
  readOptIns(contactId: string): Promise<OptIn[]>
  confirmOptIns(contactId: string, confirmedAt: string): Promise<void>

  addLink(link: Link): Promise<void>
  findLink(tokenHash: string): Promise<Link | undefined>
  /** Revokes the contact's self-requested P links, but not this one. */
  revokeRequestedLinks(contactId: string, exceptTokenHash: string, revokedAt: string): Promise<void>
  addSession(session: Session): Promise<void>
  /** By the hash of the cookie or of the handle. */
  findSession(hash: string): Promise<Session | undefined>
  deleteSessions(expiredBefore: string): Promise<void>

  queueMail(mail: QueuedMail): Promise<void>
  /** Mails that are due, oldest first; each is leased until `leaseUntil` so that nobody else sends it. */
  leaseMails(now: string, leaseUntil: string, limit: number): Promise<QueuedMail[]>
  deleteMail(id: string): Promise<void>
  /** Puts a mail that could not be sent back, with one more attempt counted. */
  postponeMail(id: string, dueAt: string): Promise<void>

  close(): Promise<void>
}
