// The preference centre: GET /p/{token} opens a visit and takes the token out of the address; /p/open shows and
// saves. GET and HEAD never change a decision. Unknown, foreign, revoked and erased links are one same 404.
import { listAsked } from '../../core/choice.ts'
import { hashText } from '../../core/hash.ts'
import type { Notice } from '../../core/notice.ts'
import { replay } from '../../core/record.ts'
import { refuse } from '../../core/refusal.ts'
import type { PreferencePage } from '../../preference-center/model.ts'
import { renderExpiredPage, renderPreferencePage } from '../../preference-center/render.ts'
import { type ActionId, isActionId } from '../../preference-center/wording.ts'
import { readForm } from '../body.ts'
import { readDeviceChoices } from '../device-choice.ts'
import { checkLink, hashToken } from '../link.ts'
import { createOpenVisits, opensWhat } from '../open-visit.ts'
import { answerPage, checkOwnOrigin, frameFor, seeOther } from '../pages.ts'
import { listGranted, type Preferences, type Situation, type Visit } from '../preference.ts'
import { buildPreferencePage, findContactNotice } from '../preference-page.ts'
import { isSameSecret } from '../secret.ts'
import type { Routes, Service } from '../service.ts'
import { findSignedChoice } from '../signed-choice.ts'
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
  const visits = createOpenVisits(service, preferences)
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

  /** What the address says was just saved, where it is of this person's own record, and what had been granted before. */
  function findSaved(request: Request, { record }: Situation): PreferencePage['saved'] {
    const id = new URL(request.url).searchParams.get('saved')
    if (id === null) return null
    const at = record.findIndex(({ event }) => event.event_id === id)
    return at === -1 ? { decisions: [], grantedBefore: [] } : { decisions: record[at]!.event.decisions, grantedBefore: listGranted(replay(record.slice(0, at), now())) }
  }

  async function answerPreferences(request: Request, visit: Visit, found: FoundSession, errors: string[] = []): Promise<Response> {
    const handle = found.handle === null ? '' : `&h=${found.handle}`
    const frame = frameFor(request, {
      site: visit.site, siteName: visit.site.name, preferred: visit.contact.language, switchTo: (language) => `/p/open?lang=${language}${handle}`,
    })
    const notice = findContactNotice(visit, frame.language)
    if (!notice) return unknown(request)
    const [situation, anchor] = await Promise.all([preferences.read(visit), service.readAnchor(visit.site.site)])
    const saved = errors.length === 0 ? findSaved(request, situation) : null
    const device = readDeviceChoices(request, visit.site, frame.language)
    const page = buildPreferencePage(visit, situation, notice, { frame, found, saved, device, anchor, errors: errors.map((key) => ({ key, field: 'purpose' })) })
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
    const ticked = new Set(form.getAll(actionId === 'undo_now' ? 'again' : 'purpose'))
    if (actionId !== 'unsubscribe_all') {
      const known = new Set(listAsked(notice).map(({ id }) => id))
      if ([...ticked].some((id) => !known.has(id))) return answerPreferences(request, visit, found, ['unknown_purpose'])
      if (actionId === 'confirm' && ticked.size === 0) return answerPreferences(request, visit, found, ['nothing_chosen'])
    }
    const eventId = await preferences.save(visit, { actionId, ticked, notice, signed: findSignedChoice(form) })
    return seeOther('/p/open', { saved: eventId ?? 'none', lang: frame.language, h: found.handle })
  }

  app.get('/p/open', async ({ req }) => {
    const opened = await visits.find(req.raw, req.query('h') ?? null)
    // The token of a link that ends during a visit is not known here, so that visit simply ends.
    return opened ? answerPreferences(req.raw, opened.visit, opened.found) : unknown(req.raw)
  })

  app.post('/p/open', async (c) => {
    const { form, opened } = await visits.readForm(c.req.raw)
    if (!opened) return unknown(c.req.raw)
    if (!opened.isFresh) return answerPreferences(c.req.raw, opened.visit, opened.found, ['form_expired'])
    return answerSave(c.req.raw, opened.visit, opened.found, form)
  })

  app.get('/p/:token', async (c) => {
    const token = c.req.param('token')
    const tokenHash = hashToken(token)
    const opened = await openLink(tokenHash)
    if (opened.state === 'unknown' || tokenHash === undefined) return unknown(c.req.raw)
    if (opened.state === 'expired') return answerExpired(c.req.raw, opened.visit, token)
    const { handle, setCookie } = await sessions.open(tokenHash)
    return seeOther(opensWhat(opened.visit.link) === 'restore' ? '/p/restore' : '/p/open', { h: handle, lang: c.req.query('lang') }, { 'set-cookie': setCookie, 'x-robots-tag': 'noindex, nofollow' })
  })

  app.post('/p/:token', async (c) => {
    const token = c.req.param('token')
    checkOwnOrigin(c.req.raw, baseUrl)
    const form = await readForm(c.req.raw, limiter.bodyBytes)
    const opened = await openLink(hashToken(token))
    if (opened.state === 'unknown') return unknown(c.req.raw)
    const found = await sessions.find(c.req.raw, form.get('h'))
    const csrf = form.get('csrf') ?? ''
    const isOfVisit = found !== undefined && found.session.tokenHash === hashToken(token) && isSameSecret(csrf, found.session.csrf)
    if (!isOfVisit && !isSameSecret(csrf, computeTokenCsrf(token))) refuse('', 'csrf', 'The form does not carry the secret of this page.')
    if (opened.state === 'valid' && opensWhat(opened.visit.link) === 'restore') return unknown(c.req.raw)
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
