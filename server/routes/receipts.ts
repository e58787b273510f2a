// GET /v1/events/{id}/receipt: the receipt again, as JSON for programs, as a page for people, as
// JSON-LD for those who keep records in the terms of ISO/IEC TS 27560.
import { describeReceipt, JSONLD_TYPE } from '../../core/jsonld.ts'
import { refuse } from '../../core/refusal.ts'
import { renderReceiptPage } from '../../preference-center/render.ts'
import { PUBLIC_HEADERS, wantsHtml } from '../http-headers.ts'
import { PRIVATE_HEADERS } from '../pages.ts'
import { buildReceiptPage, findReceipt, readReceipt } from '../receipt-page.ts'
import type { Routes, Service } from '../service.ts'
import { readStoredEvent } from '../stored-event.ts'

/** What is asked for: `?format=` decides, then `?download`, which is always the file, then Accept. */
function readFormat(request: Request): string {
  const { searchParams } = new URL(request.url)
  const asked = searchParams.get('format')
  if (asked !== null) return asked
  return !searchParams.has('download') && wantsHtml(request) ? 'html' : 'json'
}

/** Adds the route. */
export function addReceiptRoutes(app: Routes, service: Service): void {
  app.get('/v1/events/:id/receipt', async (c) => {
    const id = c.req.param('id')
    const format = readFormat(c.req.raw)
    if (format === 'html') {
      const page = buildReceiptPage(c.req.raw, service, await findReceipt(service, id), `/v1/events/${id}/receipt`)
      return new Response(renderReceiptPage(page), { headers: { ...PRIVATE_HEADERS, vary: 'Accept, Accept-Language' } })
    }
    if (format === 'jsonld') {
      const { stored, receipt, notice } = await findReceipt(service, id)
      const { event, receivedAt } = readStoredEvent(stored)
      return new Response(JSON.stringify(describeReceipt({ event, receivedAt, receipt, notice }, service.baseUrl), null, 2), {
        headers: { ...PUBLIC_HEADERS, 'content-type': JSONLD_TYPE, 'cache-control': 'no-store' },
      })
    }
    if (format !== 'json') return refuse('/format', 'format', 'The format is “json”, “html” or “jsonld”.')
    const receipt = await readReceipt(service, id)
    const download: Record<string, string> = c.req.query('download') === undefined ? {} : { 'content-disposition': `attachment; filename="sayso-receipt-${id}.json"` }
    return Response.json(receipt, { headers: { ...PUBLIC_HEADERS, 'cache-control': 'no-store', vary: 'Accept', ...download } })
  })
}
