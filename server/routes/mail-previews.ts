// How each mail of a site looks in each language, with invented content: nothing of anybody's is in it, so whoever runs
// the site can look, and show it around, without a token.
import { createBareModel, findMailNotice, listStatements } from '../mail-model.ts'
import { findKnownSite, type Routes, type Service } from '../service.ts'
import { gatherStyles } from '../style-hash.ts'
import type { Site } from '../../core/site.ts'
import { formatTime } from '../../core/time.ts'
import { hasButton, MAIL_KINDS, type MailKind } from '../../preference-center/mail-kinds.ts'
import type { MailModel } from '../../preference-center/model.ts'
import { renderMail, renderMailPreviewPage } from '../../preference-center/render.ts'
import { refuse } from '../../core/refusal.ts'
import { PAGE_HEADERS, frameFor } from '../pages.ts'

const TOKEN = 'example'.padEnd(43, '-example')
const MONTH_MS = 30 * 86_400_000
const STATEMENT_KINDS: readonly MailKind[] = ['confirm', 'changed', 'ask', 'reask', 'remind', 'verbal']

/** A mail as it would be today, about nobody. */
function createSample(kind: MailKind, language: string, site: Site, { now, baseUrl }: Service): MailModel {
  const notice = findMailNotice(site, language)
  const hasCode = kind === 'code' || kind === 'new_address'
  return {
    ...createBareModel(kind, language, site, notice),
    href: hasButton(kind) ? `${baseUrl}/p/${TOKEN}` : null, unsubscribeHref: kind === 'new_address' || kind === 'erased' ? null : `${baseUrl}/u/${TOKEN}`,
    decisions: STATEMENT_KINDS.includes(kind) ? listStatements(notice, () => true) : [],
    expiresAt: formatTime(now() + MONTH_MS), code: hasCode ? '048213' : null, action: hasCode ? (kind === 'code' ? 'export' : 'address') : null,
    end: formatTime(now() + MONTH_MS), when: formatTime(now()), staff: kind === 'verbal' ? 'A. Example' : null, email: kind === 'address' ? 'a•••@example.com' : null,
    source: kind === 'ask' ? 'example.com' : null,
  }
}

/** Adds the routes. */
export function addMailPreviewRoutes(app: Routes, service: Service): void {
  const FRAMED = { ...PAGE_HEADERS, 'content-security-policy': `${PAGE_HEADERS['content-security-policy']}; frame-src 'self'`, 'cache-control': 'no-store' }

  app.get('/v1/sites/:site/mail-preview', async (c) => {
    const site = await findKnownSite(service, c.req.param('site'))
    const path = `/v1/sites/${site.site}/mail-preview`
    const frame = frameFor(c.req.raw, { site, siteName: site.name, switchTo: (language) => `${path}?lang=${language}` })
    const mails = MAIL_KINDS.map((kind) => {
      const { subject, text } = renderMail(createSample(kind, frame.language, site, service))
      return { kind, subject, text, href: `${path}/${kind}?lang=${frame.language}` }
    })
    return new Response(renderMailPreviewPage({ ...frame, mails }), { headers: FRAMED })
  })

  app.get('/v1/sites/:site/mail-preview/:kind', async (c) => {
    const site = await findKnownSite(service, c.req.param('site'))
    const kind = MAIL_KINDS.find((known) => known === c.req.param('kind')) ?? refuse('', 'not_found', 'There is no such mail.')
    const { language } = frameFor(c.req.raw, { site, siteName: site.name, switchTo: () => '' })
    // As a mail program shows it: its own styles, no script, nothing fetched.
    const { html, source } = gatherStyles(renderMail(createSample(kind, language, site, service)).html)
    const policy = `default-src 'none'; style-src ${source}; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox`
    return new Response(html, {
      headers: { ...PAGE_HEADERS, 'content-security-policy': policy, 'x-frame-options': 'SAMEORIGIN', 'cache-control': 'no-store' },
    })
  })
}
