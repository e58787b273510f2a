// A thread that reads events for server/node/read-events.ts, which starts it.
import { parentPort } from 'node:worker_threads'
import { hashEvent, openEvent } from '../../core/event.ts'
import { type FieldError, Refusal } from '../../core/refusal.ts'
import { type ParsedJws, verifySignature } from '../../core/signature.ts'
import { checkSignatureHere } from './check-signature.ts'
import { useNative } from './native.ts'

/** Payload, hash and kid of an event that holds; else what is wrong with it. Texts cross threads much faster than members. */
export type EventRow = [payload: string, hash: string, kid: string] | { errors: readonly FieldError[] }

function attempt<T>(work: () => T): T | { errors: readonly FieldError[] } {
  try {
    return work()
  } catch (error) {
    if (error instanceof Refusal) return { errors: error.errors }
    throw error
  }
}

async function finish(jws: string, opened: ParsedJws | { errors: readonly FieldError[] }): Promise<EventRow> {
  if ('errors' in opened) return opened
  try {
    await verifySignature(opened, checkSignatureHere)
  } catch (error) {
    if (error instanceof Refusal) return { errors: error.errors }
    throw error
  }
  return [opened.payloadText, hashEvent(jws), opened.kid]
}

useNative()

// All are taken apart, then all signatures are checked: see docs/decisions/0011-how-an-audit-reads-lines.md.
parentPort!.on('message', async (texts: string[]) => {
  const opened = texts.map((jws) => attempt(() => openEvent(jws).parsed))
  parentPort!.postMessage(await Promise.all(texts.map((jws, i) => finish(jws, opened[i]!))))
})
