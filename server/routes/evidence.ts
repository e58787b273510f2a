// /evidence/{event_id}, for the operator: an event beside what was shown. The token comes in a header or, from a
// browser, in the body of the one request that it is for: no cookie, no session, nothing in the address.
import type { Context } from 'hono'
import { refuse } from '../../core/refusal.ts'
import { renderEvidencePage, renderTokenPage } from '../../preference-center/render.ts'
import { readForm } from '../body.ts'
import { buildEvidencePage } from '../evidence-page.ts'
import { wantsHtml } from '../http-headers.ts'
import { findOperator, may, readSecret } from '../operator.ts'
import { checkOwnOrigin, frameFor, PRIVATE_HEADERS } from '../pages.ts'
import { findReceipt } from '../receipt-page.ts'
import type { RouteEnv, Routes, Service } from '../service.ts'

const HEADERS = { ...PRIVATE_HEADERS, 'content-security-policy': `${PRIVATE_HEADERS['content-security-policy']}; frame-src 'self'` }

/** Adds the routes. */
export function addEvidenceRoutes(app: Routes, service: Service): void {
  const { store, limiter, baseUrl } = service

  async function isAllowed(c: Context<RouteEnv>, secret: string | null | undefined, id: string): Promise<boolean> {
    const operator = await findOperator(service, secret)
    if (!operator) return false
    // An event that is not there is nobody's: only who may see all sites is told so.
    const event = await store.findEvent(id)
    if (!may(operator, 'evidence', event?.site ?? '')) return false
    if (event) {
      c.set('grant', { operator, scope: 'evidence', site: event.site })
      c.set('subject', { event_id: event.eventId })
    }
    return true
  }

  async function answerEvidence(request: Request, id: string): Promise<Response> {
    return new Response(renderEvidencePage(await buildEvidencePage(request, service, await findReceipt(service, id))), { headers: HEADERS })
  }

  // The same for every id: without the token nobody learns which events there are.
  function answerTokenForm(request: Request, id: string, isWrong: boolean): Response {
    const path = `/evidence/${encodeURIComponent(id)}`
    const frame = frameFor(request, { siteName: new URL(baseUrl).host, switchTo: (language) => `${path}?lang=${language}` })
    return new Response(renderTokenPage({ ...frame, isWrong, action: `${path}?lang=${frame.language}` }), { status: 401, headers: { ...PRIVATE_HEADERS, 'www-authenticate': 'Bearer' } })
  }

  app.get('/evidence/:id', async (c) => {
    const id = c.req.param('id')
    if (await isAllowed(c, readSecret(c.req.raw), id)) return answerEvidence(c.req.raw, id)
    if (wantsHtml(c.req.raw)) return answerTokenForm(c.req.raw, id, false)
    return refuse('', 'unauthorized', 'Send “Authorization: Bearer” with the admin token.')
  })

  app.post('/evidence/:id', async (c) => {
    checkOwnOrigin(c.req.raw, baseUrl)
    const id = c.req.param('id')
    const form = await readForm(c.req.raw, limiter.bodyBytes)
    return (await isAllowed(c, form.get('token'), id)) ? answerEvidence(c.req.raw, id) : answerTokenForm(c.req.raw, id, true)
  })
}
