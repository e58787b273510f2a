// Writes exports: the whole log of a site, that of the accesses to it, or one record with its proofs, as core/export.ts describes.
import { accessLogOf } from '../core/access.ts'
import { toBase64 } from '../core/bytes.ts'
import { parseCheckpoint } from '../core/checkpoint.ts'
import { type ExportHeader, type ExportLeaf, writeExport } from '../core/export.ts'
import { readEvent } from '../core/event.ts'
import { parseLeaf } from '../core/leaf.ts'
import { formatProof, parseProof } from '../core/receipt.ts'
import { claimState, type RecordedEvent } from '../core/record.ts'
import { refuse } from '../core/refusal.ts'
import { proveConsistency } from '../core/tree.ts'
import { addCosignatures } from './cosigned-checkpoint.ts'
import type { Ledger } from './ledger.ts'
import type { Store, StoredEvent, StoredLeaf } from './store.ts'
import { createNodeReader } from './tiles.ts'

const PAGE_LEAVES = 500

interface Source {
  store: Store
  ledger: Ledger
  /** The export ends at the newest checkpoint that so many witnesses cosigned; else at the newest of all. */
  cosigned?: number | undefined
}

async function chooseCheckpoint(site: string, { store, ledger, cosigned }: Source): Promise<string> {
  if (cosigned === undefined) return ledger.checkpoint(site)
  const size = await store.findCosignedSize(site, cosigned)
  const checkpoint = size === undefined ? undefined : await store.findCheckpoint(site, size)
  if (size === undefined || !checkpoint) return refuse('', 'not_cosigned', `No checkpoint of ${site} is cosigned by ${cosigned} witnesses yet.`)
  return addCosignatures(store, site, size, checkpoint.note)
}

/** The newest stamp that says something about a log of this size, with the proof that this log continues what was stamped. */
async function findStamp(site: string, size: number, store: Store): Promise<ExportHeader['stamp']> {
  const stamp = await store.findStamp(site, size)
  const checkpoint = stamp && (await store.findCheckpoint(site, stamp.size))
  if (!stamp || !checkpoint) return undefined
  const path = await proveConsistency(stamp.size, size, createNodeReader((tiles) => store.readTiles(site, tiles)))
  return { checkpoint: checkpoint.note, token: stamp.token, consistency: path.map(toBase64) }
}

function exportLeaf({ index, text, body }: StoredLeaf): ExportLeaf {
  if (body === null) return { index, leaf: text, erased: true }
  if (body.type === 'event') return { index, leaf: text, event: body.jws, ...(body.keyBinding === undefined ? {} : { key_binding: body.keyBinding }) }
  if (body.type === 'notice') return { index, leaf: text, notice: JSON.parse(body.json) as Record<string, unknown> }
  if (body.type === 'access') return { index, leaf: text, access: body.entry }
  return { index, leaf: text }
}

/** A whole log, up to the checkpoint of this moment. Pieces of text; memory stays flat. */
async function* exportWhole(log: string, kind: 'site' | 'accesses', source: Source): AsyncGenerator<string> {
  const { store, ledger } = source
  const checkpoint = await chooseCheckpoint(log, source)
  const { origin, size } = parseCheckpoint(checkpoint)
  async function* leaves(): AsyncGenerator<ExportLeaf> {
    for (let start = 0; start < size; start += PAGE_LEAVES) {
      for (const leaf of await store.readLeaves(log, start, Math.min(size, start + PAGE_LEAVES))) yield exportLeaf(leaf)
    }
  }
  yield* writeExport({ format: 'sayso-export/1', kind, origin, keys: await ledger.vkeys(log), checkpoint, stamp: await findStamp(log, size, store) }, leaves())
}

/** The whole log of a site. */
export const exportSite = (site: string, source: Source): AsyncGenerator<string> => exportWhole(site, 'site', source)

/** The whole log of the accesses to a site. */
export const exportAccesses = (site: string, source: Source): AsyncGenerator<string> => exportWhole(accessLogOf(site), 'accesses', source)

/** A record: its events, what of them was erased, their notices and the service's keys, each with a proof, and the state claimed. */
export async function* exportRecord(site: string, recordId: string, nowMs: number, source: Source): AsyncGenerator<string> {
  const { store, ledger } = source
  const checkpoint = await chooseCheckpoint(site, source)
  const { origin, size } = parseCheckpoint(checkpoint)
  const events = (await store.readRecord(site, recordId)).filter((event) => event.index < size)
  const recorded: RecordedEvent[] = await Promise.all(events.map(async (event) => ({
    event: (await readEvent(event.jws)).event, hash: event.hash, index: event.index, receivedAt: parseLeaf(event.leaf).received_at,
  })))
  const header: ExportHeader = {
    format: 'sayso-export/1', kind: 'record', origin, keys: await ledger.vkeys(site), checkpoint, stamp: await findStamp(site, size, store),
    claimed_state: claimState(recorded, nowMs),
  }
  const others = [...(await supportingLeaves(site, events, recorded, store)), ...(await erasedLeaves(site, recordId, store))]
  const indices = new Set([...events.map((event) => event.index), ...others.filter((index) => index < size)])
  async function* leaves(): AsyncGenerator<ExportLeaf> {
    for (const index of [...indices].sort((a, b) => a - b)) {
      for (const leaf of await store.readLeaves(site, index, index + 1)) {
        // Every proof leads to the header's checkpoint, with the very cosignatures that stand there.
        yield { ...exportLeaf(leaf), proof: formatProof({ ...parseProof(await ledger.proveLeaf(site, index, size)), checkpoint }) }
      }
    }
  }
  yield* writeExport(header, leaves())
}

async function supportingLeaves(site: string, events: readonly StoredEvent[], recorded: readonly RecordedEvent[], store: Store): Promise<number[]> {
  const hashes = [...new Set(events.map((event) => event.noticeHash))]
  const notices = await Promise.all(hashes.map((hash) => store.findNotice(site, hash)))
  const isVouchedFor = recorded.some(({ event }) => event.attestation === 'server') || events.some(({ keyBinding }) => keyBinding !== undefined)
  const keys = isVouchedFor ? await store.readKeys(site) : []
  return [...notices.flatMap((notice) => (notice ? [notice.index] : [])), ...keys.map((leaf) => leaf.index)]
}

async function erasedLeaves(site: string, recordId: string, store: Store): Promise<number[]> {
  const erased = await store.readErased(site, recordId)
  const erasures = await Promise.all(erased.map(({ hash }) => store.findErasureLeaf(site, hash)))
  return [...erased.map(({ index }) => index), ...erasures.filter((index) => index !== undefined)]
}
