// Reads and checks events in threads beside the service's own, which has requests, the log and the database to look after.
// What is wrong with an event is told as core's readEvent tells it.
import { Buffer } from 'node:buffer'
import { availableParallelism } from 'node:os'
import type { ConsentEvent, ReadEvent } from '../../core/event.ts'
import { Refusal } from '../../core/refusal.ts'
import type { ReadSigned } from '../service.ts'
import type { EventAnswer } from './event-worker.ts'
import { startThreads } from './thread.ts'

/** Events pass through and are garbage then; without limits V8 would take what it thinks the machine can spare. */
const LIMITS = { maxYoungGenerationSizeMb: 12, maxOldGenerationSizeMb: 128 }

/** So many in one message, so that the first of many are answered while the others are read. */
const MOST = 8

interface Waiting extends PromiseWithResolvers<ReadEvent> {
  jws: string
}

function pass({ jws, resolve, reject }: Waiting, answer: EventAnswer): void {
  if (!Array.isArray(answer)) return reject(new Refusal([...answer.errors]))
  const [hash, kid] = answer
  const payloadPart = jws.slice(jws.indexOf('.') + 1, jws.lastIndexOf('.'))
  // The thread has read it strictly, so nothing of it can be read in two ways; the text is here already, and is read faster than it crosses.
  resolve({ event: JSON.parse(Buffer.from(payloadPart, 'base64url').toString()) as ConsentEvent, jws, hash, kid, payloadPart })
}

/** Threads that read; `close` ends them. */
export function createEventReader(count = Math.max(1, availableParallelism() - 1)): { readEvent: ReadSigned; close(): Promise<void> } {
  const threads = startThreads<readonly string[], EventAnswer[]>(count, 'event-worker', { resourceLimits: LIMITS })
  let waiting: Waiting[] = []

  async function handOver(part: readonly Waiting[]): Promise<void> {
    try {
      const answers = await threads.ask(part.map(({ jws }) => jws))
      for (const [i, one] of part.entries()) pass(one, answers[i]!)
    } catch (error) {
      for (const { reject } of part) reject(error)
    }
  }

  function handOverAll(): void {
    const share = Math.min(MOST, Math.ceil(waiting.length / count))
    for (let start = 0; start < waiting.length; start += share) void handOver(waiting.slice(start, start + share))
    waiting = []
  }

  return {
    readEvent(jws) {
      const one = { jws, ...Promise.withResolvers<ReadEvent>() }
      // What comes in one turn goes in few messages.
      if (waiting.length === 0) setImmediate(handOverAll)
      waiting.push(one)
      return one.promise
    },
    close: () => threads.close(),
  }
}
