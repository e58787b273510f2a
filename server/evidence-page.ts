// Builds the page of evidence: the receipt's page, and what only the operator may see beside it.
import { parseBuild } from '../core/build.ts'
import { listAsked } from '../core/choice.ts'
import type { ConsentEvent } from '../core/event.ts'
import { hashNotice, type Notice } from '../core/notice.ts'
import type { RecordedEvent } from '../core/record.ts'
import { findNotice, scopesOf } from '../core/site.ts'
import type { EvidencePage, Neighbour } from '../preference-center/proof-model.ts'
import { buildReceiptPage, type FoundReceipt } from './receipt-page.ts'
import type { Service } from './service.ts'
import { readStoredEvent } from './stored-event.ts'
import { writeSiteLoader } from './widget-config.ts'

const toNeighbour = ({ event }: RecordedEvent): Neighbour => ({ eventId: event.event_id, time: event.event_time, href: `/evidence/${event.event_id}` })

/** The build that the person had, and the boxes that their form showed: null where the event does not say. */
function readBuild({ channel, build }: ConsentEvent['source'], notice: Notice): { build: string | null; shown: string[] | null } {
  if (build === null || channel !== 'opt-in') return { build, shown: null }
  const named = parseBuild(build)
  const shown = listAsked(notice).map(({ id }) => id).filter((id) => named.shown?.includes(id))
  return { build: named.build, shown: shown.length === 0 ? null : shown }
}

function formatPreview(noticeHref: string, build: string | null, shown: string[] | null): string {
  const query = new URLSearchParams({ ...(build === null ? {} : { build }), ...(shown === null ? {} : { boxes: shown.join(' ') }) })
  return query.size === 0 ? `${noticeHref}/preview` : `${noticeHref}/preview?${query}`
}

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
  const { build, shown } = readBuild(event.source, notice)
  const isDrawn = event.source.channel === 'banner' || event.source.channel === 'opt-in'
  return {
    ...page,
    // The token came with a form, which no link carries along.
    languages: [],
    previewHref: isDrawn ? formatPreview(noticeHref, build, shown) : null,
    build, shown,
    currentBuild: writeSiteLoader(service, site, { language: event.language }).build,
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
