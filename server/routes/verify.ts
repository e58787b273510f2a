// GET /verify: the page on which anybody checks a receipt or an export, in their own browser.
import { renderVerifyPage } from '../../preference-center/render.ts'
import { frameFor, PAGE_HEADERS } from '../pages.ts'
import type { Routes, Service } from '../service.ts'

// No form may be sent, whatever its address, and what is fetched is our own: what is checked here cannot leave.
const POLICY = PAGE_HEADERS['content-security-policy'].replace("form-action 'self'", "form-action 'none'").replace("img-src 'self'; ", '')

/** Adds the route. */
export function addVerifyRoutes(app: Routes, { baseUrl }: Service): void {
  app.get('/verify', (c) => {
    const frame = frameFor(c.req.raw, { siteName: new URL(baseUrl).host, switchTo: (language) => `/verify?lang=${language}` })
    return new Response(renderVerifyPage(frame), {
      headers: { ...PAGE_HEADERS, 'content-security-policy': POLICY, 'cache-control': 'public, max-age=600', vary: 'Accept-Language' },
    })
  })
}
