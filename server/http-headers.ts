// The headers that routes agree on: who may read an answer from another origin, how long it keeps, and whether
// the caller has it already.
import { toBase64url, utf8 } from '../core/bytes.ts'
import { sha256 } from '../core/hash.ts'

/** For what anybody may read and embed: the widget, notices, the log. */
export const PUBLIC_HEADERS = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' } as const

/** For what never changes under its address. */
export const IMMUTABLE = 'public, max-age=31536000, immutable'

/** Whether the caller would rather read a page than JSON. */
export function wantsHtml(request: Request): boolean {
  return (request.headers.get('accept') ?? '').includes('text/html')
}

/** The caller's languages by preference (RFC 9110 section 12.5.4), `*` and refused ones left out. */
export function readLanguages(request: Request): string[] {
  return (request.headers.get('accept-language') ?? '').split(',')
    .map((entry) => {
      const [tag, ...parameters] = entry.split(';').map((part) => part.trim())
      const quality = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1)
      return { tag: tag ?? '', quality }
    })
    .filter(({ tag, quality }) => /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*$/.test(tag) && quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag)
}

/** The entity tag of a body. */
export function computeEtag(body: string | Uint8Array): string {
  return `"${toBase64url(sha256(typeof body === 'string' ? utf8(body) : body)).slice(0, 22)}"`
}

/** An answer with an entity tag: 304 where the caller has it (RFC 9110 section 13.1.2, weak comparison). */
export function answerTagged(request: Request, body: string | Uint8Array<ArrayBuffer>, etag: string, headers: Record<string, string>): Response {
  const known = (request.headers.get('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  const { 'content-type': _type, ...unchanged } = headers
  return known.includes(etag) || known.includes('*')
    ? new Response(null, { status: 304, headers: { ...unchanged, etag } })
    : new Response(body, { headers: { ...headers, etag } })
}
