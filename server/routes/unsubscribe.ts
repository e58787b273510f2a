// U, the withdraw-only link of every mail (RFC 8058). A GET shows a form; the POST that the form and mail programs
// send ends what the link covers. No cookie, no redirect; a repeat writes no leaf and sends no mail.
import { listAsked } from '../../core/choice.ts'
import { refuse } from '../../core/refusal.ts'
import { findNotice } from '../../core/site.ts'
import { renderUnsubscribePage } from '../../preference-center/render.ts'
import { readForm } from '../body.ts'
import { checkLink, hashToken } from '../link.ts'
import { answerPage, frameFor } from '../pages.ts'
import { type Preferences, type Visit } from '../preference.ts'
import type { Routes, Service } from '../service.ts'
import { answerUnknownLink } from './new-link.ts'

/** Adds the routes. */
export function addUnsubscribeRoutes(app: Routes, service: Service, preferences: Preferences): void {
  const { store, now, limiter } = service

  async function findVisit(token: string): Promise<Visit | undefined> {
    const tokenHash = hashToken(token)
    const link = tokenHash === undefined ? undefined : await store.findLink(tokenHash)
    return link && checkLink(link, 'U', now()) === 'valid' ? preferences.findVisit(link) : undefined
  }

  function answer(request: Request, { site, contact, link }: Visit, token: string, isDone: boolean): Response {
    const action = `/u/${token}`
    const frame = frameFor(request, { site, siteName: site.name, preferred: contact.language, switchTo: (language) => `${action}?lang=${language}` })
    const notice = findNotice(site, 'contact', [frame.language])
    const covered = (notice ? listAsked(notice) : []).filter(({ id }) => link.purposeId === null || id === link.purposeId)
    return answerPage(renderUnsubscribePage({ ...frame, action: `${action}?lang=${frame.language}`, csrf: null, isDone, statements: covered.map((purpose) => purpose.statement_text) }))
  }

  app.get('/u/:token', async (c) => {
    const visit = await findVisit(c.req.param('token'))
    return visit ? answer(c.req.raw, visit, c.req.param('token'), false) : answerUnknownLink(service, c.req.raw)
  })

  app.post('/u/:token', async (c) => {
    const form = await readForm(c.req.raw, limiter.bodyBytes)
    const visit = await findVisit(c.req.param('token'))
    if (!visit) return answerUnknownLink(service, c.req.raw)
    if (form.get('List-Unsubscribe') !== 'One-Click') refuse('/List-Unsubscribe', 'one_click', 'List-Unsubscribe=One-Click is expected (RFC 8058).')
    await preferences.withdraw(visit, 'one_click')
    return answer(c.req.raw, visit, c.req.param('token'), true)
  })
}
