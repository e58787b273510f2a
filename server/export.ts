// Writes exports: the whole log of a site, or one record with its proofs, as core/export.ts describes.
import { parseCheckpoint } from '../core/checkpoint.ts'
import { type ExportHeader, type ExportLeaf, writeExport } from '../core/export.ts'
import { readEvent } from '../core/event.ts'
import { parseLeaf } from '../core/leaf.ts'
import { claimState, type RecordedEvent } from '../core/record.ts'
import type { Ledger } from './ledger.ts'
import type { Store, StoredEvent, StoredLeaf } from './store.ts'

const PAGE_LEAVES = 500

interface Source {
  store: Store
  ledger: Ledger
}

function exportLeaf({ index, text, body }: StoredLeaf): ExportLeaf {
  if (body === null) return { index, leaf: text, erased: true }
  if (body.type === 'event') return { index, leaf: text, event: body.jws, ...(body.keyBinding === undefined ? {} : { key_binding: body.keyBinding }) }
  if (body.type === 'notice') return { index, leaf: text, notice: JSON.parse(body.json) as Record<string, unknown> }
  return { index, leaf: text }
}

/** The whole log of a site, up to the checkpoint of this moment. Pieces of text; memory stays flat. */
export async function* exportSite(site: string, { store, ledger }: Source): AsyncGenerator<string> {
  const checkpoint = await ledger.checkpoint(site)
  const { origin, size } = parseCheckpoint(checkpoint)
  async function* leaves(): AsyncGenerator<ExportLeaf> {
    for (let start = 0; start < size; start += PAGE_LEAVES) {
      for (const leaf of await store.readLeaves(site, start, Math.min(size, start + PAGE_LEAVES))) yield exportLeaf(leaf)
    }
  }
  yield* writeExport({ format: 'sayso-export/1', kind: 'site', origin, keys: await ledger.vkeys(site), checkpoint }, leaves())
}

/** A record: its events, what of them was erased, their notices and the service's keys, each with a proof, and the state claimed. */
export async function* exportRecord(site: string, recordId: string, nowMs: number, { store, ledger }: Source): AsyncGenerator<string> {
  const checkpoint = await ledger.checkpoint(site)
  const { origin, size } = parseCheckpoint(checkpoint)
  const events = (await store.readRecord(site, recordId)).filter((event) => event.index < size)
  const recorded: RecordedEvent[] = await Promise.all(events.map(async (event) => ({
    event: (await readEvent(event.jws)).event, hash: event.hash, index: event.index, receivedAt: parseLeaf(event.leaf).received_at,
  })))
  const header: ExportHeader = {
    format: 'sayso-export/1', kind: 'record', origin, keys: await ledger.vkeys(site), checkpoint, claimed_state: claimState(recorded, nowMs),
  }
  const others = [...(await supportingLeaves(site, events, recorded, store)), ...(await erasedLeaves(site, recordId, store))]
  const indices = new Set([...events.map((event) => event.index), ...others.filter((index) => index < size)])
  async function* leaves(): AsyncGenerator<ExportLeaf> {
    for (const index of [...indices].sort((a, b) => a - b)) {
      for (const leaf of await store.readLeaves(site, index, index + 1)) {
        yield { ...exportLeaf(leaf), proof: await ledger.proveLeaf(site, index, size) }
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
