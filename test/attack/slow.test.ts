// Whoever sends slowly, or something else than HTTP, holds no connection for long and nobody else up. On real sockets.
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HTTP_TIMES, type Listening, listen } from '../../server/node/http.ts'

let server: Listening
let heard: { ip?: string; path: string }[]

beforeEach(async () => {
  heard = []
  server = await listen(0, async (request, { ip }) => {
    heard.push({ path: new URL(request.url).pathname, ...(ip === undefined ? {} : { ip }) })
    return new Response(await request.text())
  }, { times: { headersTimeout: 300, requestTimeout: 600, keepAliveTimeout: 200, connectionsCheckingInterval: 50 } })
})
afterEach(() => server.close())

function open(): { socket: Socket; text: () => string; closed: Promise<unknown> } {
  const socket = connect({ port: server.port, host: '127.0.0.1' })
  let text = ''
  socket.on('data', (piece) => void (text += String(piece)))
  socket.on('error', () => {})
  return { socket, text: () => text, closed: new Promise((resolve) => socket.once('close', resolve)) }
}

test.each([
  ['a head that never ends', 'GET / HTTP/1.1\r\nhost: x\r\n', 'x-a: b\r\n'],
  ['a body that never ends', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n', 'x'],
])('%s, sent drop by drop, ends in 408, and others are served meanwhile', async (_name, start, drop) => {
  const slow = Array.from({ length: 50 }, open)
  const drops = setInterval(() => slow.forEach(({ socket }) => socket.writable && socket.write(drop)), 50)
  try {
    for (const { socket } of slow) socket.write(start)
    expect(await (await fetch(`http://127.0.0.1:${server.port}/`, { method: 'POST', body: 'at once' })).text()).toBe('at once')
    await Promise.all(slow.map(({ closed }) => closed))
    // A reset may overtake the answer.
    expect(slow.filter(({ text }) => text().startsWith('HTTP/1.1 408')).length).toBeGreaterThan(0)
    expect(slow.every(({ text }) => !text().startsWith('HTTP/1.1 200'))).toBe(true)
  } finally {
    clearInterval(drops)
  }
})

test('a connection that says nothing after its answer is closed', async () => {
  const { socket, text, closed } = open()
  socket.write('GET /a HTTP/1.1\r\nhost: x\r\n\r\n')
  await closed
  expect(text()).toMatch(/^HTTP\/1\.1 200/)
})

test('as it runs, a head has 10 seconds and a request a minute', () => {
  expect(HTTP_TIMES).toMatchObject({ headersTimeout: 10_000, requestTimeout: 60_000 })
})

test.each([
  ['two lengths', 'POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ncontent-length: 40\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n'],
  ['a length and chunks', 'POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n'],
  ['an odd spelling of chunked', 'POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n'],
  ['a bare line feed in a header', 'GET /a HTTP/1.1\nhost: x\n\nGET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n'],
  ['a folded header', 'GET /a HTTP/1.1\r\nhost: x\r\nx-a: b\r\n\tcontent-length: 3\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n'],
  ['a null in a header', 'GET /a HTTP/1.1\r\nhost: x\r\nx-a: \0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n'],
  ['no host', 'GET /smuggled HTTP/1.1\r\n\r\n'],
  ['a head of 64 KiB', `GET /a HTTP/1.1\r\nhost: x\r\nx-a: ${'b'.repeat(65_536)}\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n`],
])('a request with %s is refused, and nothing behind it is heard', async (_name, bytes) => {
  const { socket, text, closed } = open()
  socket.write(bytes)
  await closed
  // A reset may overtake the answer.
  expect(text()).toMatch(/^(?:HTTP\/1\.1 4(?:00|31)|$)/)
  expect(heard.map(({ path }) => path)).not.toContain('/smuggled')
})

test('no header says whose address it is: the socket does', async () => {
  for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded', 'cf-connecting-ip', 'true-client-ip']) {
    await fetch(`http://127.0.0.1:${server.port}/`, { headers: { [name]: name === 'forwarded' ? 'for=203.0.113.9' : '203.0.113.9' } })
  }
  expect([...new Set(heard.map(({ ip }) => ip))]).toEqual(['127.0.0.1'])
})
