// A thread that reads events for server/node/read-events.ts, which starts it.
import { parentPort } from 'node:worker_threads'
import { readEvent } from '../../core/event.ts'
import { type FieldError, Refusal } from '../../core/refusal.ts'
import { checkSignatureHere } from './check-signature.ts'
import { useNative } from './native.ts'

/** What an event is known by, where it holds; else what is wrong with it. */
export type EventAnswer = [hash: string, kid: string] | { errors: readonly FieldError[] }

async function read(jws: string): Promise<EventAnswer> {
  try {
    const { hash, kid } = await readEvent(jws, checkSignatureHere)
    return [hash, kid]
  } catch (error) {
    if (error instanceof Refusal) return { errors: error.errors }
    throw error
  }
}

useNative()
parentPort!.on('message', async (texts: readonly string[]) => parentPort!.postMessage(await Promise.all(texts.map(read))))
