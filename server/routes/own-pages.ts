// Cross-origin rules for what a site's own pages call (Fetch standard, CORS): the registered origins may read the
// answer, without credentials, and need not ask again for a day. To all others the answer stays closed.
import type { Routes, Service } from '../service.ts'

/** Lets a page's code read when to come back. */
export const EXPOSED = { 'access-control-expose-headers': 'Retry-After' } as const

/** Adds the rules for a path with `:site`; the routes behind find the site in the context. */
export function answerOwnPages(app: Routes, path: string, service: Service): void {
  app.use(path, async (c, next) => {
    const origin = c.req.header('origin')
    const site = await service.recallSite(c.req.param('site') ?? '', ({ origins }) => origin === undefined || origins.includes(origin))
    c.set('site', site)
    if (c.req.method === 'OPTIONS') c.res = new Response(null, { status: 204 })
    else await next()
    c.res.headers.append('vary', 'Origin')
    if (origin === undefined || !site.origins.includes(origin)) return
    c.res.headers.set('access-control-allow-origin', origin)
    if (c.req.method !== 'OPTIONS') {
      if (c.res.headers.has('retry-after')) for (const [name, value] of Object.entries(EXPOSED)) c.res.headers.set(name, value)
      return
    }
    c.res.headers.set('access-control-allow-methods', 'POST')
    c.res.headers.set('access-control-allow-headers', 'content-type')
    c.res.headers.set('access-control-max-age', '86400')
  })
}
