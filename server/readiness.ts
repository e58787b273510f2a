// Whether the service can do its work: the store answers, the keys that sign are there, each log has its checkpoint, and
// nothing has waited long to be written. What is wrong is named without anything of the service's inside.
import { logsOf } from '../core/access.ts'
import { parseCheckpoint } from '../core/checkpoint.ts'
import { type FieldError, Refusal } from '../core/refusal.ts'
import { describeError } from './describe-error.ts'
import { checkSignature, findEventSigner, findLogSigner } from './log-keys.ts'
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

type Keys = Pick<Parts, 'store' | 'signer' | 'ledger'>

async function checkKeysOf(parts: Keys, site: string): Promise<void> {
  const { ledger } = parts
  await findEventSigner(parts, site)
  for (const log of logsOf(site)) {
    await findLogSigner(parts, log, await ledger.origin(log))
    await checkSignature(parts, log)
  }
}

/** Finds out that a key of a published site is missing, or is another. Throws a Refusal. */
export async function checkKeys(parts: Keys): Promise<void> {
  for (const { site } of await parts.store.listSites()) await checkKeysOf(parts, site)
}

async function findSiteFaults(parts: Parts, site: string): Promise<FieldError[]> {
  for (const log of logsOf(site)) {
    const { size, checkpoint } = await parts.store.readHead(log)
    if (size > 0 && (checkpoint === null || parseCheckpoint(checkpoint).size !== size)) return [fault('log', 'A log has leaves that no checkpoint covers.')]
  }
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
