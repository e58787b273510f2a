// Too much at once is turned away before it takes memory: how many requests are under way, and how many bytes of bodies they
// may have, is bounded. Who is turned away is told when to come back, and the widget does.
import type { Limits } from './limits.ts'
import { OverloadRefusal } from './problem.ts'

// What a decision takes is over long before; what comes back all at once would be turned away again.
const RETRY_SECONDS = 5

/** Runs work for a request. Throws an OverloadRefusal where there is no room for it. */
export type Guard = <T>(request: Request, work: () => Promise<T>) => Promise<T>

/** A guard with nothing under way. */
export function createLoadGuard({ requestsAtOnce, bytesAtOnce, bodyBytes }: Limits): Guard {
  let [requests, bytes] = [0, 0]
  return async (request, work) => {
    const hasBody = request.method !== 'GET' && request.method !== 'HEAD'
    const said = request.headers.get('content-length')
    // A body of unknown length may have any that is taken.
    const length = hasBody ? Math.min(said === null ? bodyBytes : Number(said) || 0, bodyBytes) : 0
    if (requests >= requestsAtOnce || (requests > 0 && bytes + length > bytesAtOnce)) throw new OverloadRefusal(RETRY_SECONDS)
    requests += 1
    bytes += length
    try {
      return await work()
    } finally {
      requests -= 1
      bytes -= length
    }
  }
}
