// Notices: immutable under their hash, as JSON for programs and as a page for people.
import { hashNotice, type Notice } from '../../core/notice.ts'
import type { Scope } from '../../core/purpose.ts'
import { refuse } from '../../core/refusal.ts'
import { findNotice, scopesOf, listLanguages } from '../../core/site.ts'
import { renderNoticePage } from '../../preference-center/render.ts'
import { pickPageLanguage } from '../../preference-center/wording.ts'
import { IMMUTABLE, PUBLIC_HEADERS, readLanguages, wantsHtml } from '../http-headers.ts'
import { PAGE_HEADERS } from '../pages.ts'
import { findKnownSite, type Routes, type Service } from '../service.ts'
import { pickSiteLanguage } from '../widget-config.ts'

function readScope(text: string | undefined, otherwise: Scope): Scope {
  return text === 'device' || text === 'contact' ? text : otherwise
}

/** Adds the routes. */
export function addNoticeRoutes(app: Routes, service: Service): void {
  app.get('/v1/sites/:site/notices/current', async (c) => {
    const site = await findKnownSite(service, c.req.param('site'))
    const asked = c.req.query('lang')
    const language = pickSiteLanguage(site, asked === undefined ? readLanguages(c.req.raw) : [asked])
    const scope = readScope(c.req.query('scope'), site.notices.some((notice) => scopesOf(notice).includes('device')) ? 'device' : 'contact')
    const notice = findNotice(site, scope, [language]) ?? refuse('', 'not_found', `The site has no notice of the scope ${scope}.`)
    return new Response(null, {
      status: 302, headers: { ...PUBLIC_HEADERS, location: `/v1/sites/${site.site}/notices/${hashNotice(notice)}`, 'cache-control': 'public, max-age=60', vary: 'Accept-Language' },
    })
  })

  app.get('/v1/sites/:site/notices/:hash', async (c) => {
    const site = await findKnownSite(service, c.req.param('site'))
    const hash = c.req.param('hash')
    const { json } = (await service.store.findNotice(site.site, hash)) ?? refuse('', 'not_found', 'The log has no notice with this hash.')
    if (!wantsHtml(c.req.raw)) {
      return new Response(json, { headers: { ...PUBLIC_HEADERS, 'content-type': 'application/json', 'cache-control': IMMUTABLE, vary: 'Accept' } })
    }
    const notice = JSON.parse(json) as Notice
    const scope = scopesOf(notice)[0]!
    const languages = listLanguages(site).map((language) => ({ language, href: `/v1/sites/${site.site}/notices/current?lang=${language}&scope=${scope}` }))
    const html = renderNoticePage({ language: pickPageLanguage(notice.language), languages, siteName: site.name, notice, noticeHash: hash })
    return new Response(html, { headers: { ...PAGE_HEADERS, 'cache-control': 'public, max-age=3600', vary: 'Accept' } })
  })
}
