// The service described for programs and for people: GET /openapi.json and GET /openapi. Made once, when somebody asks.
import { renderApiPage } from '../../preference-center/render.ts'
import { answerTagged, computeEtag, PUBLIC_HEADERS } from '../http-headers.ts'
import { createDocument, type DocumentOptions } from '../openapi/document.ts'
import { buildApiPage } from '../openapi/page.ts'
import { PAGE_HEADERS } from '../pages.ts'
import type { Routes } from '../service.ts'

const CACHING = { 'cache-control': 'public, max-age=600' } as const

/** Adds the routes. */
export function addOpenApiRoutes(app: Routes, options: DocumentOptions): void {
  let made: Record<'json' | 'html', { body: string; etag: string }> | undefined
  function make() {
    const document = createDocument(options)
    const tagged = (body: string) => ({ body, etag: computeEtag(body) })
    return { json: tagged(JSON.stringify(document)), html: tagged(renderApiPage(buildApiPage(document))) }
  }

  app.get('/openapi.json', (c) => {
    const { body, etag } = (made ??= make()).json
    return answerTagged(c.req.raw, body, etag, { ...PUBLIC_HEADERS, ...CACHING, 'content-type': 'application/json' })
  })

  app.get('/openapi', (c) => {
    const { body, etag } = (made ??= make()).html
    return answerTagged(c.req.raw, body, etag, { ...PAGE_HEADERS, ...CACHING })
  })
}
