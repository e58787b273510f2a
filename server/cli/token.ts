// sayso token: tokens for the operators' routes, made, listed and revoked in the service's data; a running service knows at once.
import { parseArgs } from 'node:util'
import { refuse } from '../../core/refusal.ts'
import { formatTime } from '../../core/time.ts'
import { openStore } from '../node/open-data.ts'
import type { Store } from '../store.ts'
import { createToken, isInForce, SCOPES } from '../token.ts'
import { type Command, type Io, UsageError } from './command.ts'
import { readEnvironment } from './environment.ts'

const DAYS = '90'

async function withStore(io: Io, work: (store: Store) => Promise<void>): Promise<number> {
  const store = await openStore(readEnvironment(io.env))
  try {
    await work(store)
    return 0
  } finally {
    await store.close()
  }
}

/** `sayso token new --name N --scopes A,B (--site S | --all-sites) [--days 90]` */
export const makeToken: Command = async (args, io) => {
  const { values } = parseArgs({
    args, options: { name: { type: 'string' }, scopes: { type: 'string' }, site: { type: 'string' }, 'all-sites': { type: 'boolean', default: false }, days: { type: 'string', default: DAYS } },
  })
  const { name, scopes, site = null, days } = values
  if (name === undefined || scopes === undefined) throw new UsageError(`Name the token and what it may do, of ${Object.keys(SCOPES).join(', ')}: --name N --scopes A,B`)
  if ((site !== null) === values['all-sites']) throw new UsageError('Name one site, --site S, or all of them, --all-sites.')
  return withStore(io, async (store) => {
    if (site !== null && !(await store.findSite(site))) refuse('/site', 'unknown_site', `No site “${site}” is published here.`)
    const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
    const { secret, hash, token } = createToken({ name, site, scopes: scopes.split(',').map((scope) => scope.trim()), days: Number(days) }, { now: Date.now, random })
    await store.addToken(hash, token)
    io.err(`${token.id}: ${token.name}, until ${token.expiresAt}. The token is shown this once:\n`)
    io.out(`${secret}\n`)
  })
}

/** `sayso token` */
export const listTokens: Command = async (args, io) => {
  parseArgs({ args, options: {} })
  return withStore(io, async (store) => {
    for (const token of await store.listTokens()) {
      const state = token.revokedAt !== null ? `revoked ${token.revokedAt}` : isInForce(token, Date.now()) ? `until ${token.expiresAt}` : `expired ${token.expiresAt}`
      io.out(`${token.id}  ${token.site ?? 'all sites'}  ${token.scopes.join(',')}  ${state}  ${token.name}\n`)
    }
  })
}

/** `sayso token revoke ID` */
export const revokeToken: Command = async (args, io) => {
  const [id, ...more] = parseArgs({ args, allowPositionals: true }).positionals
  if (id === undefined || more.length > 0) throw new UsageError('Name one token by its id.')
  return withStore(io, async (store) => {
    if (!(await store.revokeToken(id, formatTime(Date.now())))) refuse('', 'not_found', `There is no token ${id}.`)
    io.out(`${id} is revoked.\n`)
  })
}
