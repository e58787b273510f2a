// "E-mail me my link", for a site's own form and for the page that a dead link leads to. Known and unknown
// addresses get the same answer at the same time: the address is looked up only when the mail is due.
import * as v from 'valibot'
import { refuse } from '../../core/refusal.ts'
import type { NewLinkPage } from '../../preference-center/model.ts'
import { renderNewLinkPage } from '../../preference-center/render.ts'
import type { Accepted } from '../answers/problem.ts'
import { isForm, readForm, readJson } from '../body.ts'
import { readEmail } from '../email-address.ts'
import { readLanguages, wantsHtml } from '../http-headers.ts'
import { createMail } from '../mail-order.ts'
import { answerPage, checkOwnOrigin, frameFor, pickFrameLanguage } from '../pages.ts'
import { RateRefusal } from '../problem.ts'
import type { Routes, Service } from '../service.ts'
import { answerOwnPages } from './own-pages.ts'

const ANY_SITE = '*'
const SWITCH_PATH = '/p/new-link'

async function answerNewLinkPage(service: Service, request: Request, reason: NewLinkPage['reason'], status: number, preferred?: string | null): Promise<Response> {
  // Which site a dead link belonged to must not show, so a page for all of them speaks for the one there is or for the host.
  const sites = await service.store.listSites()
  const siteName = sites.length === 1 ? sites[0]!.name : new URL(service.baseUrl).host
  const frame = frameFor(request, { siteName, preferred, switchTo: (language) => `${SWITCH_PATH}?lang=${language}` })
  return answerPage(renderNewLinkPage({ ...frame, reason, newLinkAction: `${SWITCH_PATH}?lang=${frame.language}` }), status)
}

/** The one page for unknown, foreign, revoked and erased links. */
export function answerUnknownLink(service: Service, request: Request): Promise<Response> {
  return answerNewLinkPage(service, request, 'unknown', 404)
}

function queueLink(service: Service, site: string, email: string, language: string): Promise<void> {
  return service.store.queueMail(createMail(service, { site, kind: 'link', recipient: { email }, language }))
}

/** Whose link is wanted; what is no language counts as none, and other members are left alone. */
export const LinkWish = v.object({ email: v.string(), language: v.fallback(v.optional(v.string()), undefined) })

interface Asked {
  email: string
  language: string | null
}

async function readAsked(request: Request, limitBytes: number): Promise<Asked> {
  if (isForm(request)) {
    const form = await readForm(request, limitBytes)
    return { email: form.get('email') ?? '', language: form.get('lang') ?? form.get('language') }
  }
  const { success, output } = v.safeParse(LinkWish, await readJson(request, limitBytes))
  return success ? { email: output.email, language: output.language ?? null } : refuse('/email', 'email', 'An e-mail address is expected.')
}

/** Adds the routes. */
export function addNewLinkRoutes(app: Routes, service: Service): void {
  const { store, limiter, outbox, baseUrl } = service

  app.get(SWITCH_PATH, (c) => answerNewLinkPage(service, c.req.raw, 'ask', 200))

  app.post(SWITCH_PATH, async (c) => {
    checkOwnOrigin(c.req.raw, baseUrl)
    const form = await readForm(c.req.raw, limiter.bodyBytes)
    const email = readEmail(form.get('email') ?? '')
    const lang = form.get('lang')
    if (email === undefined) return answerNewLinkPage(service, c.req.raw, 'malformed-email', 422, lang)
    const grant = limiter.takeLinks(c.env.ip, ANY_SITE)
    if (!grant.isGranted) throw new RateRefusal(grant.retryAfterSeconds)
    if (limiter.takeAddress(ANY_SITE, email)) {
      for (const site of await store.listSites()) {
        await queueLink(service, site.site, email, pickFrameLanguage(site, [lang, ...readLanguages(c.req.raw)]))
      }
      outbox.wake()
    }
    return answerNewLinkPage(service, c.req.raw, 'sent', 202, lang)
  })

  answerOwnPages(app, '/v1/sites/:site/links', service)
  app.post('/v1/sites/:site/links', async (c) => {
    const { site } = c.var
    const asked = await readAsked(c.req.raw, limiter.bodyBytes)
    const email = readEmail(asked.email) ?? refuse('/email', 'email', 'Not an e-mail address, for example name@example.com.')
    const grant = limiter.takeLinks(c.env.ip, site.site)
    if (!grant.isGranted) throw new RateRefusal(grant.retryAfterSeconds)
    if (limiter.takeAddress(site.site, email)) {
      await queueLink(service, site.site, email, pickFrameLanguage(site, [asked.language, ...readLanguages(c.req.raw)]))
      outbox.wake()
    }
    if (wantsHtml(c.req.raw) && isForm(c.req.raw)) return answerNewLinkPage(service, c.req.raw, 'sent', 202, asked.language)
    return Response.json({ status: 'accepted' } satisfies Accepted, { status: 202, headers: { 'cache-control': 'no-store' } })
  })
}

