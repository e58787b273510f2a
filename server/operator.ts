// Who may use the operators' routes: whoever has the admin token, which may do everything, or a token for some of it.
import { hashText } from '../core/hash.ts'
import { refuse } from '../core/refusal.ts'
import type { Operator } from './grant.ts'
import { RateRefusal } from './problem.ts'
import { isSameSecret } from './secret.ts'
import type { Service } from './service.ts'
import { isInForce, type Scope } from './token.ts'

type Parts = Pick<Service, 'store' | 'adminToken' | 'now'>

/** Whose secret this is; undefined where it is nobody's, expired or revoked. */
export async function findOperator({ store, adminToken, now }: Parts, secret: string | null | undefined): Promise<Operator | undefined> {
  if (!secret) return undefined
  if (adminToken !== undefined && isSameSecret(secret, adminToken)) return { site: null, scopes: null, token: null }
  // Found by its hash, so the time tells nothing of what was nearly right.
  const token = await store.findToken(hashText(secret))
  return token && isInForce(token, now()) ? { site: token.site, scopes: token.scopes, token } : undefined
}

/** The secret that a request carries (RFC 6750). */
export function readSecret(request: Request): string | undefined {
  return /^Bearer ([^\s]+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
}

/** Whether they may do this at this site. */
export function may({ site, scopes }: Operator, scope: Scope, wantedSite: string): boolean {
  return (site === null || site === wantedSite) && (scopes === null || scopes.includes(scope))
}

/** Whoever has a token for this. Throws a Refusal: 401 for none that is in force, 403 for another's site or work, 429 for guessing. */
export async function requireOperator(service: Service, request: Request, ip: string | undefined, { scope, site }: { scope: Scope; site: string }): Promise<Operator> {
  const secret = readSecret(request)
  const operator = await findOperator(service, secret)
  if (!operator) {
    const grant = secret === undefined ? { isGranted: true as const } : service.limiter.takeVisit(ip)
    if (!grant.isGranted) throw new RateRefusal(grant.retryAfterSeconds)
    return refuse('', 'unauthorized', 'Send “Authorization: Bearer” with the admin token, or a token for this that is in force.')
  }
  if (!may(operator, scope, site)) refuse('', 'token_scope', `The token is not for “${scope}” at this site.`)
  return operator
}
