// Reads and checks events in threads beside the service's own, which has requests, the log and the database to look after.
// What is wrong with an event is told as core's readEvent tells it.
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { ConsentEvent, ReadEvent } from '../../core/event.ts'
import { Refusal } from '../../core/refusal.ts'
import type { ReadSigned } from '../service.ts'
import type { EventRow } from './event-worker.ts'

/** Events pass through and are garbage then; without limits V8 would take what it thinks the machine can spare. */
const LIMITS = { maxYoungGenerationSizeMb: 12, maxOldGenerationSizeMb: 128 }

/** So many in one message, so that the first of many are answered while the others are read. */
const MOST = 8

interface Waiting {
  jws: string
  resolve(read: ReadEvent): void
  reject(reason: unknown): void
}

interface Lane {
  worker: Worker
  /** What was handed to the thread; it answers in the order in which it was asked. */
  asked: Waiting[][]
}

/** The file of the thread: beside this one, built or not. */
const workerFile = new URL(import.meta.url.endsWith('.ts') ? './event-worker.ts' : './event-worker.js', import.meta.url)

function answer({ jws, resolve, reject }: Waiting, row: EventRow): void {
  if (!Array.isArray(row)) return reject(new Refusal([...row.errors]))
  const [payload, hash, kid] = row
  // The thread has read the text strictly; nothing of it is read differently here.
  resolve({ event: JSON.parse(payload) as ConsentEvent, jws, hash, kid, payloadPart: jws.slice(jws.indexOf('.') + 1, jws.lastIndexOf('.')) })
}

/** Threads that read; `close` ends them. */
export function createEventReader(threads = Math.max(1, availableParallelism() - 1)): { readEvent: ReadSigned; close(): Promise<void> } {
  const lanes: Lane[] = []
  let waiting: Waiting[] = []
  let isClosed = false

  function openLane(at: number): void {
    const lane: Lane = { worker: new Worker(workerFile, { resourceLimits: LIMITS }), asked: [] }
    lanes[at] = lane
    lane.worker.on('message', (rows: EventRow[]) => {
      for (const [i, one] of lane.asked.shift()!.entries()) answer(one, rows[i]!)
    })
    const fail = (error: unknown) => {
      for (const { reject } of lane.asked.splice(0).flat()) reject(error)
    }
    lane.worker.once('error', fail)
    lane.worker.once('exit', () => {
      fail(new Error('a thread that reads events has ended'))
      if (!isClosed) openLane(at)
    })
  }

  function handOver(): void {
    const share = Math.min(MOST, Math.ceil(waiting.length / threads))
    for (let start = 0; start < waiting.length; start += share) {
      const part = waiting.slice(start, start + share)
      const lane = lanes.reduce((least, other) => (other.asked.length < least.asked.length ? other : least))
      lane.asked.push(part)
      lane.worker.postMessage(part.map(({ jws }) => jws))
    }
    waiting = []
  }

  for (let i = 0; i < threads; i += 1) openLane(i)
  return {
    readEvent(jws) {
      const { promise, resolve, reject } = Promise.withResolvers<ReadEvent>()
      // What comes in one turn goes in one message.
      if (waiting.length === 0) setImmediate(handOver)
      waiting.push({ jws, resolve, reject })
      return promise
    },
    async close() {
      isClosed = true
      await Promise.all(lanes.map(({ worker }) => worker.terminate()))
    },
  }
}
