// sayso key: the keys that check a site's log, for whoever verifies; new keys, and their rotation.
import { parseArgs } from 'node:util'
import { accessLogOf } from '../../core/access.ts'
import { formatNoteKey } from '../../core/checkpoint.ts'
import { openData } from '../node/open-data.ts'
import { findBaseUrl } from './base-url.ts'
import { type Command, UsageError } from './command.ts'
import { readEnvironment } from './environment.ts'
import { generateKey, generateSecret, type KeyKind, type LogJwk, SUPPRESSION_KEY, toNoteKey } from '../signer.ts'

function readKind(kind: string | undefined): KeyKind {
  if (kind === 'log' || kind === 'events') return kind
  throw new UsageError('Name the kind of key: --kind log (signs checkpoints) or --kind events (attests events).')
}

/** `sayso key new --kind log|events|suppression`: a private key or a secret as JWK, for SAYSO_KEYS. */
export const printNewKey: Command = async (args, io) => {
  const { kind } = parseArgs({ args, options: { kind: { type: 'string' } } }).values
  io.out(`${kind === SUPPRESSION_KEY ? generateSecret() : await generateKey(readKind(kind))}\n`)
  return 0
}

/** `sayso key rotate --site S [--kind log|events]` */
export const rotateKey: Command = async (args, io) => {
  const { site, kind: named } = parseArgs({ args, options: { site: { type: 'string' }, kind: { type: 'string', default: 'log' } } }).values
  if (site === undefined) throw new UsageError('Name the site: --site S.')
  const kind = readKind(named)
  const environment = readEnvironment(io.env)
  const { store, ledger } = await openData(environment, await findBaseUrl(environment))
  try {
    if (!(await store.findSite(site))) {
      io.err(`${site}: no site of this name is published in ${environment.dataDir}.\n`)
      return 1
    }
    const { jwk, hash } = await ledger.rotate(site, kind)
    if (kind === 'log') {
      io.out(`${formatNoteKey(toNoteKey(await ledger.origin(site), jwk as LogJwk))}\n`)
      io.out(`${formatNoteKey(toNoteKey(await ledger.origin(accessLogOf(site)), jwk as LogJwk))}\n`)
      io.out('It signs the log, and under a name of its own that of the accesses, from now on. Publish both lines where your auditors look; the keys before it still check what they signed.\n')
    } else {
      io.out(`${hash}\nIt attests events from now on. What the keys before it attested still holds.\n`)
    }
    if (environment.keys) io.out('Keys come from SAYSO_KEYS: a service that was started without this one must be restarted with it.\n')
    else io.out('A running service takes it up by itself.\n')
    return 0
  } finally {
    await store.close()
  }
}

/** `sayso key --site S [--accesses]` */
export const printKeys: Command = async (args, io) => {
  const { site, accesses } = parseArgs({ args, options: { site: { type: 'string' }, accesses: { type: 'boolean', default: false } } }).values
  if (site === undefined) throw new UsageError('Name the site: --site S.')
  const environment = readEnvironment(io.env)
  const { store, ledger } = await openData(environment, await findBaseUrl(environment))
  try {
    if (!(await store.findSite(site))) {
      io.err(`${site}: no site of this name is published in ${environment.dataDir}.\n`)
      return 1
    }
    for (const vkey of await ledger.vkeys(accesses ? accessLogOf(site) : site)) io.out(`${vkey}\n`)
    return 0
  } finally {
    await store.close()
  }
}
