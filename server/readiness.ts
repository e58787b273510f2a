// Whether the service can do its work: the store answers, the keys that sign are there, each log has its checkpoint, and
// nothing has waited long to be written. What is wrong is named without anything of the service's inside.
import { parseCheckpoint, verifyCheckpoint } from '../core/checkpoint.ts'
import { type FieldError, Refusal, refuse } from '../core/refusal.ts'
import { describeError } from './describe-error.ts'
import { readLoggedKeys } from './log-keys.ts'
import { isOutage } from './outage.ts'
import type { Service } from './service.ts'
import type { Signer } from './signer.ts'

/** A store that is silent for so long counts as gone. */
const PATIENCE_MS = 5000
/** A batch takes milliseconds; what waits for so long waits for something that is broken. */
const BEHIND_MS = 30_000
const SITES_AT_ONCE = 50

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

type Keys = Pick<Parts, 'store' | 'signer' | 'ledger'>

async function checkKeysOf(parts: Keys, site: string): Promise<void> {
  const { store, signer, ledger } = parts
  const { log, events } = await readLoggedKeys(store, site)
  await signer.signLog(site, ledger.origin(site), log.at(-1)?.hash)
  await signer.signEvents(site, events.map(({ hash }) => hash))
  await checkSignature(parts, site)
}

/** Finds out that a key of a published site is missing, or is another. Throws a Refusal. */
export async function checkKeys(parts: Keys): Promise<void> {
  for (const { site } of await parts.store.listSites()) await checkKeysOf(parts, site)
}

async function findSiteFaults(parts: Parts, site: string): Promise<FieldError[]> {
  const { size, checkpoint } = await parts.store.readHead(site)
  if (size > 0 && (checkpoint === null || parseCheckpoint(checkpoint).size !== size)) return [fault('log', 'A log has leaves that no checkpoint covers.')]
  try {
    await checkKeysOf(parts, site)
    return []
  } catch (error) {
    // A store that fails is no key that is missing.
    if (isOutage(error)) throw error
    parts.log(`not ready, a key is missing or not the log’s: ${error instanceof Refusal ? error.message : describeError(error)}`)
    return [fault('keys', 'A key that signs is not here.')]
  }
}

function runOut(ms: number): { promise: Promise<never>; clear: () => void } {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new DOMException('The store is silent.', 'TimeoutError')), ms)
  return { promise, clear: () => clearTimeout(timer) }
}

/** What keeps the service from working; empty where nothing does. */
export type FindReadiness = () => Promise<FieldError[]>

/** Looks at some sites each time, in turn, and at those that had a fault: with many, looking at all would take longer than anybody waits. */
export function createReadiness(parts: Parts): FindReadiness {
  let next = 0
  let faulty: string[] = []

  async function findFaults(): Promise<FieldError[]> {
    const sites = (await parts.store.listSites()).map(({ site }) => site)
    const turn = Array.from({ length: Math.min(SITES_AT_ONCE, sites.length) }, (_, i) => sites[(next + i) % sites.length]!)
    next = sites.length === 0 ? 0 : (next + turn.length) % sites.length
    const found = new Map<string, FieldError[]>()
    for (const site of new Set([...faulty.filter((name) => sites.includes(name)), ...turn])) found.set(site, await findSiteFaults(parts, site))
    faulty = [...found].filter(([, faults]) => faults.length > 0).map(([site]) => site)
    const behind = parts.ledger.waitedMs() > BEHIND_MS ? [fault('log', 'What is to be recorded has waited too long.')] : []
    // Of many sites with one fault it is told once.
    return [...new Map([...behind, ...[...found.values()].flat()].map((one) => [one.detail, one])).values()]
  }

  return async () => {
    const timeout = runOut(PATIENCE_MS)
    try {
      return await Promise.race([findFaults(), timeout.promise])
    } catch (error) {
      parts.log(`not ready: ${describeError(error)}`)
      return [fault('store', 'The store does not answer.')]
    } finally {
      timeout.clear()
    }
  }
}
