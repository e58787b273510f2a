// Reads lines of an export in as many threads as the machine has cores.
import { availableParallelism } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import type { Reading } from '../../core/read-line.ts'
import { useNative } from './native.ts'
import { unpackReadings } from './pack-readings.ts'
import { startThreads } from './thread.ts'

/** Batches that wait at each thread, so that none is ever idle. */
const QUEUE = 2

/** A thread makes much that is soon garbage: without limits each would take all the memory that V8 thinks a machine has to spare. */
const LIMITS = { maxYoungGenerationSizeMb: 12, maxOldGenerationSizeMb: 256 }

/** Its young generation has that size from the start (three times this) and keeps it, whatever steady-memory.ts says of ours. */
const YOUNG_FLAG = '--min-semi-space-size=4'

/** Threads that read; `close` ends them. This one, too, hashes with Node's own from then on: it has the tree to build. */
export function createReadPool(count = availableParallelism()): Reading & { close(): Promise<void> } {
  useNative()
  setFlagsFromString(YOUNG_FLAG)
  const threads = startThreads<readonly string[], Parameters<typeof unpackReadings>[0]>(count, 'read-worker', { resourceLimits: LIMITS })
  return {
    lanes: count * QUEUE,
    readLines: async (texts) => unpackReadings(await threads.ask(texts)),
    close: () => threads.close(),
  }
}
