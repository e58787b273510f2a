// What goes into logs, one batch after the other for each of them, all or nothing.
import { createGathering } from './gathering.ts'

const BATCH_ENTRIES = 256
const TRIES = 50

/** What is done with a batch. `Prepared` is a batch that was checked and put together, with the result of every entry. */
export interface Steps<Entry, Result, Prepared> {
  /** Whether an entry needs a batch to itself. */
  isAlone(entry: Entry): boolean
  /** Puts a batch together on the log as it is, and writes nothing of it. */
  prepare(log: string, batch: readonly Entry[]): Promise<Prepared>
  /** Writes it. False: somebody else wrote to the log meanwhile. */
  write(log: string, prepared: Prepared): Promise<boolean>
  /** Results in the order of the entries; asked for once it is written. */
  finish(log: string, prepared: Prepared): readonly Result[]
  /** What was remembered of the log may be wrong. */
  drop(log: string): void
}

/** Batches of many logs. */
export interface Sequencer<Entry, Result> {
  /** Results in the order of the entries, once they are written. Rejects where that failed. */
  enqueue(log: string, entries: readonly Entry[]): Promise<Result[]>
  /** Says that something for this log is on its way, so that the next batch waits a moment for it; the answer says that it came or will not. */
  expect(log: string): () => void
  /** Milliseconds since the oldest batch in hand, of any log, was taken up; 0 where none is. */
  waitedMs(): number
}

/** Puts a sequencer together. `now` is milliseconds since 1970. */
export function createSequencer<Entry, Result, Prepared>(steps: Steps<Entry, Result, Prepared>, now: () => number): Sequencer<Entry, Result> {
  interface Item extends PromiseWithResolvers<Result> {
    entry: Entry
  }
  const queues = new Map<string, Item[]>()
  const takenUpMs = new Map<string, number>()
  const gathering = createGathering()

  async function writeAll(log: string, batch: readonly Entry[]): Promise<readonly Result[]> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const prepared = await steps.prepare(log, batch)
      if (await steps.write(log, prepared)) return steps.finish(log, prepared)
      steps.drop(log)
    }
    throw new Error(`another process keeps writing to the log of ${log}`)
  }

  async function take(log: string, batch: readonly Item[]): Promise<void> {
    takenUpMs.set(log, now())
    try {
      const results = await writeAll(log, batch.map(({ entry }) => entry))
      for (const [i, { resolve }] of batch.entries()) resolve(results[i]!)
    } catch (error) {
      steps.drop(log)
      for (const { reject } of batch) reject(error)
    } finally {
      takenUpMs.delete(log)
    }
  }

  async function drain(log: string, queue: Item[]): Promise<void> {
    while (queue.length > 0) {
      if (queue.length < BATCH_ENTRIES) await gathering.settle(log, () => queue.length)
      const next = queue.findIndex(({ entry }) => steps.isAlone(entry))
      await take(log, queue.splice(0, next < 0 ? BATCH_ENTRIES : Math.min(BATCH_ENTRIES, Math.max(next, 1))))
    }
    queues.delete(log)
  }

  return {
    enqueue(log, entries) {
      const queue = queues.get(log) ?? []
      const items = entries.map((entry): Item => ({ entry, ...Promise.withResolvers<Result>() }))
      queue.push(...items)
      if (!queues.has(log)) {
        queues.set(log, queue)
        void drain(log, queue)
      }
      return Promise.all(items.map(({ promise }) => promise))
    },
    expect: (log) => gathering.expect(log),
    waitedMs: () => Math.max(0, ...[...takenUpMs.values()].map((startMs) => now() - startMs)),
  }
}
