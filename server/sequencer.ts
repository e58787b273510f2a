// What goes into logs, one batch after the other for each of them. While a batch is being written the next one is put together on
// what the log will be then; where that comes otherwise, it is put together anew.
import { createGathering } from './gathering.ts'

/** With more the store has nothing to write while the batch is put together. */
const BATCH_ENTRIES = 256
const TRIES = 50

/** What is done with a batch. `Prepared` is a batch that was checked and put together, with the result of every entry. */
export interface Steps<Entry, Result, Prepared> {
  /** Whether an entry needs a batch to itself. */
  isAlone(entry: Entry): boolean
  /** Whether a batch can be put together before the one `before` it is written. */
  canFollow(batch: readonly Entry[], before: Prepared): boolean
  /** Puts a batch together on the log as it is, or as `before` is going to leave it. Changes nothing. */
  prepare(log: string, batch: readonly Entry[], before?: Prepared): Promise<Prepared>
  /** Writes it, all or nothing. False: somebody else wrote to the log meanwhile. */
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
  /** By log: the batch that is being written, and whether the log was then as it had been prepared to be. */
  const underWay = new Map<string, { prepared: Prepared; isAsPrepared: Promise<boolean> }>()
  const takenUpMs = new Map<readonly Item[], number>()
  const gathering = createGathering()

  function fail(log: string, batch: readonly Item[], error: unknown): void {
    steps.drop(log)
    for (const { reject } of batch) reject(error)
    takenUpMs.delete(batch)
  }

  /** Writes and answers; never rejects. False where it was not written as it was prepared first. */
  async function write(log: string, batch: readonly Item[], first: Prepared): Promise<boolean> {
    try {
      let prepared = first
      for (let tries = 1; !(await steps.write(log, prepared)); tries += 1) {
        if (tries === TRIES) throw new Error(`another process keeps writing to the log of ${log}`)
        steps.drop(log)
        prepared = await steps.prepare(log, batch.map(({ entry }) => entry))
      }
      const results = steps.finish(log, prepared)
      for (const [i, { resolve }] of batch.entries()) resolve(results[i]!)
      takenUpMs.delete(batch)
      return prepared === first
    } catch (error) {
      fail(log, batch, error)
      return false
    }
  }

  /** Resolves when the batch is on its way to the store: the one before it is done then. */
  async function takeUp(log: string, batch: readonly Item[]): Promise<void> {
    takenUpMs.set(batch, now())
    const entries = batch.map(({ entry }) => entry)
    const before = underWay.get(log)
    try {
      const ahead = before && steps.canFollow(entries, before.prepared) ? await steps.prepare(log, entries, before.prepared) : undefined
      const isForeseen = await before?.isAsPrepared
      const prepared = ahead !== undefined && isForeseen ? ahead : await steps.prepare(log, entries)
      const one = { prepared, isAsPrepared: write(log, batch, prepared) }
      underWay.set(log, one)
      void one.isAsPrepared.then(() => underWay.get(log) === one && underWay.delete(log))
    } catch (error) {
      fail(log, batch, error)
    }
  }

  async function drain(log: string, queue: Item[]): Promise<void> {
    while (queue.length > 0) {
      if (queue.length < BATCH_ENTRIES) await gathering.settle(log, () => queue.length)
      const next = queue.findIndex(({ entry }) => steps.isAlone(entry))
      await takeUp(log, queue.splice(0, next < 0 ? BATCH_ENTRIES : Math.min(BATCH_ENTRIES, Math.max(next, 1))))
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
