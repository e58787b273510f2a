// Records what operators read and take out, before it leaves: an answer whose access cannot be recorded is not given. Every
// request that an operator's token opened counts, but for those that are named here because they show nothing of anybody.
import type { MiddlewareHandler } from 'hono'
import { type AccessInput, type AccessSubject, SUBJECTS_LIMIT, writeAccess } from '../core/access.ts'
import { type Bytes, toBase64url } from '../core/bytes.ts'
import { findRoute } from './access-log.ts'
import type { Operator } from './grant.ts'
import type { Ledger } from './ledger.ts'
import type { RouteEnv, Service } from './service.ts'

/** They answer with how many, with states and with the ids of mailings and mails. All others are recorded, new ones too. */
const SHOWS_NOBODY: ReadonlySet<string> = new Set([
  'POST /v1/sites/{site}/contacts/{id}/purge', 'POST /v1/sites/{site}/suppressions',
  'POST /v1/sites/{site}/mailings', 'GET /v1/sites/{site}/mailings', 'GET /v1/sites/{site}/mailings/{id}',
  'POST /v1/sites/{site}/mailings/{id}/stop', 'POST /v1/sites/{site}/mailings/{id}/resume',
  'GET /v1/sites/{site}/mails', 'POST /v1/sites/{site}/mails/{id}/retry', 'DELETE /v1/records/{id}',
])

/** What an entry is made with. */
interface Parts {
  ledger: Pick<Ledger, 'recordAccesses'>
  now: () => number
  random: (length: number) => Bytes
}

/** Several contacts, so many in an entry. */
function split(subject: AccessSubject | null): (AccessSubject | null)[] {
  if (subject === null || !('contact_ids' in subject) || subject.contact_ids.length <= SUBJECTS_LIMIT) return [subject]
  const { contact_ids: ids } = subject
  return Array.from({ length: Math.ceil(ids.length / SUBJECTS_LIMIT) }, (_, i) => ({ contact_ids: ids.slice(i * SUBJECTS_LIMIT, (i + 1) * SUBJECTS_LIMIT) }))
}

/** Records an access; resolves when it is durable. */
export async function recordAccess({ ledger, now, random }: Parts, access: AccessInput): Promise<void> {
  await ledger.recordAccesses(access.site, split(access.subject).map((subject) => writeAccess({ ...access, subject }, { timeMs: now(), salt: toBase64url(random(16)) })))
}

function nameOperator({ token }: Operator): AccessInput['operator'] {
  return token === null ? { kind: 'admin', id: null, name: null } : { kind: 'token', id: token.id, name: token.name }
}

/** Holds an answer to an operator back until its access is recorded; where that fails, the failure is the answer. */
export function holdAnswers(service: Service): MiddlewareHandler<RouteEnv> {
  return async (c, next) => {
    await next()
    const { grant, subject = null } = c.var
    if (!grant) return
    const { status } = c.res
    const route = `${c.req.method === 'HEAD' ? 'GET' : c.req.method} ${findRoute(c)}`
    // What is not there, or failed, was not shown.
    if (status === 404 || status === 405 || status >= 500 || SHOWS_NOBODY.has(route)) return
    const { operator, scope, site } = grant
    try {
      await recordAccess(service, { site, operator: nameOperator(operator), action: scope, route, status, subject })
    } catch (error) {
      const unseen = c.res
      // Else its headers would go out with the failure.
      c.res = undefined
      await unseen.body?.cancel()
      throw error
    }
  }
}
