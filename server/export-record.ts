// A record's export as a download.
import { EXPORT_TYPE } from '../core/export.ts'
import { exportRecord } from './export.ts'
import type { Service } from './service.ts'

/** The file, written while it is sent. */
export function streamRecord({ store, ledger, now }: Service, site: string, recordId: string): Response {
  const pieces = exportRecord(site, recordId, now(), { store, ledger })
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await pieces.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    cancel: () => void pieces.return(undefined),
  })
  return new Response(body, {
    headers: { 'cache-control': 'no-store', 'content-type': EXPORT_TYPE, 'content-disposition': `attachment; filename="sayso-record-${recordId}.ndjson"` },
  })
}
