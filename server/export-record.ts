// A record's export as a download.
import { EXPORT_TYPE } from '../core/export.ts'
import { exportRecord } from './export.ts'
import type { Service } from './service.ts'
import { streamText } from './stream-text.ts'

/** The file, written while it is sent. */
export function streamRecord({ store, ledger, now }: Service, site: string, recordId: string): Response {
  return streamText(exportRecord(site, recordId, now(), { store, ledger }), {
    'cache-control': 'no-store', 'content-type': EXPORT_TYPE, 'content-disposition': `attachment; filename="sayso-record-${recordId}.ndjson"`,
  })
}
