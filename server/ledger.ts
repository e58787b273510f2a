// The sequencer: takes what was verified, checks it against the log, and writes one batch at a time: leaves,
// tiles, one signed checkpoint. It answers only after the commit, so a receipt is proof and not a promise.
import { toBase64, utf8 } from '../core/bytes.ts'
import { type Checkpoint, formatNoteKey, type NoteSigner, signCheckpoint } from '../core/checkpoint.ts'
import { checkAgainstNotice, type ConsentEvent, type EventDraft, type ReadEvent, readEvent, signEvent } from '../core/event.ts'
import { hashJson } from '../core/hash.ts'
import { formatLeaf, type LeafType } from '../core/leaf.ts'
import { hashNotice, type Notice } from '../core/notice.ts'
import { formatProof, type Receipt } from '../core/receipt.ts'
import { Refusal, refuse } from '../core/refusal.ts'
import type { Site } from '../core/site.ts'
import { formatTime } from '../core/time.ts'
import { computeRoot, EMPTY_ROOT, hashLeaf, proveInclusion } from '../core/tree.ts'
import type { Signer } from './signer.ts'
import type { Append, LeafBody, LogHead, OptIn, QueuedMail, Store, StoredEvent } from './store.ts'
import { createNodeReader, growTiles } from './tiles.ts'

const BATCH_LEAVES = 512
const COMMIT_TRIES = 50

/** An event to be recorded, already read and verified, and what is to be written with it. */
export interface Submission {
  read: ReadEvent
  /** Set where an address was typed beside the event: it waits for its confirmation. */
  optIn?: { contactId: string }
  /** Queued in the same commit; not where the event was known already. */
  mails?: QueuedMail[]
}

/** 201: recorded now. 200: this very event was known. A Refusal says why it was turned away. */
export type RecordResult = { status: 200 | 201; receipt: Receipt; event: StoredEvent } | Refusal

/** One log a site. */
export interface Ledger {
  /** The log's name, which is its key's name too: the base URL without scheme, then /log/{site}. */
  origin(site: string): string
  /** Verification keys, the current one first. */
  vkeys(site: string): Promise<string[]>
  /** The latest signed checkpoint; one of size 0 for an empty log. */
  checkpoint(site: string): Promise<string>
  /** Logs the service's key and every notice that is new, then puts the site in force. Returns notice hashes. */
  publish(site: Site): Promise<string[]>
  /** Signs a draft with the service's own key; its attestation says so. */
  attest(draft: EventDraft, site: string): Promise<ReadEvent>
  /** Records events in the order given; a result each. Resolves when they are durable. */
  record(site: string, submissions: readonly Submission[]): Promise<RecordResult[]>
  /** The receipt of a recorded event: the same bytes each time. */
  receipt(eventId: string): Promise<Receipt | undefined>
  /** Proof text of a leaf against the published checkpoint of that size. Throws where there is none. */
  proveLeaf(site: string, index: number, size: number): Promise<string>
}

/** A leaf that is not an event: written once for each hash. */
interface Fixture {
  type: 'notice' | 'key'
  hash: string
  body: LeafBody
}

type Entry = Submission | Fixture
type Waiting = { entry: Entry; resolve: (result: RecordResult | undefined) => void; reject: (reason: unknown) => void }

/** What one batch has so far. */
interface Draft {
  head: LogHead
  receivedAt: string
  leaves: Append['leaves']
  optIns: OptIn[]
  mails: QueuedMail[]
  eventsById: Map<string, StoredEvent>
  eventsByHash: Map<string, StoredEvent>
  fixtures: Set<string>
}

/** Puts a ledger together. `now` is milliseconds since 1970. */
export function createLedger({ store, signer, baseUrl, now }: {
  store: Store
  signer: Signer
  baseUrl: string
  now: () => number
}): Ledger {
  const waiting = new Map<string, Waiting[]>()
  const notices = new Map<string, Notice>()

  const origin = (site: string) => `${baseUrl.replace(/^\w+:\/\//, '').replace(/\/$/, '')}/log/${site}`
  const logSigner = (site: string): Promise<NoteSigner> => signer.signLog(site, origin(site))

  async function findNotice(site: string, hash: string): Promise<Notice | undefined> {
    const slot = `${site} ${hash}`
    const known = notices.get(slot)
    if (known) return known
    const stored = await store.findNotice(site, hash)
    if (!stored) return undefined
    const notice = JSON.parse(stored.json) as Notice
    notices.set(slot, notice)
    return notice
  }

  async function checkAnchor(site: string, anchor: ConsentEvent['log_anchor']): Promise<void> {
    if (anchor === null) return
    const published = anchor.size === 0 ? toBase64(EMPTY_ROOT) : (await store.findCheckpoint(site, anchor.size))?.root
    if (anchor.origin !== origin(site) || anchor.root !== published) {
      refuse('/log_anchor', 'log_anchor', 'This log never published such a checkpoint.')
    }
  }

  async function checkPrevious(site: string, event: ConsentEvent, draft: Draft): Promise<void> {
    const hash = event.prev_event_hash
    if (hash === null) return
    const previous = draft.eventsByHash.get(hash) ?? (await store.findEventByHash(site, hash))
    if (previous?.recordId !== event.record_id) {
      refuse('/prev_event_hash', 'prev_event_hash', 'It names no earlier event of this record.')
    }
  }

  async function addEvent(site: string, { read, optIn, mails }: Submission, draft: Draft): Promise<RecordResult | undefined> {
    const { event } = read
    const known = draft.eventsById.get(event.event_id) ?? (await store.findEvent(event.event_id))
    if (known) {
      if (known.site !== site || known.payloadPart !== read.payloadPart) {
        return new Refusal([{ pointer: '/event_id', code: 'event_id_conflict', detail: 'Another event with this event_id is recorded already.' }])
      }
      // In this very batch: its receipt comes with the commit.
      return draft.eventsById.has(event.event_id) ? undefined : { status: 200, receipt: await makeReceipt(known), event: known }
    }
    const notice = await findNotice(site, event.notice_hash)
    if (!notice) refuse('/notice_hash', 'unknown_notice', 'The log has no such notice of this site.')
    checkAgainstNotice(event, notice)
    await checkAnchor(site, event.log_anchor)
    await checkPrevious(site, event, draft)

    const stored = addLeaf(draft, 'event', read.hash, {
      type: 'event', eventId: event.event_id, recordId: event.record_id, jws: read.jws, payloadPart: read.payloadPart, noticeHash: event.notice_hash,
    })
    const recorded = {
      site, index: stored.index, leaf: stored.text, hash: read.hash, eventId: event.event_id,
      recordId: event.record_id, jws: read.jws, payloadPart: read.payloadPart, noticeHash: event.notice_hash,
    }
    draft.eventsById.set(event.event_id, recorded)
    draft.eventsByHash.set(read.hash, recorded)
    if (optIn) draft.optIns.push({ contactId: optIn.contactId, eventHash: read.hash, createdAt: draft.receivedAt, confirmedAt: null })
    draft.mails.push(...(mails ?? []))
    return undefined
  }

  function addLeaf(draft: Draft, type: LeafType, hash: string, body: LeafBody): { index: number; text: string } {
    const text = formatLeaf({ type, hash, received_at: draft.receivedAt })
    draft.leaves.push({ type, text, hash, body })
    return { index: draft.head.size + draft.leaves.length - 1, text }
  }

  async function addFixture(site: string, { type, hash, body }: Fixture, draft: Draft): Promise<void> {
    const isKnown = draft.fixtures.has(hash) || (type === 'notice' ? await store.findNotice(site, hash) : await hasKey(site, hash, draft.head.size))
    if (isKnown) return
    draft.fixtures.add(hash)
    addLeaf(draft, type, hash, body)
  }

  // The service's key is the first leaf of its log, so in all but a log with a replaced key this reads one leaf.
  async function hasKey(site: string, hash: string, size: number): Promise<boolean> {
    for (let start = 0, end = 1; start < size; start = end, end = Math.min(size, end + BATCH_LEAVES)) {
      const leaves = await store.readLeaves(site, start, end)
      if (leaves.some((leaf) => leaf.type === 'key' && leaf.hash === hash)) return true
    }
    return false
  }

  async function makeReceipt(event: StoredEvent): Promise<Receipt> {
    const covering = await store.findFirstCheckpoint(event.site, event.index)
    if (!covering) throw new Error(`no checkpoint covers leaf ${event.index} of ${event.site}`)
    const read = createNodeReader((tiles) => store.readTiles(event.site, tiles))
    return receiptFrom(event, await proveInclusion(event.index, covering.size, read), covering.note)
  }

  function receiptFrom(event: StoredEvent, path: Awaited<ReturnType<typeof proveInclusion>>, checkpoint: string): Receipt {
    return {
      format: 'sayso-receipt/1', event: event.jws, leaf: event.leaf,
      proof: formatProof({ index: event.index, path, checkpoint }), notice_hash: event.noticeHash,
    }
  }

  /** One try: false where another process wrote to this log meanwhile. */
  async function tryCommit(site: string, batch: readonly Waiting[]): Promise<boolean> {
    const head = await store.readHead(site)
    const receivedAt = formatTime(Math.max(now(), head.lastReceivedAt ? Date.parse(head.lastReceivedAt) : 0))
    const draft: Draft = {
      head, receivedAt, leaves: [], optIns: [], mails: [], eventsById: new Map(), eventsByHash: new Map(), fixtures: new Set(),
    }
    const early = new Map<Waiting, RecordResult>()
    for (const item of batch) {
      try {
        const result = 'read' in item.entry ? await addEvent(site, item.entry, draft) : await addFixture(site, item.entry, draft)
        if (result) early.set(item, result)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        early.set(item, error)
      }
    }

    const size = head.size + draft.leaves.length
    const readTiles = (tiles: Parameters<Store['readTiles']>[1]) => store.readTiles(site, tiles)
    const tiles = await growTiles(head.size, draft.leaves.map((leaf) => hashLeaf(utf8(leaf.text))), readTiles)
    const readNodes = createNodeReader(readTiles, tiles)
    let note = head.checkpoint ?? ''
    if (draft.leaves.length > 0) {
      const root = await computeRoot(size, readNodes)
      note = await signCheckpoint({ origin: origin(site), size, root } satisfies Checkpoint, await logSigner(site))
      const isWritten = await store.append({
        site, expectedSize: head.size, leaves: draft.leaves, tiles,
        checkpoint: { size, note, root: toBase64(root) }, optIns: draft.optIns, mails: draft.mails,
      })
      if (!isWritten) return false
    }

    const answered = new Set<StoredEvent>()
    for (const item of batch) {
      const recorded = 'read' in item.entry ? draft.eventsById.get(item.entry.read.event.event_id) : undefined
      const known = early.get(item)
      if (known || !recorded) {
        item.resolve(known)
        continue
      }
      const receipt = receiptFrom(recorded, await proveInclusion(recorded.index, size, readNodes), note)
      item.resolve({ status: answered.has(recorded) ? 200 : 201, receipt, event: recorded })
      answered.add(recorded)
    }
    return true
  }

  async function commit(site: string, batch: readonly Waiting[]): Promise<void> {
    try {
      for (let tries = 0; tries < COMMIT_TRIES; tries += 1) {
        if (await tryCommit(site, batch)) return
      }
      throw new Error(`another process keeps writing to the log of ${site}`)
    } catch (error) {
      for (const item of batch) item.reject(error)
    }
  }

  async function drain(site: string, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) await commit(site, queue.splice(0, BATCH_LEAVES))
    waiting.delete(site)
  }

  function enqueue(site: string, entries: readonly Entry[]): Promise<(RecordResult | undefined)[]> {
    const queue = waiting.get(site) ?? []
    const results = entries.map((entry) => new Promise<RecordResult | undefined>((resolve, reject) => queue.push({ entry, resolve, reject })))
    if (!waiting.has(site)) {
      waiting.set(site, queue)
      void drain(site, queue)
    }
    return Promise.all(results)
  }

  return {
    origin,
    vkeys: async (site) => [formatNoteKey((await logSigner(site)).key)],

    async checkpoint(site) {
      const { checkpoint } = await store.readHead(site)
      return checkpoint ?? signCheckpoint({ origin: origin(site), size: 0, root: EMPTY_ROOT }, await logSigner(site))
    },

    async publish(site) {
      const { publicJwk } = await signer.signEvents(site.site)
      const fixtures: Fixture[] = [{ type: 'key', hash: hashJson(publicJwk), body: { type: 'key', jwk: JSON.stringify(publicJwk) } }]
      const hashes = site.notices.map((notice) => {
        const hash = hashNotice(notice)
        fixtures.push({ type: 'notice', hash, body: { type: 'notice', json: JSON.stringify(notice) } })
        return hash
      })
      await enqueue(site.site, fixtures)
      await store.saveSite(site)
      return hashes
    },

    attest: async (draft, site) => readEvent(await signEvent(draft, 'server', await signer.signEvents(site))),

    record: async (site, submissions) => (await enqueue(site, submissions)) as RecordResult[],

    async receipt(eventId) {
      const event = await store.findEvent(eventId)
      return event && makeReceipt(event)
    },

    async proveLeaf(site, index, size) {
      const checkpoint = await store.findCheckpoint(site, size)
      if (!checkpoint) throw new RangeError(`there is no checkpoint of size ${size}`)
      const read = createNodeReader((tiles) => store.readTiles(site, tiles))
      return formatProof({ index, path: await proveInclusion(index, size, read), checkpoint: checkpoint.note })
    },
  }
}
