// Calls the running service as its operator, for commands about contacts and mails: only it may be writing to them.
import { PROBLEM_TYPE, type Problem } from '../../core/protocol.ts'
import { Refusal } from '../../core/refusal.ts'
import { baseUrlOf } from './base-url.ts'
import { type Io, UsageError } from './command.ts'
import { readEnvironment } from './environment.ts'

/** Sends a request to a route of a site; the answer, or a Refusal where the service refused. */
export type CallSite = (path: string, init?: RequestInit & { type?: string; duplex?: 'half' }) => Promise<Response>

/** The service that SAYSO_BASE_URL names, else the one on this machine, with SAYSO_ADMIN_TOKEN. */
export function createServiceClient({ env }: Pick<Io, 'env'>, site: string | undefined): CallSite {
  if (site === undefined) throw new UsageError('Name the site: --site S.')
  const environment = readEnvironment(env)
  if (environment.adminToken === undefined) throw new UsageError('Set SAYSO_ADMIN_TOKEN to the token of the running service.')
  const base = `${baseUrlOf(environment)}/v1/sites/${encodeURIComponent(site)}`
  return async (path, { type, ...init } = {}) => {
    const headers = { authorization: `Bearer ${environment.adminToken}`, accept: 'application/json', ...(type === undefined ? {} : { 'content-type': type }) }
    const response = await fetch(`${base}/${path}`, { ...init, headers }).catch((error: Error) => {
      throw new UsageError(`No service answers at ${base}: ${(error.cause as Error | undefined)?.message ?? error.message}. Is “sayso serve” running?`)
    })
    if (response.ok) return response
    const isProblem = response.headers.get('content-type')?.startsWith(PROBLEM_TYPE) === true
    const problem = isProblem ? ((await response.json()) as Problem) : undefined
    throw new Refusal(problem?.errors.length ? problem.errors : [{ pointer: '', code: 'service', detail: problem?.detail ?? `The service answered ${response.status}.` }])
  }
}
