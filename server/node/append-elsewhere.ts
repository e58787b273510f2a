// A store over a SQLite file whose batches are written in a thread of its own: the service's goes on while the disk is waited for.
import type { Append, Store } from '../store.ts'
import type { AppendAnswer } from './append-worker.ts'
import { startThreads } from './thread.ts'

function readAnswer(answer: AppendAnswer): boolean {
  if ('isWritten' in answer) return answer.isWritten
  throw Object.assign(new Error(answer.message), answer.code === undefined ? {} : { code: answer.code })
}

/** Where the batches go. */
export interface Elsewhere {
  /** The file, which has to exist. */
  path: string
  /** Keeps the store's own connection from its next work meanwhile: SQLite has one writer, and who waits for it by trying again may wait for ever. */
  hold<T>(work: () => Promise<T>): Promise<T>
}

/** The same store, whose `append` runs over a connection of its own. Closed when nothing is being written any more. */
export function appendElsewhere(store: Store, { path, hold }: Elsewhere): Store {
  const thread = startThreads<Append | null, AppendAnswer>(1, 'append-worker', { workerData: path })
  return {
    ...store,
    append: (batch) => hold(async () => readAnswer(await thread.ask(batch))),
    async close() {
      await thread.ask(null)
      await thread.waitForEnd()
      await store.close()
    },
  }
}
