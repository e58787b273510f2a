// Notices as evidence: two versions compared, and an old banner or form drawn again by the widget itself. The
// drawing runs in a sandbox without an origin, may fetch notices only, and can record nothing.
import { parseLeaf } from '../../core/leaf.ts'
import type { Notice } from '../../core/notice.ts'
import { refuse } from '../../core/refusal.ts'
import type { NoticeVersion } from '../../preference-center/proof-model.ts'
import { renderComparisonPage, renderPreviewPage } from '../../preference-center/render.ts'
import { bakeWidget } from '../bake.ts'
import { IMMUTABLE, PUBLIC_HEADERS } from '../http-headers.ts'
import { frameFor, PAGE_HEADERS } from '../pages.ts'
import { findKnownSite, type Routes, type Service } from '../service.ts'
import { buildWidgetConfig, writeLoaderConfig } from '../widget-config.ts'

/** Adds the routes. */
export function addNoticeVersionRoutes(app: Routes, service: Service): void {
  const { store, baseUrl, assets, builds } = service

  async function findVersion(site: string, hash: string): Promise<NoticeVersion> {
    const { json, leaf } = (await store.findNotice(site, hash)) ?? refuse('', 'not_found', 'The log has no notice with this hash.')
    return { notice: JSON.parse(json) as Notice, hash, href: `/v1/sites/${site}/notices/${hash}`, receivedAt: parseLeaf(leaf).received_at }
  }

  app.get('/v1/sites/:site/notices/:hash/compare/:other', async (c) => {
    const site = await findKnownSite(service, c.req.param('site'))
    const [older, newer] = await Promise.all([findVersion(site.site, c.req.param('hash')), findVersion(site.site, c.req.param('other'))])
    const frame = frameFor(c.req.raw, { siteName: site.name, preferred: newer.notice.language, switchTo: (language) => `${older.href}/compare/${newer.hash}?lang=${language}` })
    return new Response(renderComparisonPage({ ...frame, older, newer }), {
      headers: { ...PAGE_HEADERS, 'cache-control': 'public, max-age=3600', vary: 'Accept-Language' },
    })
  })

  app.get('/v1/sites/:site/notices/:hash/preview', async (c) => {
    const site = await findKnownSite(service, c.req.param('site'))
    const { notice, href } = await findVersion(site.site, c.req.param('hash'))
    const policy = [
      'sandbox allow-scripts', "default-src 'none'", `script-src 'self' ${baseUrl}`, `connect-src ${baseUrl}/v1/sites/${site.site}/notices/`,
      "base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'",
    ].join('; ')
    return new Response(renderPreviewPage({ notice, boxes: c.req.query('boxes')?.split(' ') ?? null, scriptHref: `${href}/widget.js?${new URLSearchParams({ build: c.req.query('build') ?? assets.build })}` }), {
      headers: { ...PAGE_HEADERS, 'content-security-policy': policy, 'x-frame-options': 'SAMEORIGIN', 'cache-control': 'public, max-age=3600' },
    })
  })

  // The widget takes the site's address from its configuration. This one has the notice's own routes below it and no
  // other, so the rest of the widget finds that notice there, and nowhere to send an event.
  async function findDrawing(siteName: string, hash: string) {
    const site = await findKnownSite(service, siteName)
    const { notice, href } = await findVersion(site.site, hash)
    return { notice, siteUrl: `${baseUrl}${href}/`, past: { ...site, default_language: notice.language, notices: [notice] } }
  }

  app.get('/v1/sites/:site/notices/:hash/widget.js', async (c) => {
    const { notice, siteUrl, past } = await findDrawing(c.req.param('site'), c.req.param('hash'))
    const { loader, rest } = (await builds.find(c.req.query('build') ?? assets.build)) ?? assets
    const config = writeLoaderConfig({ baseUrl, assets: { ...assets, rest } }, past, { language: notice.language, isLanguageFixed: true, siteUrl })
    return new Response(bakeWidget(loader, config), {
      headers: { ...PUBLIC_HEADERS, 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'public, max-age=60' },
    })
  })

  app.get('/v1/sites/:site/notices/:hash/widget.json', async (c) => {
    const { notice, past } = await findDrawing(c.req.param('site'), c.req.param('hash'))
    return Response.json(buildWidgetConfig(service, past, { language: notice.language, build: assets.build, anchor: null }), { headers: { ...PUBLIC_HEADERS, 'cache-control': 'public, max-age=60' } })
  })

  app.get('/v1/sites/:site/notices/:hash/notices/:same', async (c) => {
    const { site, hash, same } = c.req.param()
    if (same !== hash) return refuse('', 'not_found', 'Below a notice there is that notice only.')
    const { notice } = await findVersion(site, hash)
    return Response.json(notice, { headers: { ...PUBLIC_HEADERS, 'cache-control': IMMUTABLE } })
  })
}
