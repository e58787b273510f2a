// What every page of the service has in common: its headers and its frame.
import { refuse } from '../core/refusal.ts'
import { findNotice, type Site } from '../core/site.ts'
import type { Frame } from '../preference-center/model.ts'
import { pageLanguages, pickPageLanguage } from '../preference-center/wording.ts'
import { readLanguages } from './http-headers.ts'

const POLICY = [
  "default-src 'none'", "style-src 'self'", "script-src 'self'", "img-src 'self'", "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
].join('; ')

/** For pages that anybody may see. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY, 'referrer-policy': 'no-referrer', 'x-robots-tag': 'noindex, nofollow',
} as const

/** For pages behind a link: kept nowhere. */
export const PRIVATE_HEADERS = { ...PAGE_HEADERS, 'cache-control': 'no-store' } as const

/** A page behind a link. */
export function answerPage(html: string, status = 200): Response {
  return new Response(html, { status, headers: PRIVATE_HEADERS })
}

/** Where a form leads after it did its work (post, redirect, get); values that are undefined are left out. */
export function seeOther(path: string, values: Record<string, string | null | undefined> = {}, headers: Record<string, string> = {}): Response {
  const query = new URLSearchParams(Object.entries(values).filter((pair): pair is [string, string] => typeof pair[1] === 'string'))
  const location = query.size > 0 ? `${path}${path.includes('?') ? '&' : '?'}${query}` : path
  return new Response(null, { status: 303, headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', ...headers } })
}

/** Languages that both the site's contact notices and our pages have. */
export function listPageLanguages(site: Site): string[] {
  return pageLanguages.filter((language) => findNotice(site, 'contact', [language])?.language === language)
}

/** The page's language: what was asked for, else the first of the others that fits, else the site's own. */
export function pickFrameLanguage(site: Site | undefined, wanted: readonly (string | null | undefined)[]): string {
  const languages = site ? listPageLanguages(site) : pageLanguages
  for (const tag of wanted) {
    const language = tag?.toLowerCase().split('-')[0]
    if (language !== undefined && languages.includes(language)) return language
  }
  return site ? pickPageLanguage(site.default_language) : pageLanguages[0]!
}

/** The frame of a page. `switchTo` gives the address of the same page in another language. */
export function frameFor(request: Request, { site, siteName, preferred, switchTo }: {
  site?: Site | undefined
  siteName: string
  preferred?: string | null | undefined
  switchTo: (language: string) => string
}): Frame {
  const asked = new URL(request.url).searchParams.get('lang')
  const language = pickFrameLanguage(site, [asked, preferred, ...readLanguages(request)])
  const languages = site ? listPageLanguages(site) : [...pageLanguages]
  return { language, siteName, languages: languages.map((other) => ({ language: other, href: switchTo(other) })) }
}

/**
 * Whether a form came from our own page: under `no-referrer` browsers send `Origin: null` with a form, so then
 * Sec-Fetch-Site has to say same-origin, or be absent as in older browsers. Throws a Refusal.
 */
export function checkOwnOrigin(request: Request, baseUrl: string): void {
  const origin = request.headers.get('origin')
  const fetchSite = request.headers.get('sec-fetch-site')
  const isOurs = origin === baseUrl && fetchSite !== 'cross-site'
  const isOpaque = (origin === null || origin === 'null') && (fetchSite === null || fetchSite === 'same-origin')
  if (!isOurs && !isOpaque) refuse('', 'origin', 'This form was sent from another website.')
}
