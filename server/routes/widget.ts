// The widget: the loader with what it needs of a site baked in, and what its rest asks for later.
import { toBase64, toBase64url, utf8 } from '../../core/bytes.ts'
import { refuse } from '../../core/refusal.ts'
import type { PinnedWidget } from '../answers/widget.ts'
import { bakeWidget } from '../bake.ts'
import { writeGoogleDefault } from '../google-default.ts'
import { answerTagged, computeEtag, IMMUTABLE, PUBLIC_HEADERS, readLanguages } from '../http-headers.ts'
import { placeSite, varyOf } from '../place.ts'
import { findKnownSite, type Routes, type Service } from '../service.ts'
import { buildWidgetConfig, pickSiteLanguage, writeLoaderConfig, writeSiteLoader } from '../widget-config.ts'

const SCRIPT_TYPE = 'text/javascript; charset=utf-8'
const HASHED_NAME = /\.[\w-]{8,}\.\w+$/

/** Adds the routes. */
export function addWidgetRoutes(app: Routes, service: Service): void {
  const headers = { ...PUBLIC_HEADERS, 'cache-control': 'public, max-age=60' }
  const etags = new Map<string, string>()
  const built = new Map<string, { config: string; build: string; body: string; etag: string }>()

  /** The site as it is where the visitor is, in the language that fits, and the headers of an answer about it. */
  async function readWish(request: Request, name: string, type: string) {
    const known = await findKnownSite(service, name)
    const { site, untilObjection } = placeSite(request, known)
    const fixed = new URL(request.url).searchParams.get('lang')
    const wish = { language: pickSiteLanguage(site, fixed === null ? readLanguages(request) : [fixed]), isLanguageFixed: fixed !== null, untilObjection }
    return { site, wish, headers: { ...headers, vary: varyOf(known), 'content-type': type } }
  }

  app.get('/v1/sites/:site/widget.js', async (c) => {
    const { site, wish, headers: own } = await readWish(c.req.raw, c.req.param('site'), SCRIPT_TYPE)
    const loader = writeSiteLoader(service, site, wish)
    await service.builds.keep(loader)
    const config = writeLoaderConfig(service, site, wish)
    const slot = [site.site, wish.language, wish.isLanguageFixed, ...wish.untilObjection].join(' ')
    let known = built.get(slot)
    if (known?.config !== config || known.build !== loader.build) {
      const body = bakeWidget(loader.loader, config)
      known = { config, build: loader.build, body, etag: computeEtag(body) }
      built.set(slot, known)
    }
    return answerTagged(c.req.raw, known.body, known.etag, own)
  })

  // For pages that pin what they run (Subresource Integrity): the same script under an address that never changes. It is asked
  // for by whoever writes the page, so neither their place nor their languages go into what every visitor will get.
  app.get('/v1/sites/:site/pinned', async (c) => {
    const { site, wish, headers: own } = await readWish(new Request(c.req.raw.url), c.req.param('site'), 'application/json')
    const loader = writeSiteLoader(service, site, wish)
    const body = bakeWidget(loader.loader, writeLoaderConfig(service, site, { ...wish, isLanguageFixed: true, build: loader.build }))
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-384', utf8(body)))
    const name = `widget-${site.site}.${toBase64url(digest).slice(0, 22)}.js`
    await service.builds.pin(loader, { name, body })
    return Response.json({ src: `${service.baseUrl}/assets/${name}`, integrity: `sha384-${toBase64(digest)}`, language: wish.language } satisfies PinnedWidget, { headers: own })
  })

  app.get('/v1/sites/:site/consent-default.js', async (c) => {
    const { signals } = await findKnownSite(service, c.req.param('site'))
    if (!signals?.google) return refuse('', 'not_found', 'This site does not speak to Google: its site file has no signals/google.')
    const body = writeGoogleDefault(signals.google)
    return answerTagged(c.req.raw, body, computeEtag(body), { ...headers, 'content-type': SCRIPT_TYPE })
  })

  app.get('/v1/sites/:site/widget.json', async (c) => {
    const { site, wish, headers: own } = await readWish(c.req.raw, c.req.param('site'), 'application/json')
    const { build } = writeSiteLoader(service, site, wish)
    const body = JSON.stringify(buildWidgetConfig(service, site, { ...wish, build, anchor: await service.readAnchor(site.site) }))
    return answerTagged(c.req.raw, body, computeEtag(body), own)
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
