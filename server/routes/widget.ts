// The widget: the loader with what it needs of a site baked in, and what its rest asks for later.
import { refuse } from '../../core/refusal.ts'
import { bakeWidget } from '../bake.ts'
import { writeGoogleDefault } from '../google-default.ts'
import { answerTagged, computeEtag, IMMUTABLE, PUBLIC_HEADERS, readLanguages } from '../http-headers.ts'
import { findKnownSite, type Routes, type Service } from '../service.ts'
import { buildWidgetConfig, pickSiteLanguage, writeLoaderConfig } from '../widget-config.ts'

const HASHED_NAME = /\.[\w-]{8,}\.\w+$/

/** Adds the routes. */
export function addWidgetRoutes(app: Routes, service: Service): void {
  const headers = { ...PUBLIC_HEADERS, 'cache-control': 'public, max-age=60', vary: 'Accept-Language' }
  const etags = new Map<string, string>()
  const built = new Map<string, { config: string; body: string; etag: string }>()

  async function readLanguage(request: Request, name: string) {
    const site = await findKnownSite(service, name)
    const fixed = new URL(request.url).searchParams.get('lang')
    return { site, language: pickSiteLanguage(site, fixed === null ? readLanguages(request) : [fixed]), isFixed: fixed !== null }
  }

  app.get('/v1/sites/:site/widget.js', async (c) => {
    const { site, language, isFixed } = await readLanguage(c.req.raw, c.req.param('site'))
    await service.builds.keep()
    const config = writeLoaderConfig(service, site, { language, isLanguageFixed: isFixed })
    const slot = `${site.site} ${language} ${isFixed}`
    let known = built.get(slot)
    if (known?.config !== config) {
      const body = bakeWidget(service.assets.loader, config)
      known = { config, body, etag: computeEtag(body) }
      built.set(slot, known)
    }
    return answerTagged(c.req.raw, known.body, known.etag, { ...headers, 'content-type': 'text/javascript; charset=utf-8' })
  })

  app.get('/v1/sites/:site/consent-default.js', async (c) => {
    const { signals } = await findKnownSite(service, c.req.param('site'))
    if (!signals?.google) return refuse('', 'not_found', 'This site does not speak to Google: its site file has no signals/google.')
    const body = writeGoogleDefault(signals.google)
    return answerTagged(c.req.raw, body, computeEtag(body), { ...headers, 'content-type': 'text/javascript; charset=utf-8' })
  })

  app.get('/v1/sites/:site/widget.json', async (c) => {
    const { site, language } = await readLanguage(c.req.raw, c.req.param('site'))
    const body = JSON.stringify(buildWidgetConfig(service, site, { language, anchor: await service.readAnchor(site.site) }))
    return answerTagged(c.req.raw, body, computeEtag(body), { ...headers, 'content-type': 'application/json' })
  })

  // Names with a content hash never change; the pages' own two files are asked for by fixed names.
  for (const folder of ['assets', 'page']) {
    app.get(`/${folder}/:name`, async (c) => {
      const name = c.req.param('name')
      const { body, type } = (await service.builds.findFile(name)) ?? refuse('', 'not_found', 'There is no such file.')
      const caching = HASHED_NAME.test(name) ? IMMUTABLE : 'public, max-age=600'
      const etag = etags.get(name) ?? computeEtag(body)
      etags.set(name, etag)
      return answerTagged(c.req.raw, body, etag, { ...PUBLIC_HEADERS, 'cache-control': caching, 'content-type': type })
    })
  }
}
