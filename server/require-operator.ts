// The operators' routes answer to whoever has a token for what they do, and to nobody else.
import { refuse } from '../core/refusal.ts'
import type { Site } from '../core/site.ts'
import { requireOperator } from './operator.ts'
import { findKnownSite, type Routes, type Service } from './service.ts'
import type { Contact } from './store.ts'
import type { Scope } from './token.ts'

/** What operators' answers carry. */
export const OPERATOR_HEADERS = { 'cache-control': 'no-store' } as const

/** Guards `/v1/sites/:site/{name}` and all below, by what a method there does; the site and what was granted are in the context then. */
export function addOperatorRules(app: Routes, name: string, service: Service, scopeOf: (method: string) => Scope): void {
  for (const path of [`/v1/sites/:site/${name}`, `/v1/sites/:site/${name}/*`]) {
    app.use(path, async (c, next) => {
      const name = c.req.param('site') ?? ''
      const scope = scopeOf(c.req.method)
      const operator = await requireOperator(service, c.req.raw, c.env.ip, { scope, site: name })
      c.set('site', await findKnownSite(service, name))
      c.set('grant', { operator, scope, site: name })
      await next()
    })
  }
}

/** The site's contact of this id. Throws a Refusal. */
export async function findOwnContact({ store }: Service, { site }: Site, id: string): Promise<Contact> {
  const contact = await store.findContact(id)
  return contact?.site === site ? contact : refuse('', 'not_found', 'The site has no contact of this id.')
}
