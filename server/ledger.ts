// Takes what was verified, checks it against the log, and writes it in batches, each in one go: leaves,
// tiles, one signed checkpoint. It answers only after the commit, so a receipt is proof and not a promise.
import { accessLogOf, isAccessLog } from '../core/access.ts'
import { type Bytes, toBase64, utf8 } from '../core/bytes.ts'
import { type Checkpoint, formatNoteKey, type NoteSigner, signCheckpoint } from '../core/checkpoint.ts'
import { checkAgainstNotice, type ConsentEvent, type EventDraft, type ReadEvent, readEvent, signEvent } from '../core/event.ts'
import { hashJson, hashText } from '../core/hash.ts'
import { canonicalize } from '../core/jcs.ts'
import { signKeyBinding } from '../core/key-binding.ts'
import { formatLeaf, type LeafType } from '../core/leaf.ts'
import { hashNotice } from '../core/notice.ts'
import { formatProof, type Receipt } from '../core/receipt.ts'
import { Refusal, refuse } from '../core/refusal.ts'
import { listNotices, type Site } from '../core/site.ts'
import { formatTime } from '../core/time.ts'
import type { EventSigner } from '../core/signature.ts'
import { computeRoot, EMPTY_ROOT, hashLeaf, proveInclusion, proveInclusions } from '../core/tree.ts'
import { addCosignatures } from './cosigned-checkpoint.ts'
import { createEdges, type Edge, moveEdge, readTilesOf } from './edge.ts'
import { type ErasureTarget, findErasureScope } from './erasure.ts'
import { type Alone, type Draft, type Entry, type Fixture, isAlone, type RecordResult, type Result, type Submission } from './ledger-batch.ts'
import { createLogMemory } from './log-memory.ts'
import { createLogNames } from './log-names.ts'
import { findEventSigner, findLogSigner, findNextKey, readLoggedKeys } from './log-keys.ts'
import { checkRecordKey } from './record-key.ts'
import { createSequencer, type Steps } from './sequencer.ts'
import { type KeyKind, type ServiceKey, type Signer, toNoteKey, toServiceKey } from './signer.ts'
import type { Append, LeafBody, Store, StoredEvent } from './store.ts'
import { createNodeReader, growTiles, type KnownNodes } from './tiles.ts'

/** A batch that is put together. */
interface Prepared {
  /** The log as it is once the batch is written. */
  edge: Edge
  /** undefined: there is nothing to write. */
  append: Append | undefined
  results: readonly Result[]
}

/**
 * Two logs a site: its own, and that of the accesses to it, which takes accesses alone. Where a `site` is asked for that has to do
 * with reading only (origin, vkeys, checkpoint, proveLeaf), the name of the second will do: accessLogOf in core/access.ts.
 */
export interface Ledger {
  /** The log's name, which is its key's name too: the base URL that it began with, without scheme, then /log/{site}. */
  origin(site: string): Promise<string>
  /** Verification keys, the current one first. */
  vkeys(site: string): Promise<string[]>
  /** The latest signed checkpoint, with the cosignatures that are there so far; one of size 0 for an empty log. */
  checkpoint(site: string): Promise<string>
  /** Logs the service's key and every notice that is new, then puts the site in force. Returns notice hashes. */
  publish(site: Site): Promise<string[]>
  /** Signs a draft with the service's own key; its attestation says so. */
  attest(draft: EventDraft, site: string): Promise<ReadEvent>
  /** Records events in the order given; a result each. Resolves when they are durable. */
  record(site: string, submissions: readonly Submission[]): Promise<RecordResult[]>
  /** The receipt of a recorded event: the same bytes each time. */
  receipt(eventId: string): Promise<Receipt | undefined>
  /** Records entries of accesses to a site, in the order given. Resolves when they are durable. */
  recordAccesses(site: string, entries: readonly string[]): Promise<void>
  /** Makes a new key current and logs it, in the log of accesses too; for the log's own key the checkpoint of that moment has both signatures. */
  rotate(site: string, kind: KeyKind): Promise<ServiceKey>
  /** A key binding by the service, for whoever has shown through a link that a record is theirs. */
  bindKey(site: string, recordId: string, newKid: string): Promise<string>
  /** Erases bodies and the identity map, and logs that; how many events went. */
  erase(site: string, target: ErasureTarget): Promise<number>
  /** Says that something for this log is being read, so that the next batch waits a moment for it; the answer says that it came or will not. */
  expect(site: string): () => void
  /** Milliseconds since the oldest batch in hand, of any site, was taken up; 0 where none is. */
  waitedMs(): number
  /** Tells the listener of each commit; nobody waits for it, and it never throws. */
  watch(listener: (site: string) => void): void
  /** Proof text of a leaf against the published checkpoint of that size. Throws where there is none. */
  proveLeaf(site: string, index: number, size: number): Promise<string>
}

/** Puts a ledger together. `now` is milliseconds since 1970. */
export function createLedger({ store, signer, baseUrl, now }: {
  store: Store
  signer: Signer
  baseUrl: string
  now: () => number
}): Ledger {
  const edges = createEdges()
  const memory = createLogMemory(store)
  const listeners: ((site: string) => void)[] = []

  const origin = createLogNames(store, baseUrl)
  const keyParts = { store, signer }
  /** The log's last key leaf says which key signs; read after the head, so that a rotation in between fails the append. */
  const logSigner = async (log: string): Promise<NoteSigner> => findLogSigner(keyParts, log, await origin(log))
  const eventSigner = (site: string): Promise<EventSigner> => findEventSigner(keyParts, site)

  async function checkAnchor(site: string, anchor: ConsentEvent['log_anchor']): Promise<void> {
    if (anchor === null) return
    if (anchor.origin !== (await origin(site)) || anchor.root !== (await memory.findRoot(site, anchor.size))) {
      refuse('/log_anchor', 'log_anchor', 'This log never published such a checkpoint.')
    }
  }

  /** The event that this one names as its predecessor; undefined where it names none, or one that was erased. */
  async function findPrevious(site: string, event: ConsentEvent, draft: Draft): Promise<StoredEvent | undefined> {
    const hash = event.prev_event_hash
    if (hash === null) return undefined
    const previous = draft.eventsByHash.get(hash) ?? draft.recalled.eventsByHash.get(hash)
    if (previous?.recordId === event.record_id) return previous
    const isErased = !previous && (await store.readErased(site, event.record_id)).some((erased) => erased.hash === hash)
    return isErased ? undefined : refuse('/prev_event_hash', 'prev_event_hash', 'It names no earlier event of this record.')
  }

  async function addEvent(site: string, { read, optIn, mails, isOwn = false, keyBinding }: Submission, draft: Draft): Promise<RecordResult | undefined> {
    const { event } = read
    const known = draft.eventsById.get(event.event_id) ?? draft.recalled.eventsById.get(event.event_id)
    if (known) {
      if (known.site !== site || known.payloadPart !== read.payloadPart) {
        return new Refusal([{ pointer: '/event_id', code: 'event_id_conflict', detail: 'Another event with this event_id is recorded already.' }])
      }
      // In this very batch: its receipt comes with the commit.
      return draft.eventsById.has(event.event_id) ? undefined : { status: 200, receipt: await makeReceipt(known), event: known }
    }
    if (draft.recalled.erasedIds.has(event.event_id)) refuse('/event_id', 'erased', 'This event was recorded and erased. It is not recorded again.')
    const notice = await memory.findNotice(site, event.notice_hash)
    if (!notice) refuse('/notice_hash', 'unknown_notice', 'The log has no such notice of this site.')
    checkAgainstNotice(event, notice)
    await checkAnchor(site, event.log_anchor)
    const pending = draft.eventsByRecord.get(event.record_id) ?? []
    const binding = await checkRecordKey(store, site, {
      read, isOwn, keyBinding, isNew: !draft.recalled.recordIds.has(event.record_id), pending, known: await findPrevious(site, event, draft), serviceKids: () => readLoggedKeys(store, site).then(({ events }) => events.map((key) => key.hash)),
    })

    const body = {
      eventId: event.event_id, recordId: event.record_id, jws: read.jws, payloadPart: read.payloadPart, noticeHash: event.notice_hash,
      ...(binding ? { keyBinding: binding.jws } : {}),
    }
    const stored = addLeaf(draft, 'event', read.hash, { type: 'event', ...body })
    const recorded: StoredEvent = { site, index: stored.index, leaf: stored.text, hash: read.hash, ...body }
    draft.eventsByRecord.set(event.record_id, [...pending, recorded])
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
    const isKnown = draft.fixtures.has(hash) || (type === 'notice' ? await store.findNotice(site, hash) : type === 'key' && (await store.readKeys(site)).some((key) => key.hash === hash))
    if (isKnown) return
    draft.fixtures.add(hash)
    addLeaf(draft, type, hash, body)
  }

  function addKey({ jwk, hash }: ServiceKey, draft: Draft): void {
    addLeaf(draft, 'key', hash, { type: 'key', jwk: canonicalize(jwk) })
  }

  async function addRotation(site: string, kind: KeyKind, draft: Draft): Promise<ServiceKey> {
    const logged = await readLoggedKeys(store, site)
    const next = await signer.prepareNext(site, kind, (hash) => logged[kind].some((key) => key.hash === hash))
    // Another process was faster with the very same key.
    if (logged[kind].some(({ hash }) => hash === next.hash)) return next
    if (kind === 'log') {
      // The first hand-over also names who hands over, so that from then on the log itself lists all its keys.
      if (logged.log.length === 0) addKey(toServiceKey((await logSigner(site)).key), draft)
      draft.nextSigner = await signer.signLog(site, await origin(site), next.hash)
    }
    addKey(next, draft)
    return next
  }

  async function addErasure(site: string, target: ErasureTarget, draft: Draft): Promise<number> {
    const { events, contactIds } = await findErasureScope(store, site, target)
    if (events.length === 0 && contactIds.length === 0) return 0
    for (const { hash } of events) addLeaf(draft, 'erasure', hash, { type: 'erasure' })
    draft.erasure = { indices: events.map(({ index }) => index), contactIds }
    return events.length
  }

  function addEntry(site: string, entry: Entry, draft: Draft): Promise<Result> {
    if ('read' in entry) return addEvent(site, entry, draft)
    if ('rotate' in entry) return addRotation(site, entry.rotate, draft)
    if ('follow' in entry) return Promise.resolve(undefined)
    return 'erase' in entry ? addErasure(site, entry.erase, draft) : addFixture(site, entry, draft) as Promise<undefined>
  }

  async function signNote(checkpoint: Checkpoint, signer: NoteSigner, { nextSigner }: Draft): Promise<string> {
    const note = await signCheckpoint(checkpoint, signer)
    if (!nextSigner) return note
    const handedOver = await signCheckpoint(checkpoint, nextSigner)
    return note + handedOver.slice(handedOver.lastIndexOf('\n\n') + 2)
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

  /** Checks a batch; `early` has the results that do not wait for it to be written. */
  async function check(site: string, batch: readonly Entry[], { head }: Edge): Promise<{ draft: Draft; early: Result[] }> {
    const receivedAt = formatTime(Math.max(now(), head.lastReceivedAt ? Date.parse(head.lastReceivedAt) : 0))
    // After the head, so that what another process writes in between fails the append.
    const recalled = await memory.recall(site, batch.flatMap((entry) => ('read' in entry ? [entry.read.event] : [])))
    const draft: Draft = {
      head, recalled, receivedAt, leaves: [], optIns: [], mails: [], eventsById: new Map(), eventsByHash: new Map(), eventsByRecord: new Map(), fixtures: new Set(),
      erasure: undefined, nextSigner: undefined,
    }
    const next = isAccessLog(site) ? await findNextKey(keyParts, site, await origin(site)) : undefined
    if (next) {
      addKey(next.key, draft)
      draft.nextSigner = next.nextSigner
    }
    const early: Result[] = []
    for (const entry of batch) {
      try {
        early.push(await addEntry(site, entry, draft))
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        early.push(error)
      }
    }
    return { draft, early }
  }

  async function prepare(site: string, batch: readonly Entry[]): Promise<Prepared> {
    const edge = edges.guess(site) ?? edges.find(site, await store.readHead(site))
    const { draft, early } = await check(site, batch, edge)
    const { head, leaves, receivedAt, optIns, mails, erasure } = draft
    if (leaves.length === 0 && !erasure) return { edge, append: undefined, results: early }

    const size = head.size + leaves.length
    const nodes: KnownNodes = new Map(edge.nodes)
    const readTiles = readTilesOf(edge, (tiles) => store.readTiles(site, tiles))
    const tiles = await growTiles(head.size, leaves.map((leaf) => hashLeaf(utf8(leaf.text))), readTiles)
    const readNodes = createNodeReader(readTiles, tiles, nodes)
    const root = await computeRoot(size, readNodes)
    const signer = edge.signer ?? (await logSigner(site))
    const note = await signNote({ origin: await origin(site), size, root }, signer, draft)
    const results = await answerAll(batch, early, draft, (indices) => proveInclusions(indices, size, readNodes), note)
    const isKeyAdded = leaves.some(({ type }) => type === 'key')
    const after = leaves.length > 0 ? { size, checkpoint: note, lastReceivedAt: receivedAt } : head
    return {
      results,
      edge: moveEdge(edge, { head: after, signer: isKeyAdded ? undefined : signer, changed: tiles, nodes }),
      append: { site, expectedSize: head.size, leaves, tiles, checkpoint: { size, note, root: toBase64(root) }, optIns, mails, erasure },
    }
  }

  /** Results in the order of the batch: receipts for what it adds. */
  async function answerAll(batch: readonly Entry[], early: readonly Result[], { eventsById }: Draft, prove: (indices: number[]) => Promise<Bytes[][]>, note: string): Promise<Result[]> {
    const events = [...eventsById.values()]
    const paths = await prove(events.map(({ index }) => index))
    const receipts = new Map(events.map((event, i) => [event.eventId, { event, receipt: receiptFrom(event, paths[i]!, note) }]))
    const answered = new Set<string>()
    return batch.map((entry, i) => {
      if (early[i] !== undefined || !('read' in entry)) return early[i]
      const { event_id: eventId } = entry.read.event
      const status = answered.has(eventId) ? 200 : 201
      answered.add(eventId)
      return { status, ...receipts.get(eventId)! }
    })
  }

  const steps: Steps<Entry, Result, Prepared> = {
    isAlone,
    prepare,
    write: async (_site, { append }) => append === undefined || store.append(append),
    finish(site, { edge, append, results }) {
      edges.keep(site, edge)
      if (append !== undefined && append.leaves.length > 0) for (const listener of listeners) listener(site)
      return results
    },
    drop: (site) => edges.drop(site),
  }
  const sequencer = createSequencer(steps, now)
  const { enqueue } = sequencer

  async function runAlone(site: string, entry: Alone): Promise<Result> {
    const [result] = await enqueue(site, [entry])
    if (result instanceof Refusal) throw result
    return result
  }

  return {
    origin,

    async vkeys(site) {
      const { log } = await readLoggedKeys(store, site)
      if (log.length === 0) return [formatNoteKey((await logSigner(site)).key)]
      const name = await origin(site)
      return log.reverse().map((key) => formatNoteKey(toNoteKey(name, key.public)))
    },

    async checkpoint(site) {
      const { checkpoint, size } = await store.readHead(site)
      if (checkpoint !== null) return addCosignatures(store, site, size, checkpoint)
      return signCheckpoint({ origin: await origin(site), size: 0, root: EMPTY_ROOT }, await logSigner(site))
    },

    async publish(site) {
      const { publicJwk } = await eventSigner(site.site)
      const fixtures: Fixture[] = [{ type: 'key', hash: hashJson(publicJwk), body: { type: 'key', jwk: JSON.stringify(publicJwk) } }]
      const hashes = listNotices(site).map((notice) => {
        const hash = hashNotice(notice)
        fixtures.push({ type: 'notice', hash, body: { type: 'notice', json: JSON.stringify(notice) } })
        return hash
      })
      await enqueue(site.site, fixtures)
      await store.saveSite(site)
      return hashes
    },

    attest: async (draft, site) => readEvent(await signEvent(draft, 'server', await eventSigner(site))),

    record: async (site, submissions) => (await enqueue(site, submissions)) as RecordResult[],

    async rotate(site, kind) {
      const key = (await runAlone(site, { rotate: kind })) as ServiceKey
      const accessLog = accessLogOf(site)
      if (kind === 'log' && (await store.readHead(accessLog)).size > 0) await runAlone(accessLog, { follow: true })
      return key
    },

    bindKey: async (site, recordId, newKid) => signKeyBinding({ site, recordId, newKid, timeMs: now() }, await eventSigner(site)),

    erase: async (site, target) => (await runAlone(site, { erase: target })) as number,

    async recordAccesses(site, entries) {
      await enqueue(accessLogOf(site), entries.map((entry): Fixture => ({ type: 'access', hash: hashText(entry), body: { type: 'access', entry } })))
    },

    async receipt(eventId) {
      const event = await store.findEvent(eventId)
      return event && makeReceipt(event)
    },

    expect: sequencer.expect,
    waitedMs: sequencer.waitedMs,
    watch: (listener) => void listeners.push(listener),

    async proveLeaf(site, index, size) {
      const checkpoint = await store.findCheckpoint(site, size)
      if (!checkpoint) throw new RangeError(`there is no checkpoint of size ${size}`)
      const read = createNodeReader((tiles) => store.readTiles(site, tiles))
      return formatProof({ index, path: await proveInclusion(index, size, read), checkpoint: checkpoint.note })
    },
  }
}
