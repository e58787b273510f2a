// The preference centre: GET /p/{token} opens a visit and takes the token out of the address; /p/open shows and
// saves. GET and HEAD never change a decision. Unknown, foreign, revoked and erased links are one same 404.
import type { Context } from 'hono'
import { listAsked } from '../../core/choice.ts'
import { hashText } from '../../core/hash.ts'
import type { Notice } from '../../core/notice.ts'
import { refuse } from '../../core/refusal.ts'
import { renderExpiredPage, renderPreferencePage } from '../../preference-center/render.ts'
import { type ActionId, isActionId } from '../../preference-center/wording.ts'
import { readForm } from '../body.ts'
import { checkLink, hashToken } from '../link.ts'
import { answerPage, checkOwnOrigin, frameFor } from '../pages.ts'
import { type Preferences, type Visit } from '../preference.ts'
import { buildPreferencePage, findContactNotice } from '../preference-page.ts'
import { isSameSecret } from '../secret.ts'
import type { RouteEnv, Routes, Service } from '../service.ts'
import { findSignedChoice } from '../signed-choice.ts'
import { readStoredEvent } from '../stored-event.ts'
import { createSessions, type FoundSession } from '../visit-cookie.ts'
import { answerUnknownLink } from './new-link.ts'

/** What proves a form that was posted to /p/{token} itself: only who has the token can know it. */
function computeTokenCsrf(token: string): string {
  return hashText(`form of ${token}`)
}

/** Adds the routes. */
export function addPreferenceRoutes(app: Routes, service: Service, preferences: Preferences): void {
  const { store, now, baseUrl, limiter } = service
  const sessions = createSessions(service)
  const unknown = (request: Request) => answerUnknownLink(service, request)

  type Opened = { state: 'valid' | 'expired'; visit: Visit } | { state: 'unknown' }

  async function openLink(tokenHash: string | undefined): Promise<Opened> {
    const link = tokenHash === undefined ? undefined : await store.findLink(tokenHash)
    const state = checkLink(link, 'P', now())
    const visit = link && state !== 'unknown' ? await preferences.findVisit(link) : undefined
    return visit && state !== 'unknown' ? { state, visit } : { state: 'unknown' }
  }

  function answerExpired(request: Request, { site }: Visit, token: string, isDone = false): Response {
    const frame = frameFor(request, { site, siteName: site.name, switchTo: (language) => `/p/${token}?lang=${language}` })
    return answerPage(renderExpiredPage({
      ...frame, isDone, csrf: computeTokenCsrf(token), unsubscribeAction: `/p/${token}?lang=${frame.language}`, newLinkAction: '/p/new-link',
    }))
  }

  /** Decisions that the address says were just saved; only of this person's own record. */
  async function findSaved(request: Request, { contact }: Visit) {
    const id = new URL(request.url).searchParams.get('saved')
    if (id === null) return null
    const stored = id === 'none' ? undefined : await store.findEvent(id)
    return stored?.recordId === contact.recordId ? readStoredEvent(stored).event.decisions : []
  }

  async function answerPreferences(request: Request, visit: Visit, found: FoundSession, errors: string[] = []): Promise<Response> {
    const handle = found.handle === null ? '' : `&h=${found.handle}`
    const frame = frameFor(request, {
      site: visit.site, siteName: visit.site.name, preferred: visit.contact.language, switchTo: (language) => `/p/open?lang=${language}${handle}`,
    })
    const notice = findContactNotice(visit, frame.language)
    if (!notice) return unknown(request)
    const [situation, saved, anchor] = await Promise.all([preferences.read(visit), errors.length === 0 ? findSaved(request, visit) : null, service.readAnchor(visit.site.site)])
    const page = buildPreferencePage(visit, situation, notice, { frame, found, saved, anchor, errors: errors.map((key) => ({ key, field: 'purpose' })) })
    return answerPage(renderPreferencePage(page), errors.length === 0 ? 200 : errors.includes('form_expired') ? 403 : 422)
  }

  /** The notice whose boxes the person saw: the one that the form names, else the one in force. */
  async function findShownNotice(request: Request, visit: Visit, language: string): Promise<Notice | undefined> {
    const hash = new URL(request.url).searchParams.get('notice')
    const shown = hash === null ? undefined : await store.findNotice(visit.site.site, hash)
    const notice = shown && (JSON.parse(shown.json) as Notice)
    return notice && listAsked(notice).length > 0 ? notice : findContactNotice(visit, language)
  }

  function readAction(form: URLSearchParams): ActionId {
    const id = form.get('action_id')
    if (form.get('unsubscribe_all') !== null) return 'unsubscribe_all'
    return isActionId(id) && id !== 'one_click' ? id : 'save'
  }

  async function answerSave(request: Request, visit: Visit, found: FoundSession, form: URLSearchParams): Promise<Response> {
    const frame = frameFor(request, { site: visit.site, siteName: '', preferred: form.get('lang') ?? visit.contact.language, switchTo: () => '' })
    const notice = await findShownNotice(request, visit, frame.language)
    if (!notice) return unknown(request)
    const actionId = readAction(form)
    const ticked = new Set(form.getAll('purpose'))
    if (actionId !== 'unsubscribe_all') {
      const known = new Set(listAsked(notice).map(({ id }) => id))
      if ([...ticked].some((id) => !known.has(id))) return answerPreferences(request, visit, found, ['unknown_purpose'])
      if (actionId === 'confirm' && ticked.size === 0) return answerPreferences(request, visit, found, ['nothing_chosen'])
    }
    const eventId = await preferences.save(visit, { actionId, ticked, notice, signed: findSignedChoice(form) })
    const query = new URLSearchParams({ saved: eventId ?? 'none', lang: frame.language, ...(found.handle === null ? {} : { h: found.handle }) })
    return new Response(null, { status: 303, headers: { location: `/p/open?${query}`, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' } })
  }

  async function readOwnForm({ req }: Context<RouteEnv>): Promise<URLSearchParams> {
    checkOwnOrigin(req.raw, baseUrl)
    return readForm(req.raw, limiter.bodyBytes)
  }

  app.get('/p/open', async ({ req }) => {
    const found = await sessions.find(req.raw, req.query('h') ?? null)
    const opened = await openLink(found?.session.tokenHash)
    // The token of a link that ends during a visit is not known here, so that visit simply ends.
    return found && opened.state === 'valid' ? answerPreferences(req.raw, opened.visit, found) : unknown(req.raw)
  })

  app.post('/p/open', async (c) => {
    const form = await readOwnForm(c)
    const found = await sessions.find(c.req.raw, form.get('h'))
    const opened = await openLink(found?.session.tokenHash)
    if (!found || opened.state !== 'valid') return unknown(c.req.raw)
    if (!isSameSecret(form.get('csrf') ?? '', found.session.csrf)) return answerPreferences(c.req.raw, opened.visit, found, ['form_expired'])
    return answerSave(c.req.raw, opened.visit, found, form)
  })

  app.get('/p/:token', async (c) => {
    const token = c.req.param('token')
    const tokenHash = hashToken(token)
    const opened = await openLink(tokenHash)
    if (opened.state === 'unknown' || tokenHash === undefined) return unknown(c.req.raw)
    if (opened.state === 'expired') return answerExpired(c.req.raw, opened.visit, token)
    const { handle, setCookie } = await sessions.open(tokenHash)
    const language = c.req.query('lang')
    const query = new URLSearchParams({ h: handle, ...(language === undefined ? {} : { lang: language }) })
    return new Response(null, {
      status: 303, headers: { location: `/p/open?${query}`, 'set-cookie': setCookie, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-robots-tag': 'noindex, nofollow' },
    })
  })

  app.post('/p/:token', async (c) => {
    const token = c.req.param('token')
    const form = await readOwnForm(c)
    const opened = await openLink(hashToken(token))
    if (opened.state === 'unknown') return unknown(c.req.raw)
    const found = await sessions.find(c.req.raw, form.get('h'))
    const csrf = form.get('csrf') ?? ''
    const isOfVisit = found !== undefined && found.session.tokenHash === hashToken(token) && isSameSecret(csrf, found.session.csrf)
    if (!isOfVisit && !isSameSecret(csrf, computeTokenCsrf(token))) refuse('', 'csrf', 'The form does not carry the secret of this page.')
    if (opened.state === 'expired') {
      if (readAction(form) === 'unsubscribe_all') await preferences.withdraw(opened.visit, 'unsubscribe_all')
      return answerExpired(c.req.raw, opened.visit, token, readAction(form) === 'unsubscribe_all')
    }
    if (found && isOfVisit) return answerSave(c.req.raw, opened.visit, found, form)
    const { handle } = await sessions.open(hashToken(token)!)
    const fresh = await sessions.find(new Request(c.req.url), handle)
    return fresh ? answerSave(c.req.raw, opened.visit, fresh, form) : unknown(c.req.raw)
  })
}
