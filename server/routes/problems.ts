// What every error has in common: a problem document, or a page where a person is looking, and never anything of
// the service's inside.
import { Refusal, refuse } from '../../core/refusal.ts'
import type { Problem } from '../../core/protocol.ts'
import { renderProblemPage } from '../../preference-center/render.ts'
import { findRoute } from '../access-log.ts'
import { wantsHtml } from '../http-headers.ts'
import { frameFor, PRIVATE_HEADERS } from '../pages.ts'
import { describeError } from '../describe-error.ts'
import { answerProblem, findProblemKind, OverloadRefusal, RateRefusal, toProblem } from '../problem.ts'
import type { Routes, Service } from '../service.ts'
import { isOutage } from '../outage.ts'
import { EXPOSED } from './own-pages.ts'

function answer(request: Request, { baseUrl }: Service, problem: Problem, headers: Record<string, string> = {}): Response {
  if (!wantsHtml(request)) return answerProblem(problem, headers)
  const path = new URL(request.url).pathname
  const frame = frameFor(request, { siteName: new URL(baseUrl).host, switchTo: (language) => `${path}?lang=${language}` })
  return new Response(renderProblemPage({ ...frame, title: problem.title, detail: problem.detail }), {
    status: problem.status, headers: { ...PRIVATE_HEADERS, ...headers },
  })
}

const OUTAGE_RETRY_SECONDS = '10'

function headersOf(refusal: Refusal): Record<string, string> {
  // Not read yet, so nobody knows whose page it is; the answer says nothing that is not for everybody.
  if (refusal instanceof OverloadRefusal) return { 'retry-after': String(refusal.retryAfterSeconds), 'access-control-allow-origin': '*', ...EXPOSED }
  if (refusal instanceof RateRefusal) return { 'retry-after': String(refusal.retryAfterSeconds) }
  return refusal.code === 'unauthorized' ? { 'www-authenticate': 'Bearer' } : {}
}

/** Adds the pages of the problem types, and what answers where nothing else does. */
export function addProblemRoutes(app: Routes, service: Service): void {
  app.get('/problems/:code', (c) => {
    const code = c.req.param('code')
    const kind = findProblemKind(code) ?? refuse('', 'not_found', 'There is no such type of problem.')
    const { body, headers } = answer(c.req.raw, service, { type: `/problems/${code}`, title: kind.title, status: kind.status, detail: kind.about, errors: [] })
    return new Response(body, { headers })
  })

  app.notFound((c) => answer(c.req.raw, service, toProblem(new Refusal([{ pointer: '', code: 'not_found', detail: 'Nothing is at this address.' }]))))

  app.onError((error, c) => {
    if (error instanceof Refusal) return answer(c.req.raw, service, toProblem(error), headersOf(error))
    service.log(`error in ${c.req.method} ${findRoute(c)}: ${describeError(error)}`, { level: 'error', route: findRoute(c) })
    if (isOutage(error)) {
      const detail = 'What the service keeps its data in does not work just now. Nothing was acknowledged: send the same again.'
      return answer(c.req.raw, service, toProblem(new Refusal([{ pointer: '', code: 'not_ready', detail }])), { 'retry-after': OUTAGE_RETRY_SECONDS })
    }
    return answer(c.req.raw, service, toProblem(new Refusal([{ pointer: '', code: 'internal', detail: 'The service made a mistake. It is safe to send the same again.' }])))
  })
}
