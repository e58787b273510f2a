// A store in memory, for tests and the mock: the same promises as the SQL store, kept until the tab or the
// process ends. What goes in and what comes out are copies, so nobody changes what is stored from outside.
import type { Bytes } from '../core/bytes.ts'
import { parseLeaf } from '../core/leaf.ts'
import type { Site } from '../core/site.ts'
import { checkAppend } from './append.ts'
import { hashText } from '../core/hash.ts'
import { createMemoryContacts, emailSlot, type HeldMail } from './contacts-memory.ts'
import { compareMails, isMailOf } from './mail-order.ts'
import type { StepCode } from './store-contacts.ts'
import { createMemoryTokens } from './store-tokens.ts'
import type {
  Append, Contact, ErasedEvent, Erasure, Link, OptIn, Session, Store, StoredBuild, StoredBuildFile, StoredCosignature, StoredEvent, StoredLeaf, StoredStamp,
} from './store.ts'

interface Log {
  leaves: StoredLeaf[]
  tiles: Map<string, Bytes>
  /** By size, which only grows: the order of insertion is the order of sizes. */
  checkpoints: Map<number, { note: string; root: string }>
  /** Index of the first notice and of the event with this hash, by `type hash`. */
  indexByHash: Map<string, number>
}

const copy = structuredClone

function requireNew(what: string, keys: readonly string[], known: ReadonlyMap<string, unknown>): void {
  const twice = keys.find((key) => known.has(key)) ?? (new Set(keys).size < keys.length ? 'of this batch' : undefined)
  if (twice !== undefined) throw new Error(`${what} ${twice} is there already.`)
}

/** An empty store. */
export function createMemoryStore(): Store {
  const sites = new Map<string, Site>()
  const logs = new Map<string, Log>()
  const events = new Map<string, StoredEvent>()
  const records = new Map<string, StoredEvent[]>()
  const contacts = new Map<string, Contact>()
  const contactsByEmail = new Map<string, Contact>()
  const optIns = new Map<string, OptIn>()
  const links = new Map<string, Link>()
  const sessions = new Map<string, Session>()
  const cosignatures = new Map<string, StoredCosignature[]>()
  const stamps = new Map<string, StoredStamp[]>()
  const builds = new Map<string, StoredBuild>()
  const buildFiles = new Map<string, StoredBuildFile>()
  const mails = new Map<string, HeldMail>()
  const codes = new Map<string, StepCode>()
  const done = new Map<string, Set<string>>()
  /** By the hash of the event_id. */
  const erased = new Map<string, ErasedEvent & { recordHash: string }>()

  const optInSlot = (optIn: OptIn) => `${optIn.contactId} ${optIn.eventHash}`
  const optInsOf = (contactId: string) => [...optIns.values()].filter((optIn) => optIn.contactId === contactId)
  const findLog = (site: string): Log => logs.get(site) ?? { leaves: [], tiles: new Map(), checkpoints: new Map(), indexByHash: new Map() }

  function requireContact(id: string): void {
    if (!contacts.has(id)) throw new Error(`There is no contact ${id}.`)
  }

  function requireCheckpoint(site: string, size: number): void {
    if (!findLog(site).checkpoints.has(size)) throw new Error(`${site} has no checkpoint of size ${size}.`)
  }

  // Everything that can go wrong goes wrong here, before `write` changes anything.
  function checkBatch(batch: Append, log: Log): void {
    requireNew('Event', batch.leaves.flatMap(({ body }) => (body.type === 'event' ? [body.eventId] : [])), events)
    requireNew('Opt-in', batch.optIns.map(optInSlot), optIns)
    requireNew('Mail', batch.mails.map((mail) => mail.id), mails)
    for (const { contactId } of batch.optIns) requireContact(contactId)
    if (batch.erasure?.indices.some((index) => log.leaves[index]?.body?.type !== 'event')) throw new Error('What is to be erased is no event with a body.')
    const known = log.checkpoints.get(batch.checkpoint.size)
    if (known && known.root !== batch.checkpoint.root) throw new Error(`The log had another root at size ${batch.checkpoint.size}.`)
  }

  function writeLeaf(site: string, log: Log, leaf: StoredLeaf): void {
    const { index, type, hash, body } = leaf
    log.leaves.push(leaf)
    const slot = `${type} ${hash}`
    if (!log.indexByHash.has(slot)) log.indexByHash.set(slot, index)
    if (body?.type !== 'event') return
    const { type: _type, ...rest } = body
    const event = { site, index, leaf: leaf.text, hash, ...rest }
    events.set(event.eventId, event)
    const record = records.get(event.recordId)
    if (record) record.push(event)
    else records.set(event.recordId, [event])
  }

  function write(batch: Append, log: Log): void {
    const { site, expectedSize, checkpoint } = batch
    logs.set(site, log)
    for (const [i, leaf] of batch.leaves.entries()) writeLeaf(site, log, { index: expectedSize + i, ...leaf })
    for (const { level, index, hashes } of batch.tiles) log.tiles.set(`${level}/${index}`, hashes)
    if (!log.checkpoints.has(checkpoint.size)) log.checkpoints.set(checkpoint.size, { note: checkpoint.note, root: checkpoint.root })
    for (const optIn of batch.optIns) optIns.set(optInSlot(optIn), optIn)
    for (const mail of batch.mails) mails.set(mail.id, { mail, leasedUntil: '' })
    if (batch.erasure) erase(site, log, batch.erasure)
  }

  function eraseEvent(site: string, leaf: StoredLeaf): void {
    if (leaf.body?.type !== 'event') return
    const { eventId, recordId } = leaf.body
    leaf.body = null
    erased.set(hashText(eventId), { site, index: leaf.index, hash: leaf.hash, recordHash: hashText(recordId) })
    events.delete(eventId)
    const left = (records.get(recordId) ?? []).filter((event) => event.eventId !== eventId)
    if (left.length > 0) records.set(recordId, left)
    else records.delete(recordId)
  }

  function eraseContact(contact: Contact): void {
    contacts.delete(contact.id)
    contactsByEmail.delete(emailSlot(contact.site, contact.email))
    done.delete(contact.id)
    for (const [slot, { contactId }] of codes) if (contactId === contact.id) codes.delete(slot)
    for (const link of links.values()) {
      if (link.contactId !== contact.id) continue
      links.delete(link.tokenHash)
      for (const [hash, session] of sessions) if (session.tokenHash === link.tokenHash) sessions.delete(hash)
    }
  }

  function erase(site: string, log: Log, { indices, contactIds }: Erasure): void {
    const hashes = new Set(indices.map((index) => log.leaves[index]!.hash))
    const gone = contactIds.flatMap((id) => contacts.get(id) ?? [])
    for (const index of indices) eraseEvent(site, log.leaves[index]!)
    for (const [slot, optIn] of optIns) if (hashes.has(optIn.eventHash) || contactIds.includes(optIn.contactId)) optIns.delete(slot)
    for (const [id, { mail }] of mails) if (mail.site === site && isMailOf(mail, gone, hashes)) mails.delete(id)
    for (const contact of gone) eraseContact(contact)
  }

  function ensureContact(contact: Contact): Contact {
    const slot = emailSlot(contact.site, contact.email)
    const known = contactsByEmail.get(slot)
    if (known) return known
    requireNew('Contact', [contact.id], contacts)
    const added = copy(contact)
    contacts.set(added.id, added)
    contactsByEmail.set(slot, added)
    return added
  }

  return {
    ...createMemoryTokens(),
    ...createMemoryContacts({ contacts, contactsByEmail, links, mails, codes, done }, ensureContact),

    async saveSite(site) {
      sites.set(site.site, copy(site))
    },
    findSite: async (site) => copy(sites.get(site)),
    listSites: async () => [...sites.values()].sort((a, b) => (a.site < b.site ? -1 : 1)).map((site) => copy(site)),

    async readHead(site) {
      const { leaves, checkpoints } = findLog(site)
      const last = leaves.at(-1)
      return {
        size: leaves.length,
        checkpoint: checkpoints.get(leaves.length)?.note ?? null,
        lastReceivedAt: last ? parseLeaf(last.text).received_at : null,
      }
    },
    readTiles: async (site, tiles) => tiles.map(({ level, index }) => copy(findLog(site).tiles.get(`${level}/${index}`))),
    readLeaves: async (site, start, end) => copy(findLog(site).leaves.slice(Math.max(start, 0), Math.max(end, 0))),
    findCheckpoint: async (site, size) => copy(findLog(site).checkpoints.get(size)),
    async findFirstCheckpoint(site, index) {
      for (const [size, { note }] of findLog(site).checkpoints) if (size > index) return { size, note }
      return undefined
    },
    async append(batch) {
      checkAppend(batch)
      const log = findLog(batch.site)
      if (log.leaves.length !== batch.expectedSize) return false
      checkBatch(batch, log)
      write(copy(batch), log)
      return true
    },

    async addCosignature(cosignature) {
      requireCheckpoint(cosignature.site, cosignature.size)
      const slot = `${cosignature.site} ${cosignature.size}`
      const kept = cosignatures.get(slot) ?? []
      if (kept.some(({ witness }) => witness === cosignature.witness)) return
      cosignatures.set(slot, [...kept, copy(cosignature)].sort((a, b) => (a.witness < b.witness ? -1 : 1)))
    },
    readCosignatures: async (site, size) => copy(cosignatures.get(`${site} ${size}`) ?? []),
    async findCosignedSize(site, atLeast) {
      const sizes = [...findLog(site).checkpoints.keys()].reverse()
      return sizes.find((size) => (cosignatures.get(`${site} ${size}`)?.length ?? 0) >= atLeast)
    },
    async keepBuild(build, files) {
      if (!builds.has(build.build)) builds.set(build.build, copy(build))
      for (const file of files) if (!buildFiles.has(file.name)) buildFiles.set(file.name, copy(file))
    },
    findBuild: async (build) => copy(builds.get(build)),
    findBuildFile: async (name) => copy(buildFiles.get(name)),

    async addStamp(stamp) {
      requireCheckpoint(stamp.site, stamp.size)
      const kept = stamps.get(stamp.site) ?? []
      if (kept.some(({ size }) => size === stamp.size)) return
      stamps.set(stamp.site, [...kept, copy(stamp)].sort((a, b) => b.size - a.size))
    },
    findStamp: async (site, maxSize = Infinity) => copy(stamps.get(site)?.find(({ size }) => size <= maxSize)),

    async recallEvents(site, { eventIds, recordIds, hashes }) {
      const { leaves, indexByHash } = findLog(site)
      const named = hashes.flatMap((hash) => {
        const body = leaves[indexByHash.get(`event ${hash}`) ?? -1]?.body
        return body?.type === 'event' ? [body.eventId] : []
      })
      const isKnown = (recordId: string) => records.get(recordId)?.some((event) => event.site === site)
        || [...erased.values()].some((event) => event.site === site && event.recordHash === hashText(recordId))
        || [...contacts.values()].some((contact) => contact.recordId === recordId)
      return {
        events: copy([...new Set([...eventIds, ...named])].flatMap((id) => events.get(id) ?? [])),
        erasedIds: eventIds.filter((id) => erased.has(hashText(id))),
        recordIds: recordIds.filter(isKnown),
      }
    },
    findEvent: async (eventId) => copy(events.get(eventId)),
    async findEventByHash(site, hash) {
      const { leaves, indexByHash } = findLog(site)
      const body = leaves[indexByHash.get(`event ${hash}`) ?? -1]?.body
      return body?.type === 'event' ? copy(events.get(body.eventId)) : undefined
    },
    readRecord: async (site, recordId) => copy((records.get(recordId) ?? []).filter((event) => event.site === site)),
    findRecordSite: async (recordId) => records.get(recordId)?.[0]?.site,
    findRecordStart: async (site, recordId) => copy((records.get(recordId) ?? []).find((event) => event.site === site)),
    readKeys: async (site) => findLog(site).leaves.flatMap(({ index, hash, body }) => (body?.type === 'key' ? [{ index, hash, jwk: body.jwk }] : [])),
    async findErased(eventId) {
      const found = erased.get(hashText(eventId))
      return found && { site: found.site, index: found.index, hash: found.hash }
    },
    readErased: async (site, recordId) => [...erased.values()].filter((event) => event.site === site && event.recordHash === hashText(recordId))
      .map(({ index, hash }) => ({ site, index, hash })).sort((a, b) => a.index - b.index),
    findErasureLeaf: async (site, hash) => findLog(site).indexByHash.get(`erasure ${hash}`),
    scrub: async () => true,
    async findNotice(site, hash) {
      const { leaves, indexByHash } = findLog(site)
      const leaf = leaves[indexByHash.get(`notice ${hash}`) ?? -1]
      return leaf?.body?.type === 'notice' ? { json: leaf.body.json, index: leaf.index, leaf: leaf.text } : undefined
    },

    ensureContact: async (contact) => copy(ensureContact(contact)),
    findContact: async (id) => copy(contacts.get(id)),
    findContactByEmail: async (site, email) => copy(contactsByEmail.get(emailSlot(site, email))),
    findContactByRecord: async (recordId) => copy([...contacts.values()].find((contact) => contact.recordId === recordId)),
    readOptIns: async (contactId) => copy(optInsOf(contactId).sort((a, b) =>
      a.createdAt === b.createdAt ? (a.eventHash < b.eventHash ? -1 : 1) : a.createdAt < b.createdAt ? -1 : 1)),
    async confirmOptIns(contactId, confirmedAt) {
      for (const optIn of optInsOf(contactId)) optIn.confirmedAt ??= confirmedAt
    },

    async addLink(link) {
      requireContact(link.contactId)
      requireNew('Link', [link.tokenHash], links)
      links.set(link.tokenHash, copy(link))
    },
    findLink: async (tokenHash) => copy(links.get(tokenHash)),
    async revokeRequestedLinks(contactId, exceptTokenHash, revokedAt) {
      for (const link of links.values()) {
        const isMeant = link.contactId === contactId && link.kind === 'P' && link.origin === 'requested'
        if (isMeant && link.tokenHash !== exceptTokenHash) link.revokedAt ??= revokedAt
      }
    },
    async addSession(session) {
      if (!links.has(session.tokenHash)) throw new Error('There is no such link.')
      requireNew('Session', [session.cookieHash, session.handleHash], sessions)
      const added = copy(session)
      sessions.set(added.cookieHash, added).set(added.handleHash, added)
    },
    findSession: async (hash) => copy(sessions.get(hash)),
    async deleteSessions(expiredBefore) {
      for (const [hash, session] of sessions) if (session.expiresAt < expiredBefore) sessions.delete(hash)
    },

    async queueMail(mail) {
      requireNew('Mail', [mail.id], mails)
      mails.set(mail.id, { mail: copy(mail), leasedUntil: '' })
    },
    async leaseMails(now, leaseUntil, limit) {
      const due = [...mails.values()]
        .filter(({ mail, leasedUntil }) => mail.stuck === undefined && mail.dueAt <= now && leasedUntil <= now)
        .sort((a, b) => compareMails(a.mail, b.mail))
        .slice(0, limit)
      for (const waiting of due) waiting.leasedUntil = leaseUntil
      return due.map(({ mail }) => copy(mail))
    },
    async deleteMail(id) {
      mails.delete(id)
    },
    async postponeMail(id, dueAt) {
      const waiting = mails.get(id)
      if (!waiting) return
      const { handingOverAt: _at, ...mail } = waiting.mail
      waiting.mail = { ...mail, dueAt, attempts: mail.attempts + 1 }
      waiting.leasedUntil = ''
    },

    async close() {},
  }
}
