// Whether the service can do its work: the store answers, the keys that sign are there, each log has its checkpoint, and
// nothing has waited long to be written. What is wrong is named without anything of the service's inside.
import { parseCheckpoint, verifyCheckpoint } from '../core/checkpoint.ts'
import { type FieldError, Refusal, refuse } from '../core/refusal.ts'
import { describeError } from './describe-error.ts'
import { readLoggedKeys } from './log-keys.ts'
import type { Service } from './service.ts'
import type { Signer } from './signer.ts'

/** A store that is silent for so long counts as gone. */
const PATIENCE_MS = 5000
/** A batch takes milliseconds; what waits for so long waits for something that is broken. */
const BEHIND_MS = 30_000

type Parts = Pick<Service, 'store' | 'ledger' | 'log'> & { signer: Signer }

const fault = (pointer: string, detail: string): FieldError => ({ pointer, code: 'not_ready', detail })

/** A key that was lost and made anew signs what nobody can check: the last checkpoint must be of the key that signs the next. */
async function checkSignature({ store, signer }: Pick<Parts, 'store' | 'signer'>, site: string): Promise<void> {
  // The keys first: a rotation in between leaves a checkpoint that both keys signed.
  const { log } = await readLoggedKeys(store, site)
  const { checkpoint } = await store.readHead(site)
  if (checkpoint === null) return
  // Under the name that it has: a service that was given another address goes on with its logs.
  const { key } = await signer.signLog(site, parseCheckpoint(checkpoint).origin, log.at(-1)?.hash)
  await verifyCheckpoint(checkpoint, [key]).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error
    refuse('', 'key_missing', `The key here is not the one that signed the log of “${site}” so far. Give that one back; without it the log cannot go on.`)
  })
}

/** Finds out that a key of a published site is missing, or is another. Throws a Refusal. */
export async function checkKeys({ store, signer, ledger }: Pick<Parts, 'store' | 'signer' | 'ledger'>): Promise<void> {
  for (const { site } of await store.listSites()) {
    const { log, events } = await readLoggedKeys(store, site)
    await signer.signLog(site, ledger.origin(site), log.at(-1)?.hash)
    await signer.signEvents(site, events.map(({ hash }) => hash))
    await checkSignature({ store, signer }, site)
  }
}

async function findFaults(parts: Parts): Promise<FieldError[]> {
  const { store, ledger, log } = parts
  const faults: FieldError[] = []
  const sites = await store.listSites()
  for (const { site } of sites) {
    const { size, checkpoint } = await store.readHead(site)
    if (size > 0 && (checkpoint === null || parseCheckpoint(checkpoint).size !== size)) faults.push(fault('log', 'A log has leaves that no checkpoint covers.'))
  }
  if (ledger.waitedMs() > BEHIND_MS) faults.push(fault('log', 'What is to be recorded has waited too long.'))
  try {
    await checkKeys(parts)
  } catch (error) {
    log(`not ready, a key is missing or not the log’s: ${error instanceof Refusal ? error.message : describeError(error)}`)
    faults.push(fault('keys', 'A key that signs is not here.'))
  }
  return faults
}

function runOut(ms: number): { promise: Promise<never>; clear: () => void } {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new DOMException('The store is silent.', 'TimeoutError')), ms)
  return { promise, clear: () => clearTimeout(timer) }
}

/** What keeps the service from working; empty where nothing does. */
export async function findReadiness(parts: Parts): Promise<FieldError[]> {
  const timeout = runOut(PATIENCE_MS)
  try {
    return await Promise.race([findFaults(parts), timeout.promise])
  } catch (error) {
    parts.log(`not ready: ${describeError(error)}`)
    return [fault('store', 'The store does not answer.')]
  } finally {
    timeout.clear()
  }
}
