// Compresses what anybody may see: brotli, else gzip. What has an entity tag is compressed once, as well as can
// be, and kept. Private pages stay as they are: compressed, their length could tell secrets in them apart (BREACH).
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const CACHE_ENTRIES = 300
const SMALLEST_BYTES = 600
const COMPRESSIBLE = /^(?:text\/|application\/(?:json|javascript|problem\+json)|image\/svg)/
const pack = { br: promisify(brotliCompress), gzip: promisify(gzip) }

type Encoding = keyof typeof pack

/** The best encoding that the caller takes (RFC 9110 section 12.5.3). */
export function pickEncoding(accepted: string): Encoding | undefined {
  const takes = new Set(accepted.split(',').flatMap((entry) => {
    const [name, ...parameters] = entry.trim().toLowerCase().split(/\s*;\s*/)
    return parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter)) ? [] : [name]
  }))
  return takes.has('br') ? 'br' : takes.has('gzip') ? 'gzip' : undefined
}

function compress(bytes: Uint8Array, encoding: Encoding, isKept: boolean): Promise<Uint8Array<ArrayBuffer>> {
  if (encoding === 'gzip') return pack.gzip(bytes, { level: isKept ? 9 : 6 }) as Promise<Uint8Array<ArrayBuffer>>
  const quality = isKept ? constants.BROTLI_MAX_QUALITY : 5
  return pack.br(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT },
  }) as Promise<Uint8Array<ArrayBuffer>>
}

/** Gives an answer as the caller would best have it. */
export type Compress = (request: Request, response: Response) => Promise<Response>

/** A compressor with its cache. */
export function createCompressor(): Compress {
  const kept = new Map<string, Uint8Array<ArrayBuffer>>()

  function keep(key: string, bytes: Uint8Array<ArrayBuffer>): void {
    kept.set(key, bytes)
    const oldest = kept.keys().next().value
    if (kept.size > CACHE_ENTRIES && oldest !== undefined) kept.delete(oldest)
  }

  return async (request, response) => {
    const isPublic = (response.headers.get('cache-control') ?? '').startsWith('public')
    const isText = COMPRESSIBLE.test(response.headers.get('content-type') ?? '')
    if (!isPublic || !(isText || response.status === 304)) return response
    const headers = new Headers(response.headers)
    headers.append('vary', 'Accept-Encoding')
    const encoding = pickEncoding(request.headers.get('accept-encoding') ?? '')
    const etag = headers.get('etag')
    if (etag !== null && !etag.startsWith('W/')) headers.set('etag', `W/${etag}`)
    if (!encoding || response.status !== 200 || request.method === 'HEAD') return new Response(response.body, { status: response.status, headers })

    const key = `${encoding} ${new URL(request.url).pathname} ${etag}`
    let bytes = etag === null ? undefined : kept.get(key)
    if (!bytes) {
      const plain = new Uint8Array(await response.arrayBuffer())
      if (plain.length < SMALLEST_BYTES) return new Response(plain, { headers })
      bytes = await compress(plain, encoding, etag !== null)
      if (etag !== null) keep(key, bytes)
    }
    headers.set('content-encoding', encoding)
    headers.delete('content-length')
    return new Response(bytes, { headers })
  }
}
