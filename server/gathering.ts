// Whoever is about to write a batch waits a moment for what is being read just then: one commit for many events costs
// hardly more than one for a single event. It waits for no more than half of them, though: while those that have come are
// written, the others are read.

// Reading an event takes a fraction of a millisecond; what takes longer waits for the next batch.
const PATIENCE_MS = 4

/** Counts what is under way, by key. */
export interface Gathering {
  /** Something is under way; what is answered is to be called when it has come, or will not; again does nothing. */
  expect(key: string): () => void
  /** Resolves when no more are under way than `countCome` says have come, or after a moment. */
  settle(key: string, countCome: () => number): Promise<void>
}

/** A gathering with nothing under way. */
export function createGathering(): Gathering {
  const counts = new Map<string, number>()
  const waiting = new Map<string, () => void>()
  return {
    expect(key) {
      counts.set(key, (counts.get(key) ?? 0) + 1)
      let hasCome = false
      return () => {
        if (hasCome) return
        hasCome = true
        const left = counts.get(key)! - 1
        if (left > 0) counts.set(key, left)
        else counts.delete(key)
        waiting.get(key)?.()
      }
    },
    settle(key, countCome) {
      const isSettled = () => countCome() >= (counts.get(key) ?? 0)
      if (isSettled()) return Promise.resolve()
      return new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer)
          waiting.delete(key)
          resolve()
        }
        const timer = setTimeout(end, PATIENCE_MS)
        waiting.set(key, () => {
          if (isSettled()) end()
        })
      })
    },
  }
}
