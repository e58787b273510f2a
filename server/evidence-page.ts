// Builds the page of evidence: the receipt's page, and what only the operator may see beside it.
import { hashNotice } from '../core/notice.ts'
import type { RecordedEvent } from '../core/record.ts'
import { findNotice, scopesOf } from '../core/site.ts'
import type { EvidencePage, Neighbour } from '../preference-center/proof-model.ts'
import { buildReceiptPage, type FoundReceipt } from './receipt-page.ts'
import type { Service } from './service.ts'
import { readStoredEvent } from './stored-event.ts'

const toNeighbour = ({ event }: RecordedEvent): Neighbour => ({ eventId: event.event_id, time: event.event_time, href: `/evidence/${event.event_id}` })

/** The page's model. */
export async function buildEvidencePage(request: Request, service: Service, found: FoundReceipt): Promise<EvidencePage> {
  const { stored, site, notice } = found
  const page = buildReceiptPage(request, service, found, `/evidence/${stored.eventId}`)
  const { event, noticeHref } = page
  const record = (await service.store.readRecord(stored.site, stored.recordId)).map(readStoredEvent)
  const previous = record.find(({ hash }) => hash === event.prev_event_hash)
  const scope = scopesOf(notice)[0]!
  const current = findNotice(site, scope, [notice.language])
  const currentHash = current && hashNotice(current)
  const { build } = event.source
  const isDrawn = event.source.channel === 'banner' || event.source.channel === 'opt-in'
  return {
    ...page,
    // The token came with a form, which no link carries along.
    languages: [],
    previewHref: isDrawn ? `${noticeHref}/preview${build === null ? '' : `?${new URLSearchParams({ build })}`}` : null,
    currentBuild: service.assets.build,
    isBuildKept: build !== null && (await service.builds.find(build)) !== undefined,
    isNoticeHashRight: hashNotice(notice) === event.notice_hash,
    statements: event.decisions.map(({ purpose_id, statement_text }) => ({
      purposeId: purpose_id, inEvent: statement_text, inNotice: notice.purposes.find(({ id }) => id === purpose_id)?.statement_text ?? null,
    })),
    position: record.findIndex(({ hash }) => hash === stored.hash) + 1, count: record.length,
    previous: previous ? toNeighbour(previous) : null,
    next: record.filter((other) => other.event.prev_event_hash === stored.hash).map(toNeighbour),
    receiptHref: `/v1/events/${event.event_id}/receipt?format=html&lang=${page.language}`,
    compareHref: currentHash && currentHash !== event.notice_hash ? `${noticeHref}/compare/${currentHash}?lang=${page.language}` : null,
  }
}
