// The newest time stamp of a log: the checkpoint that was stamped, and the stamp, in the forms that other tools read:
//
//   openssl ts -verify -data stamped -in stamped.tsr -CAfile authority.pem
import { concat, fromBase64 } from '../../core/bytes.ts'
import { refuse } from '../../core/refusal.ts'
import { PUBLIC_HEADERS } from '../http-headers.ts'
import { findKnownLog, type Routes, type Service } from '../service.ts'
import type { StoredStamp } from '../store.ts'

// PKIStatusInfo { status granted (0) }
const GRANTED = Uint8Array.of(0x30, 0x03, 0x02, 0x01, 0x00)

/** The token as the authority's answer has it: TimeStampResp ::= SEQUENCE { status, timeStampToken }, in DER. */
export function formatStampReply(token: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = GRANTED.length + token.length
  const header = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return concat(Uint8Array.of(0x30, ...header), GRANTED, token)
}

/** Adds the routes. */
export function addStampRoutes(app: Routes, service: Service): void {
  const { store } = service
  const headers = { ...PUBLIC_HEADERS, 'cache-control': 'public, max-age=5' }

  async function findStamp(name: string): Promise<StoredStamp> {
    const log = await findKnownLog(service, name)
    return (await store.findStamp(log)) ?? refuse('', 'not_found', 'No checkpoint of this log is stamped.')
  }

  app.get('/log/:site/stamped', async (c) => {
    const { site, size } = await findStamp(c.req.param('site'))
    const checkpoint = (await store.findCheckpoint(site, size)) ?? refuse('', 'not_found', 'No checkpoint of this log is stamped.')
    return new Response(checkpoint.note, { headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' } })
  })

  app.get('/log/:site/stamped.tsr', async (c) => {
    const { token } = await findStamp(c.req.param('site'))
    return new Response(formatStampReply(fromBase64(token)!), { headers: { ...headers, 'content-type': 'application/timestamp-reply' } })
  })
}
