// Has a time-stamping authority (RFC 3161) stamp the newest checkpoint, in the background and at most once in a given
// time. Nothing waits for it. A token is kept once it is about the very checkpoint and answers the very request; who
// signed it is for the auditor to check, against a certificate taken from somewhere else.
import { type Bytes, toBase64 } from '../core/bytes.ts'
import { Refusal } from '../core/refusal.ts'
import { createStampRequest, readStampResponse } from '../core/stamp.ts'
import { formatTime } from '../core/time.ts'
import { readBytes } from './body.ts'
import type { Service } from './service.ts'
import { createVoucher, type Voucher } from './voucher.ts'

const ANSWER_LIMIT_BYTES = 64 * 1024
const TIMEOUT_MS = 20_000
const RETRY_MS = 5 * 60_000
const PAUSE_MS = 1000

/** What a stamper works with. The address comes from the operator's configuration alone. */
export interface StamperOptions extends Pick<Service, 'store' | 'now' | 'random' | 'log'> {
  url: string
  /** A log is stamped at most once in this time. */
  everyMs: number
  fetch: typeof globalThis.fetch
  timeoutMs?: number
  pauseMs?: number
}

/** Asks this authority. */
export function createStamper({ store, now, random, log, url, everyMs, fetch, timeoutMs = TIMEOUT_MS, pauseMs = PAUSE_MS }: StamperOptions): Voucher {
  const retryAtMs = new Map<string, number>()

  async function requestStamp(text: string, signal: AbortSignal): Promise<Bytes> {
    const nonce = random(8)
    // A positive number in its shortest spelling, as DER wants it.
    nonce[0] = (nonce[0]! & 0x3f) | 0x40
    const response = await fetch(url, {
      method: 'POST', body: createStampRequest(text, nonce), headers: { 'content-type': 'application/timestamp-query' },
      redirect: 'error', signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    if (!response.ok) throw new Refusal([{ pointer: '', code: 'stamp', detail: `it answered ${response.status}` }])
    return readStampResponse(await readBytes(response, ANSWER_LIMIT_BYTES), text, nonce).token
  }

  async function holdRound(site: string, signal: AbortSignal): Promise<void> {
    const { size, checkpoint } = await store.readHead(site)
    if (checkpoint === null || size === 0 || (retryAtMs.get(site) ?? 0) > now()) return
    const last = await store.findStamp(site)
    if (last && (last.size >= size || now() - Date.parse(last.stampedAt) < everyMs)) return
    try {
      const token = await requestStamp(checkpoint, signal)
      await store.addStamp({ site, size, token: toBase64(token), stampedAt: formatTime(now()) })
    } catch (error) {
      if (signal.aborted) return
      retryAtMs.set(site, now() + RETRY_MS)
      const reason = error instanceof Refusal ? error.message : error instanceof Error ? error.name : 'unknown'
      log(`the time-stamping authority gave no stamp for ${site} at ${size} (${reason}); asked again in ${RETRY_MS / 60_000} min at the earliest`)
    }
  }

  return createVoucher({ holdRound, pauseMs, log })
}
