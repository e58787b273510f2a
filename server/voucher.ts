// Whoever vouches for checkpoints from outside (witnesses, a time-stamping authority) is asked in the background, in
// rounds, one at a time for each site. Nothing waits for a round, and no fault in one reaches a commit.
import { describeError } from './describe-error.ts'
import type { Log } from './service.ts'

/** Somebody outside who is asked about new checkpoints. */
export interface Voucher {
  /** Asks about the site's newest checkpoint soon; returns at once and never throws. */
  wake(site: string): void
  /** Resolves when every site that was woken has been asked about. */
  settle(): Promise<void>
  /** Gives up what is under way and asks no more. */
  close(): Promise<void>
}

/** What rounds are made of. */
export interface VoucherOptions {
  /** One round about one site; `signal` aborts when the service stops. */
  holdRound: (site: string, signal: AbortSignal) => Promise<void>
  /** Between two rounds about one site. */
  pauseMs: number
  log: Log
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    }, { once: true })
  })
}

/** A voucher that holds these rounds. */
export function createVoucher({ holdRound, pauseMs, log }: VoucherOptions): Voucher {
  const closing = new AbortController()
  const awake = new Set<string>()
  const running = new Map<string, Promise<void>>()

  async function run(site: string): Promise<void> {
    // A commit during a round wakes the site again: the newest checkpoint is asked about, those between are not.
    while (!closing.signal.aborted && awake.delete(site)) {
      try {
        await holdRound(site, closing.signal)
      } catch (error) {
        if (!closing.signal.aborted) log(`asking about the log of ${site} failed: ${describeError(error)}`)
      }
      if (closing.signal.aborted) break
      if (awake.has(site)) await pause(pauseMs, closing.signal)
    }
    running.delete(site)
  }

  return {
    wake(site) {
      if (closing.signal.aborted) return
      awake.add(site)
      if (!running.has(site)) running.set(site, Promise.resolve().then(() => run(site)))
    },
    async settle() {
      while (running.size > 0) await Promise.all(running.values())
    },
    async close() {
      closing.abort()
      await Promise.all(running.values())
    },
  }
}
