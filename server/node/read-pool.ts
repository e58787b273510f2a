// Reads lines of an export in as many threads as the machine has cores.
import { availableParallelism } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import type { LineReading, Reading } from '../../core/read-line.ts'
import { useNative } from './native.ts'
import { unpackReadings } from './pack-readings.ts'

/** Batches that wait at each thread, so that none is ever idle. */
const QUEUE = 2

/** A thread makes much that is soon garbage: without limits each would take all the memory that V8 thinks a machine has to spare. */
const LIMITS = { maxYoungGenerationSizeMb: 12, maxOldGenerationSizeMb: 256 }

/** Its young generation has that size from the start (three times this) and keeps it, whatever steady-memory.ts says of ours. */
const YOUNG_FLAG = '--min-semi-space-size=4'

interface Lane {
  worker: Worker
  waiting: PromiseWithResolvers<LineReading[]>[]
}

/** The file of the thread: beside this one, built or not. */
const workerFile = new URL(import.meta.url.endsWith('.ts') ? './read-worker.ts' : './read-worker.js', import.meta.url)

function openLane(): Lane {
  const worker = new Worker(workerFile, { resourceLimits: LIMITS })
  const lane: Lane = { worker, waiting: [] }
  // A thread answers in the order in which it was asked.
  worker.on('message', (row: Parameters<typeof unpackReadings>[0]) => lane.waiting.shift()!.resolve(unpackReadings(row)))
  worker.on('error', (error) => {
    for (const { reject } of lane.waiting.splice(0)) reject(error)
  })
  return lane
}

/** Threads that read; `close` ends them. This one, too, hashes with Node's own from then on: it has the tree to build. */
export function createReadPool(threads = availableParallelism()): Reading & { close(): Promise<void> } {
  useNative()
  setFlagsFromString(YOUNG_FLAG)
  const lanes = Array.from({ length: threads }, openLane)
  return {
    lanes: threads * QUEUE,
    readLines(texts) {
      const lane = lanes.reduce((least, other) => (other.waiting.length < least.waiting.length ? other : least))
      const waiting = Promise.withResolvers<LineReading[]>()
      lane.waiting.push(waiting)
      lane.worker.postMessage(texts)
      return waiting.promise
    },
    async close() {
      await Promise.all(lanes.map(({ worker }) => worker.terminate()))
    },
  }
}
