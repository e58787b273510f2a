// A record as JSON-LD, for those who keep records in the terms of ISO/IEC TS 27560. The file for an audit is the
// other export; this one carries each event's receipt, so it can be checked event by event.
import { describeRecord, type DescribedEvent, type Node } from '../core/jsonld.ts'
import type { Notice } from '../core/notice.ts'
import type { Ledger } from './ledger.ts'
import type { Store } from './store.ts'
import { readStoredEvent } from './stored-event.ts'

/** The record; undefined where it has no events (any more). */
export async function exportRecordJsonLd(site: string, recordId: string, { store, ledger, baseUrl }: { store: Store; ledger: Ledger; baseUrl: string }): Promise<Node | undefined> {
  const described: DescribedEvent[] = []
  for (const stored of await store.readRecord(site, recordId)) {
    const [receipt, notice] = await Promise.all([ledger.receipt(stored.eventId), store.findNotice(site, stored.noticeHash)])
    if (!receipt || !notice) continue
    const { event, receivedAt } = readStoredEvent(stored)
    described.push({ event, receivedAt, receipt, notice: JSON.parse(notice.json) as Notice })
  }
  return described.length === 0 ? undefined : describeRecord(described, baseUrl)
}
