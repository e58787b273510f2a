// What commands take out, in the log of accesses: recorded before anything is written. They name nobody: who may run them is
// the machine's affair.
import type { Access, AccessInput } from '../../core/access.ts'
import { recordAccess } from '../accesses.ts'
import type { Ledger } from '../ledger.ts'
import { openData } from '../node/open-data.ts'
import { findBaseUrl } from './base-url.ts'
import type { Io } from './command.ts'
import type { Environment } from './environment.ts'

/** Records what a command takes out; `route` is its name. Resolves when it is durable. */
export async function recordCommand(ledger: Ledger, access: Pick<AccessInput, 'site' | 'action' | 'route'> & { subject?: Access['subject'] }): Promise<void> {
  const { site, action, route, subject = null } = access
  await recordAccess(
    { ledger, now: Date.now, random: (length) => crypto.getRandomValues(new Uint8Array(length)) },
    { site, operator: { kind: 'command', id: null, name: null }, action, route, status: null, subject })
}

/**
 * Records that a command takes out all of every site. Where that fails nothing may be taken out, and `err` hears by which word
 * it may be all the same: a database must be saved also from a full disk, or when its keys are lost.
 */
export async function recordAllSites(environment: Environment, route: string, err: Io['err']): Promise<void> {
  try {
    const { store, ledger } = await openData(environment, await findBaseUrl(environment))
    try {
      for (const { site } of await store.listSites()) await recordCommand(ledger, { site, action: 'site:export', route })
    } finally {
      await store.close()
    }
  } catch (error) {
    err(`Nothing was copied: it could not be recorded in the log of accesses. With --unrecorded it is done all the same.\n`)
    throw error
  }
}
