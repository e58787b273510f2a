// The thread that writes to a SQLite file for server/node/append-elsewhere.ts, which starts it.
import { parentPort, workerData } from 'node:worker_threads'
import { createSqlStore, openSqlite } from '../store-sql.ts'
import type { Append } from '../store.ts'
import { useNative } from './native.ts'

/** Whether it was written; else why not: an error loses its code on its way from thread to thread. */
export type AppendAnswer = { isWritten: boolean } | { message: string; code: unknown }

useNative()
const store = createSqlStore(await openSqlite(workerData as string))

async function append(batch: Append): Promise<AppendAnswer> {
  try {
    return { isWritten: await store.append(batch) }
  } catch (error) {
    const { message, code } = error as Error & { code?: unknown }
    return { message, code }
  }
}

/** The end: nothing comes after null. The thread ends by itself: from outside it would be ended in the middle of something. */
async function close(): Promise<AppendAnswer> {
  await store.close()
  parentPort!.unref()
  return { isWritten: false }
}

/** One after the other, so that answers come in the order of what was asked. */
let work = Promise.resolve()
parentPort!.on('message', (batch: Append | null) => {
  work = work.then(async () => parentPort!.postMessage(await (batch === null ? close() : append(batch))))
})
