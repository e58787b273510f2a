// Requests near to right ones: a route, its own body or another's, with members exchanged, doubled or taken away, and headers that lie.
import fc from 'fast-check'
import { SHOP_ORIGIN } from '../fixtures/site.ts'
import { ADMIN_TOKEN, type Material } from './material.ts'

/** A request as plain values, so that a failure can be read. */
export interface FuzzRequest {
  method: string
  path: string
  headers: Record<string, string>
  /** undefined: none. */
  body: string | Uint8Array<ArrayBuffer> | undefined
}

/** A route as the router has it. */
export interface Route {
  method: string
  path: string
}

const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

/** Values that somebody trusted would not send. */
const ODD: unknown[] = [
  null, true, -1, 1e308, Number.MAX_SAFE_INTEGER + 1, '', ' ', '\0', '\r\nBcc: eve@example.org', '../../../etc/passwd', '%2e%2e%2f', "' OR 1=1 --", '"; DROP TABLE log; --', '=HYPERLINK("//evil")',
  '<script>alert(1)</script>', '\u202e\u200b', 'ﬁ', '__proto__', 'constructor', '2026-02-30T25:61:61.000Z', 'P1D', 'x'.repeat(5000), 'https://evil.example', 'shop', [], {}, [[[[]]]], { __proto__: null, a: 1 },
  JSON.parse('{"__proto__":{"isAdmin":true}}'), { constructor: { prototype: { a: 1 } } }, { toString: 1, valueOf: 2, length: -1 }, Array.from({ length: 300 }, () => ({})),
]

const RAW_BODIES = [
  '', '{', '[]', 'null', '0', '"x"', '{}', deep(17), deep(100_000), '{"events":[{"__proto__":{}}]}', '{"a":1,"a":2}', '"\\ud800"', '\ufeff{}', '{"events":'.repeat(3000), '1'.repeat(10_000),
  'x'.repeat(256 * 1024), 'x'.repeat(256 * 1024 + 1), '....', 'a.b.c', 'email\nada@example.org\n=1+1@example.org\n', 'email;name\n"unclosed', '\0'.repeat(200), 'csrf=&h=&%=%zz',
  'From: a\r\nTo: b\r\nSubject: unsubscribe\r\n\r\n', '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--', `email\n${'a@b.example\n'.repeat(300)}`,
]

const ODD_SEGMENTS = ['', '%00', '%2e%2e', '%2F', '%ff', "'", '%27%20OR%201=1', '__proto__', 'constructor', 'x'.repeat(300), '%F0%9F%92%A9', 'A'.repeat(43), '-1', '000', '0%0d%0aset-cookie:a=b', 'toString', '*', '%']

const TILES = ['0/000', '0/000.p/1', 'entries/000.p/5', 'entries/000', '1/000', '0/x000/000', '0/999', '63/000', '64/000', '0/x999/x999/x999/x999/x999/999', '0/000.p/256', '0/000.p/0', '%2e%2e/key', '../key', '0//000', '-1/000', 'entries/x001/000']

const QUERIES = ['', '?', '?format=html', '?format=jsonld', '?format=json', '?format=%00', '?lang=de', '?language=xx', '?for=export', '?for=erase', '?for=email', '?h=x', '?ask=0', '?dry=1', '?after=%27', '?after=0', '?page=-1', '?limit=1e9', '?__proto__[a]=1', '?a=%zz', `?${'a=b&'.repeat(500)}`, '?state=failed', '?purge=due']

const TYPES = ['application/json', 'text/plain', 'application/jose', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'multipart/form-data', 'text/csv', 'message/rfc822', 'application/json; charset=utf-16', 'APPLICATION/JSON', ';', 'x']

const HEADERS: [string, string[]][] = [
  ['origin', [SHOP_ORIGIN, 'null', 'https://other.example', 'https://evil.example', '', 'x']],
  ['authorization', [`Bearer ${ADMIN_TOKEN}`, 'Bearer ', 'Bearer wrong-but-long-enough', `bearer ${ADMIN_TOKEN}`, 'Basic YTpi', 'Bearer \xff']],
  ['accept', ['text/html', 'application/json', 'application/ld+json', '*/*', '', 'x'.repeat(4000)]],
  ['accept-language', ['de', 'xx;q=9', '*', 'en;q=', `${'de,'.repeat(1000)}`, '__proto__']],
  ['sec-fetch-site', ['same-origin', 'cross-site', 'none', 'x']],
  ['host', ['evil.example', '', 'localhost:0', 'a@b', '\xff']],
  ['content-length', ['0', '1', '999999999', '-1', 'x', '1e3']],
  ['content-encoding', ['gzip', 'br', 'x']],
  ['accept-encoding', ['gzip', 'br', 'zstd, *;q=0', 'x']],
  ['if-none-match', ['*', '"x"', 'W/"', ',,,']],
  ['range', ['bytes=0-0', 'bytes=-1', 'x']],
  ['x-forwarded-for', ['127.0.0.1', "'", '::1, 10.0.0.1']],
  ['x-http-method-override', ['DELETE']],
  ['access-control-request-method', ['POST', 'DELETE', 'x']],
  ['expect', ['100-continue']],
]

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']

const FIELDS = ['purpose', 'csrf', 'h', 'code', 'email', 'lang', 'event', 'action_id']

/** True so many times as often as false. */
const often = (times: number) => fc.oneof({ weight: times, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) })

/** Where a value stands inside another. */
interface Slot {
  owner: Record<string, unknown>
  name: string
}

function listSlots(value: unknown, found: Slot[] = []): Slot[] {
  if (typeof value !== 'object' || value === null) return found
  for (const name of Object.keys(value)) {
    found.push({ owner: value as Record<string, unknown>, name })
    listSlots((value as Record<string, unknown>)[name], found)
  }
  return found
}

/** A copy of a JSON value in which one place is another. */
function exchange(base: unknown, place: number, how: number, odd: unknown): unknown {
  const copy = structuredClone(base)
  const slots = listSlots(copy)
  if (slots.length === 0) return odd
  const { owner, name } = slots[place % slots.length]!
  if (how === 0) owner[name] = odd
  else if (how === 1) delete owner[name]
  else if (how === 2) Object.defineProperty(owner, ['__proto__', 'constructor', 'extra'][place % 3]!, { value: odd, enumerable: true, configurable: true, writable: true })
  else if (typeof owner[name] === 'string') owner[name] += JSON.stringify(odd)
  else owner[name] = [owner[name], owner[name]]
  return copy
}

/** A signed event of which one part is another, or one character. */
function bendJws(jws: string, place: number, how: number, odd: unknown): string {
  const parts = jws.split('.')
  const at = place % parts.length
  if (how === 0) parts[at] = parts[at]!.slice(0, place % 20) + 'A' + parts[at]!.slice(place % 20 + 1)
  else if (how === 1) parts.splice(at, 1)
  else if (at < 2) {
    const content: unknown = JSON.parse(Buffer.from(parts[at]!, 'base64url').toString())
    parts[at] = Buffer.from(JSON.stringify(exchange(content, place, how % 4, odd))).toString('base64url')
  }
  return parts.join('.')
}

/** Requests to these routes. */
export function createRequests(routes: readonly Route[], { params, events, json, forms, cookie }: Material): fc.Arbitrary<FuzzRequest> {
  const odd = fc.constantFrom(...ODD)
  const place = fc.nat(5000)
  const how = fc.nat(3)
  const jsonText = (value: unknown) => JSON.stringify(value) ?? ''
  const others = Object.values(json).flat()
  const bodyFor = (path: string): fc.Arbitrary<FuzzRequest['body']> => {
    const own = fc.constantFrom(...(Object.entries(json).find(([end]) => path.endsWith(end))?.[1] ?? others))
    const isEvents = path.endsWith('/events')
    return fc.oneof(
      { weight: 8, arbitrary: fc.tuple(own, place, how, odd).map(([base, ...rest]) => jsonText(exchange(base, ...rest))) },
      { weight: 4, arbitrary: own.map(jsonText) },
      { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...others), place, how, odd).map(([base, ...rest]) => jsonText(exchange(base, ...rest))) },
      { weight: isEvents ? 8 : 1, arbitrary: fc.tuple(fc.constantFrom(...events), place, how, odd).map((given) => bendJws(...given)) },
      { weight: isEvents ? 3 : 1, arbitrary: fc.constantFrom(...events) },
      { weight: /^\/[pu]\/|evidence/.test(path) ? 16 : 1, arbitrary: fc.tuple(fc.constantFrom(...forms), place, odd).map(([form, n, value]) => (n % 3 === 0 ? form : `${form}&${FIELDS[n % FIELDS.length]}=${encodeURIComponent(typeof value === 'object' ? jsonText(value) : String(value))}`)) },
      { weight: 2, arbitrary: fc.constantFrom(...RAW_BODIES) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => new Uint8Array(bytes)) },
      { weight: 1, arbitrary: fc.constant(undefined) },
    )
  }
  const segment = (name: string) => fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...(params[name] ?? ['x'])).map(encodeURIComponent) }, { weight: 1, arbitrary: fc.constantFrom(...ODD_SEGMENTS) })
  const pathOf = (path: string) => fc.tuple(...path.split('/').map((part) =>
    part.startsWith(':') ? segment(part.slice(1)) : part === '*' ? fc.constantFrom(...TILES) : fc.constant(part))).map((parts) => parts.join('/'))
  // What writes is drawn more often.
  const weighted = routes.flatMap((route) => Array.from<Route>({ length: route.path.endsWith('/events') ? 8 : route.method === 'GET' ? 1 : 3 }).fill(route))
  const header = fc.constantFrom(...HEADERS).chain(([name, values]) => fc.constantFrom(...values).map((value): [string, string] => [name, value]))
  const headers = fc.record({
    type: fc.constantFrom(...TYPES), isJson: often(4), isOperator: often(4), origin: often(4), hasCookie: often(2), odd: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(header, { maxLength: 3 }) }),
  }).map(({ type, isJson, isOperator, origin, hasCookie, odd: more }): Record<string, string> => ({
    'content-type': isJson ? 'text/plain' : type,
    ...(isOperator ? { authorization: `Bearer ${ADMIN_TOKEN}` } : {}), ...(origin ? { origin: hasCookie ? 'null' : SHOP_ORIGIN } : {}), ...(hasCookie ? { cookie, 'sec-fetch-site': 'same-origin' } : {}),
    ...Object.fromEntries(more),
  }))
  return fc.constantFrom(...weighted).chain((route) => fc.record({
    method: fc.oneof({ weight: 15, arbitrary: fc.constant(route.method) }, { weight: 1, arbitrary: fc.constantFrom(...METHODS) }),
    path: pathOf(route.path), query: fc.oneof({ weight: 3, arbitrary: fc.constant('') }, { weight: 1, arbitrary: fc.constantFrom(...QUERIES) }), headers, body: bodyFor(route.path),
  })).map(({ method, path, query, headers: given, body }) => {
    // A form goes as one, whatever else was drawn.
    const isForm = typeof body === 'string' && forms.some((form) => body.startsWith(form.slice(0, 5)))
    return { method, path: path + query, headers: isForm ? { ...given, 'content-type': 'application/x-www-form-urlencoded' } : given, body: method === 'GET' || method === 'HEAD' ? undefined : body }
  })
}
