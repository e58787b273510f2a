// The widget: the loader with a site's configuration baked in, the configuration alone, and what is loaded later.
import { refuse } from '../../core/refusal.ts'
import { answerTagged, computeEtag, IMMUTABLE, PUBLIC_HEADERS, readLanguages } from '../http-headers.ts'
import { findKnownSite, type Routes, type Service } from '../service.ts'
import { buildWidgetConfig, pickSiteLanguage } from '../widget-config.ts'

const PLACE = '__SAYSO_CONFIG__'
const HASHED_NAME = /\.[\w-]{8,}\.\w+$/

/** JSON that may stand in a script, inline or not: no `</script>`, no line ends that JavaScript sees and JSON does not. */
function writeForScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}

/** The loader with a configuration in its place; `config` is finished text or a value. */
export function bakeWidget(loader: string, config: unknown): string {
  return loader.split(PLACE).join(typeof config === 'string' ? config : writeForScript(config))
}

/** Adds the routes. */
export function addWidgetRoutes(app: Routes, service: Service): void {
  const headers = { ...PUBLIC_HEADERS, 'cache-control': 'public, max-age=60', vary: 'Accept-Language' }
  const etags = new Map<string, string>()
  const built = new Map<string, { config: string; body: string; etag: string }>()

  async function readConfig(request: Request, name: string): Promise<{ slot: string; config: string }> {
    const site = await findKnownSite(service, name)
    const fixed = new URL(request.url).searchParams.get('lang')
    const language = pickSiteLanguage(site, fixed === null ? readLanguages(request) : [fixed])
    const anchor = await service.readAnchor(site.site)
    const config = buildWidgetConfig(service, site, { language, isLanguageFixed: fixed !== null, anchor })
    return { slot: `${site.site} ${language} ${fixed !== null}`, config: writeForScript(config) }
  }

  app.get('/v1/sites/:site/widget.js', async (c) => {
    const { slot, config } = await readConfig(c.req.raw, c.req.param('site'))
    let known = built.get(slot)
    if (known?.config !== config) {
      const body = bakeWidget(service.assets.loader, config)
      known = { config, body, etag: computeEtag(body) }
      built.set(slot, known)
    }
    return answerTagged(c.req.raw, known.body, known.etag, { ...headers, 'content-type': 'text/javascript; charset=utf-8' })
  })

  app.get('/v1/sites/:site/widget.json', async (c) => {
    const { config } = await readConfig(c.req.raw, c.req.param('site'))
    return answerTagged(c.req.raw, config, computeEtag(config), { ...headers, 'content-type': 'application/json' })
  })

  // Names with a content hash never change; the pages' own two files are asked for by fixed names.
  for (const folder of ['assets', 'page']) {
    app.get(`/${folder}/:name`, (c) => {
      const name = c.req.param('name')
      const { body, type } = service.assets.files.get(name) ?? refuse('', 'not_found', 'There is no such file.')
      const caching = HASHED_NAME.test(name) ? IMMUTABLE : 'public, max-age=600'
      const etag = etags.get(name) ?? computeEtag(body)
      etags.set(name, etag)
      return answerTagged(c.req.raw, body, etag, { ...PUBLIC_HEADERS, 'cache-control': caching, 'content-type': type })
    })
  }
}
