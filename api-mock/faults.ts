// What goes wrong between a page and the service, on demand: for tests of what the widget does then. None of it
// decides anything about consent; it only loses, delays or spoils what passes through.

/** Hands a request on to the service. */
export type Answer = (request: Request) => Promise<Response>

/** Switches for faults; one at a time, until `heal`. */
export interface Faults {
  /** Requests do not arrive. */
  goOffline(): void
  /** Requests arrive, their answers get lost: what is sent again must count once. */
  loseAnswers(): void
  /** Answers wait until the returned function is called. */
  slowDown(): () => void
  /** 503 with Retry-After. */
  becomeUnavailable(retryAfterSeconds?: number): void
  /** 200 with half a JSON document. */
  spoilAnswers(): void
  heal(): void
  /** Passes a request through the fault that is on. A response of type `error` is a network error. */
  pass(request: Request, answer: Answer): Promise<Response>
}

/** Faults, all off. */
export function createFaults(): Faults {
  const healthy = (request: Request, answer: Answer) => answer(request)
  let pass = healthy

  return {
    goOffline() {
      pass = async () => Response.error()
    },
    loseAnswers() {
      pass = async (request, answer) => {
        await answer(request)
        return Response.error()
      }
    },
    slowDown() {
      const { promise, resolve } = Promise.withResolvers<void>()
      pass = async (request, answer) => {
        await promise
        return answer(request)
      }
      return () => {
        pass = healthy
        resolve()
      }
    },
    becomeUnavailable(retryAfterSeconds = 30) {
      pass = async () => new Response('unavailable', { status: 503, headers: { 'retry-after': String(retryAfterSeconds) } })
    },
    spoilAnswers() {
      pass = async () => new Response('{"results":[{"event_id":', { headers: { 'content-type': 'application/json' } })
    },
    heal() {
      pass = healthy
    },
    pass: (request, answer) => pass(request, answer),
  }
}
