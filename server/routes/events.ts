// POST /v1/sites/{site}/events: events come in, receipts go out.
import type { Context } from 'hono'
import { parseJson } from '../../core/json.ts'
import { refuse } from '../../core/refusal.ts'
import { readMediaType, readText } from '../body.ts'
import { readBatch, takeBatch, takeSigned } from '../event-intake.ts'
import { answerProblem, RateRefusal } from '../problem.ts'
import type { RouteEnv, Routes, Service } from '../service.ts'
import { answerOwnPages } from './own-pages.ts'

function countEvents(service: Service, ip: string | undefined, count: number): void {
  const grant = service.limiter.takeEvents(ip, count)
  if (!grant.isGranted) throw new RateRefusal(grant.retryAfterSeconds)
}

async function takeEvents(service: Service, { req, env, var: { site } }: Context<RouteEnv>): Promise<Response> {
  const origin = req.header('origin') ?? null
  if (origin !== null && !site.origins.includes(origin)) refuse('', 'origin', 'The origin of this page is not registered for the site.')
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

/** Adds the route. */
export function addEventRoutes(app: Routes, service: Service): void {
  answerOwnPages(app, '/v1/sites/:site/events', service)
  app.post('/v1/sites/:site/events', (c) => takeEvents(service, c))
}
