// Who may use the operators' routes: whoever has the admin token.
import { isSameSecret } from './secret.ts'

/** Whether this is the admin token. Without one set, nothing is. */
export function isAdminToken(given: string | null | undefined, adminToken: string | undefined): boolean {
  return adminToken !== undefined && typeof given === 'string' && isSameSecret(given, adminToken)
}

/** Whether the request carries the admin token. */
export function isOperator(request: Request, adminToken: string | undefined): boolean {
  const [, given] = /^Bearer ([^\s]+)$/i.exec(request.headers.get('authorization') ?? '') ?? []
  return isAdminToken(given, adminToken)
}
