// Compression: public texts get smaller, private pages stay as they are, and caches can tell the spellings apart.
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { createCompressor, pickEncoding } from '../../server/node/compress.ts'

const text = 'consent '.repeat(500)
const request = (encodings: string, init: RequestInit = {}) => new Request('https://consent.example/v1/sites/shop/widget.js', { ...init, headers: { 'accept-encoding': encodings } })
const answer = (headers: Record<string, string> = {}) => new Response(text, { headers: { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'public, max-age=60', etag: '"x"', vary: 'Accept-Language', ...headers } })

test.each([
  ['gzip, deflate, br, zstd', 'br'], ['gzip, deflate', 'gzip'], ['br;q=0, gzip', 'gzip'], ['BR', 'br'], ['identity', undefined], ['', undefined], ['br;q=0.0', undefined], ['gzip;q=0.5', 'gzip'],
])('who accepts %j gets %s', (accepted, encoding) => {
  expect(pickEncoding(accepted)).toBe(encoding)
})

test('what anybody may see gets smaller, in the encoding that the caller takes', async () => {
  const compress = createCompressor()
  const br = await compress(request('br'), answer())
  expect(Object.fromEntries(br.headers)).toMatchObject({ 'content-encoding': 'br', vary: 'Accept-Language, Accept-Encoding', etag: 'W/"x"' })
  expect(brotliDecompressSync(await br.arrayBuffer()).toString()).toBe(text)
  const gz = await compress(request('gzip'), answer())
  expect(gunzipSync(await gz.arrayBuffer()).toString()).toBe(text)
  const again = await compress(request('br'), answer())
  expect(brotliDecompressSync(await again.arrayBuffer()).toString()).toBe(text)
})

test('who takes none gets it as it is', async () => {
  const plain = await createCompressor()(request(''), answer())
  expect(plain.headers.get('content-encoding')).toBeNull()
  expect(plain.headers.get('vary')).toContain('Accept-Encoding')
  expect(await plain.text()).toBe(text)
})

test('private pages, small texts and what is no text stay as they are', async () => {
  const compress = createCompressor()
  for (const response of [answer({ 'cache-control': 'no-store' }), answer({ 'content-type': 'application/octet-stream' })]) {
    expect((await compress(request('br'), response)).headers.get('content-encoding')).toBeNull()
  }
  const small = await compress(request('br'), new Response('short', { headers: { 'content-type': 'text/plain', 'cache-control': 'public' } }))
  expect([small.headers.get('content-encoding'), await small.text()]).toEqual([null, 'short'])
})

test('a newer text is not mistaken for the one that was kept', async () => {
  const compress = createCompressor()
  await compress(request('br'), answer())
  const newer = await compress(request('br'), new Response(`${text}!`, { headers: { ...Object.fromEntries(answer().headers), etag: '"y"' } }))
  expect(brotliDecompressSync(await newer.arrayBuffer()).toString()).toBe(`${text}!`)
})

test('304 stays empty and says that the encoding matters', async () => {
  const response = await createCompressor()(request('br'), new Response(null, { status: 304, headers: { etag: '"x"', 'cache-control': 'public, max-age=60' } }))
  expect([response.status, response.headers.get('vary'), response.headers.get('etag')]).toEqual([304, 'Accept-Encoding', 'W/"x"'])
})
