// One after the other, by key: what is read and then written about a person does not run twice at once here.

/** Runs work for a key after everything that was asked for this key before. */
export type TakeTurn = <T>(key: string, work: () => Promise<T>) => Promise<T>

/** Turns in one process; between processes the log's own order decides. */
export function createTurns(): TakeTurn {
  const last = new Map<string, Promise<unknown>>()
  return async (key, work) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(work, work)
    const settled = turn.catch(() => undefined)
    last.set(key, settled)
    try {
      return await turn
    } finally {
      if (last.get(key) === settled) last.delete(key)
    }
  }
}
