// Counts what a page fetches, on its way over the wire: bodies as they came, Brotli or not, without headers.
import type { CDPSession } from 'playwright'

const QUIET_MS = 500
const SETTLE_TIMEOUT_MS = 60_000

/** What a page fetched; its own document does not count. */
export interface Traffic {
  /** Everything begun so far. */
  count(): { requests: number; bytes: number }
  /** Of that, what had begun when `mark` was called; bytes that came later included. */
  countMarked(): { requests: number; bytes: number }
  mark(): void
  /** Resolves when nothing is under way and nothing began or ended for half a second from now on. */
  settle(): Promise<void>
}

interface Fetched { bytes: number; headerBytes: number; isMarked: boolean; isOpen: boolean }

/** Starts to count. */
export async function watchTraffic(cdp: CDPSession): Promise<Traffic> {
  const fetched = new Map<string, Fetched>()
  let lastMs = performance.now()

  cdp.on('Network.requestWillBeSent', ({ requestId, type, request, redirectResponse }) => {
    if (type === 'Document' || !request.url.startsWith('http') || redirectResponse) return
    lastMs = performance.now()
    fetched.set(requestId, { bytes: 0, headerBytes: 0, isMarked: false, isOpen: true })
  })
  cdp.on('Network.responseReceived', ({ requestId, response }) => {
    const entry = fetched.get(requestId)
    if (entry) entry.headerBytes = response.encodedDataLength
  })
  const end = (requestId: string, bytes?: number) => {
    const entry = fetched.get(requestId)
    if (!entry) return
    lastMs = performance.now()
    entry.isOpen = false
    if (bytes !== undefined) entry.bytes = Math.max(0, bytes - entry.headerBytes)
  }
  cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => end(requestId, encodedDataLength))
  cdp.on('Network.loadingFailed', ({ requestId }) => end(requestId))
  await cdp.send('Network.enable')

  const sum = (entries: Fetched[]) => ({ requests: entries.length, bytes: entries.reduce((total, { bytes }) => total + bytes, 0) })
  return {
    count: () => sum([...fetched.values()]),
    countMarked: () => sum([...fetched.values()].filter(({ isMarked }) => isMarked)),
    mark() {
      for (const entry of fetched.values()) entry.isMarked = true
    },
    async settle() {
      lastMs = performance.now()
      const deadlineMs = lastMs + SETTLE_TIMEOUT_MS
      while ([...fetched.values()].some(({ isOpen }) => isOpen) || performance.now() - lastMs < QUIET_MS) {
        if (performance.now() > deadlineMs) throw new Error('The page does not stop fetching.')
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
  }
}
