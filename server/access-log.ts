// What is written of a request: method, the route that answered, status, time. The route stands as its pattern, so that no
// token, id or typed text is in it; there is no address of a caller, no user agent and no query.
import { routePath } from 'hono/route'
import type { Context } from 'hono'

/** A request that was answered. */
export interface Answered {
  method: string
  /** `/p/{token}`, or UNROUTED. */
  route: string
  status: number
  tookMs: number
}

/** Stands for every path that no route has. */
export const UNROUTED = 'none'

/** The pattern of the route that answered, as people write it: `/p/:token` is `/p/{token}`. */
export function findRoute(c: Context): string {
  const pattern = routePath(c)
  return pattern === '' || pattern === '*' || pattern === '/*' ? UNROUTED : pattern.replace(/:(\w+)(?:\{[^}]*\})?\??/g, '{$1}')
}

/** `GET /p/{token} 303 4 ms` */
export function formatAccess({ method, route, status, tookMs }: Answered): string {
  return `${method} ${route} ${status} ${Math.round(tookMs)} ms`
}

/** Where machines look whether the service is well, again and again. */
export const PROBES: readonly string[] = ['/healthz', '/readyz', '/metrics']

/** Whether a machine looked, and found it well. */
export function isProbe({ route, status }: Answered): boolean {
  return PROBES.includes(route) && status < 400
}
