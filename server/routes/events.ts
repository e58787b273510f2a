// POST /v1/sites/{site}/events: events come in, receipts go out. GET /v1/events/{id}/receipt: the receipt again.
import type { Context } from 'hono'
import { parseJson } from '../../core/json.ts'
import { refuse } from '../../core/refusal.ts'
import type { Site } from '../../core/site.ts'
import { readMediaType, readText } from '../body.ts'
import { readBatch, takeBatch, takeSigned } from '../event-intake.ts'
import { PUBLIC_HEADERS } from '../http-headers.ts'
import { answerProblem, RateRefusal } from '../problem.ts'
import { findKnownSite, type RequestInfo, type Routes, type Service } from '../service.ts'

/** Lets the site's own pages read the answer; to all others it stays closed. */
export function allowOrigin(response: Response, origin: string | null, site: Site): void {
  response.headers.append('vary', 'Origin')
  if (origin !== null && site.origins.includes(origin)) response.headers.set('access-control-allow-origin', origin)
}

/** Refuses pages that are not on a registered origin; callers without an Origin header are no web pages. */
function checkOrigin(origin: string | null, site: Site): void {
  if (origin !== null && !site.origins.includes(origin)) refuse('', 'origin', 'The origin of this page is not registered for the site.')
}

function countEvents(service: Service, ip: string | undefined, count: number): void {
  const grant = service.limiter.takeEvents(ip, count)
  if (!grant.isGranted) throw new RateRefusal(grant.retryAfterSeconds)
}

async function takeEvents(service: Service, { req, env }: Context<{ Bindings: RequestInfo }>, site: Site): Promise<Response> {
  const origin = req.header('origin') ?? null
  checkOrigin(origin, site)
  const type = readMediaType(req.raw)
  if (!['application/json', 'application/jose', 'text/plain'].includes(type)) {
    refuse('', 'media_type', 'Send application/jose or text/plain for one event, application/json for several.')
  }
  const text = await readText(req.raw, service.limiter.bodyBytes)
  const sender = { site, origin, ip: env.ip }
  // text/plain needs no preflight, so pages send batches as that, too.
  if (type === 'application/json' || (type === 'text/plain' && text.trimStart().startsWith('{'))) {
    const batch = readBatch(parseJson(text))
    countEvents(service, env.ip, batch.length)
    return Response.json({ results: await takeBatch(service, sender, batch) }, { headers: { 'cache-control': 'no-store' } })
  }
  countEvents(service, env.ip, 1)
  const result = await takeSigned(service, sender, text)
  if ('problem' in result) return answerProblem(result.problem)
  return Response.json(result.receipt, { status: result.status, headers: { 'cache-control': 'no-store' } })
}

/** Adds the routes. */
export function addEventRoutes(app: Routes, service: Service): void {
  app.use('/v1/sites/:site/events', async (c, next) => {
    const site = await findKnownSite(service, c.req.param('site'))
    const origin = c.req.header('origin') ?? null
    if (c.req.method === 'OPTIONS') {
      checkOrigin(origin, site)
      c.res = new Response(null, {
        status: 204, headers: { 'access-control-allow-methods': 'POST', 'access-control-allow-headers': 'content-type', 'access-control-max-age': '86400' },
      })
    } else {
      await next()
    }
    allowOrigin(c.res, origin, site)
  })
  app.post('/v1/sites/:site/events', async (c) => takeEvents(service, c, await findKnownSite(service, c.req.param('site'))))

  app.get('/v1/events/:id/receipt', async (c) => {
    const id = c.req.param('id')
    const receipt = (await service.ledger.receipt(id)) ?? refuse('', 'not_found', 'No event of this id is recorded.')
    const download: Record<string, string> = c.req.query('download') === undefined ? {} : { 'content-disposition': `attachment; filename="sayso-receipt-${id}.json"` }
    return Response.json(receipt, { headers: { ...PUBLIC_HEADERS, 'cache-control': 'no-store', ...download } })
  })
}
