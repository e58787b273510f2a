// A store over a SQLite file whose batches are written in a thread of its own: the service's goes on while the disk is waited for.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Append, Store } from '../store.ts'
import type { AppendAnswer } from './append-worker.ts'

/** The file of the thread: beside this one, built or not. */
const workerFile = new URL(import.meta.url.endsWith('.ts') ? './append-worker.ts' : './append-worker.js', import.meta.url)

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

/** The same store, whose `append` runs over a connection of its own. */
export function appendElsewhere(store: Store, { path, hold }: Elsewhere): Store {
  const worker = new Worker(workerFile, { workerData: path })
  const asked: PromiseWithResolvers<AppendAnswer>[] = []
  let failure: unknown
  worker.on('message', (answer: AppendAnswer) => asked.shift()!.resolve(answer))
  const fail = (error: unknown) => {
    failure ??= error
    for (const { reject } of asked.splice(0)) reject(failure)
  }
  worker.on('error', fail)
  worker.once('exit', () => fail(new Error('The thread that writes to the database has ended.')))

  return {
    ...store,
    append: (batch: Append) => hold(async () => {
      if (failure !== undefined) throw failure
      const waiting = Promise.withResolvers<AppendAnswer>()
      asked.push(waiting)
      worker.postMessage(batch)
      return readAnswer(await waiting.promise)
    }),
    async close() {
      if (failure === undefined) {
        worker.postMessage(null)
        await once(worker, 'exit')
      }
      await store.close()
    },
  }
}
