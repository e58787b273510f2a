// Builds the page of a receipt from the receipt itself: it shows what the file says, nothing that only we know.
import { toBase64 } from '../core/bytes.ts'
import { parseCheckpoint } from '../core/checkpoint.ts'
import { hashEvent } from '../core/event.ts'
import type { Notice } from '../core/notice.ts'
import { parseProof, type Receipt } from '../core/receipt.ts'
import { refuse } from '../core/refusal.ts'
import type { Site } from '../core/site.ts'
import type { ReceiptPage } from '../preference-center/proof-model.ts'
import { frameFor } from './pages.ts'
import { findKnownSite, type Service } from './service.ts'
import type { StoredEvent } from './store.ts'
import { readStoredEvent } from './stored-event.ts'

/** A recorded event with all that its page needs. */
export interface FoundReceipt {
  stored: StoredEvent
  receipt: Receipt
  site: Site
  notice: Notice
}

/** An event's receipt; refuses unknown and erased ones. */
export async function readReceipt({ store, ledger }: Pick<Service, 'store' | 'ledger'>, eventId: string): Promise<Receipt> {
  const receipt = await ledger.receipt(eventId)
  if (!receipt && (await store.findErased(eventId))) refuse('', 'erased', 'This event was recorded and erased. Its leaf is still in the log, the event is not.')
  return receipt ?? refuse('', 'not_found', 'No event of this id is recorded.')
}

/** An event's receipt with the notice it names; refuses unknown and erased ones. */
export async function findReceipt(service: Service, eventId: string): Promise<FoundReceipt> {
  const { store } = service
  const [receipt, stored] = await Promise.all([readReceipt(service, eventId), store.findEvent(eventId)])
  // Erased between the two reads.
  if (!stored) return refuse('', 'not_found', 'No event of this id is recorded.')
  const [site, found] = await Promise.all([findKnownSite(service, stored.site), store.findNotice(stored.site, stored.noticeHash)])
  if (!found) throw new Error(`the notice of event ${eventId} is not in the log`)
  return { stored, receipt, site, notice: JSON.parse(found.json) as Notice }
}

/** The page's model. `path` is where the page is, without a query. */
export function buildReceiptPage(request: Request, { baseUrl }: Pick<Service, 'baseUrl'>, { stored, receipt, site, notice }: FoundReceipt, path: string): ReceiptPage {
  const { event, index, receivedAt } = readStoredEvent(stored)
  const { checkpoint } = parseProof(receipt.proof)
  const { origin, size, root } = parseCheckpoint(checkpoint)
  const address = `/v1/events/${event.event_id}/receipt`
  const frame = frameFor(request, { siteName: site.name, preferred: event.language, switchTo: (language) => `${path}?format=html&lang=${language}` })
  return {
    ...frame, event, eventHash: hashEvent(receipt.event), receivedAt, notice, noticeHref: `/v1/sites/${site.site}/notices/${event.notice_hash}`,
    origin, index, size, root: toBase64(root), checkpoint, json: JSON.stringify(receipt, null, 2),
    jsonHref: `${address}?download`, jsonLdHref: `${address}?format=jsonld`, verifyHref: `${baseUrl}/verify?lang=${frame.language}`,
  }
}
