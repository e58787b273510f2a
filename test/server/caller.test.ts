// Behind proxies that the operator named, the caller is whom the nearest of them saw; nobody else is believed.
import { expect, test } from 'vitest'
import { readEnvironment } from '../../server/cli/environment.ts'
import { createFindCaller, parseProxies } from '../../server/node/caller.ts'
import { listen } from '../../server/node/http.ts'

const find = createFindCaller(parseProxies('10.0.0.0/8, 192.0.2.1 2001:db8::/32'))

test.each([
  ['from elsewhere no header is believed', '203.0.113.5', '198.51.100.1', '203.0.113.5'],
  ['a proxy says who called', '10.1.2.3', '198.51.100.1', '198.51.100.1'],
  ['also over IPv6', '2001:db8::9', '2001:db9::1', '2001:db9::1'],
  ['also as IPv4 within IPv6', '::ffff:10.1.2.3', '::ffff:198.51.100.1', '198.51.100.1'],
  ['what the caller wrote stands further left', '10.1.2.3', '1.1.1.1, 198.51.100.1', '198.51.100.1'],
  ['proxies behind one another', '10.1.2.3', '1.1.1.1, 198.51.100.1, 192.0.2.1, 10.9.9.9', '198.51.100.1'],
  ['what is no address ends the way', '10.1.2.3', '198.51.100.1, unknown', '10.1.2.3'],
  ['a proxy that says nothing', '10.1.2.3', undefined, '10.1.2.3'],
  ['only proxies', '10.1.2.3', '10.4.4.4', '10.4.4.4'],
])('%s', (_what, connection, header, caller) => expect(find(connection, header)).toBe(caller))

test('without a connection there is no caller, and without proxies no header counts', () => {
  expect(find(undefined, '198.51.100.1')).toBeUndefined()
  expect(createFindCaller()('10.1.2.3', '198.51.100.1')).toBe('10.1.2.3')
})

test('over HTTP, with several headers', async () => {
  const callers: (string | undefined)[] = []
  const answer = (_request: Request, { ip }: { ip?: string }) => new Response(String(callers.push(ip)))
  const server = await listen(0, answer, { findCaller: createFindCaller(parseProxies('127.0.0.1')) })
  await fetch(`http://127.0.0.1:${server.port}/`, { headers: [['x-forwarded-for', '1.1.1.1'], ['x-forwarded-for', '198.51.100.1']] })
  await server.close()
  expect(callers).toEqual(['198.51.100.1'])
})

test.each(['10.0.0.0/33', '10.0.0', 'proxy.example', '10.0.0.0/8/8', '2001:db8::/129', '10.0.0.0/-1'])('%s is no proxy', (text) => {
  expect(parseProxies(text)).toBeUndefined()
  expect(() => readEnvironment({ SAYSO_TRUSTED_PROXIES: text })).toThrow('Not a list of IP addresses and networks')
})
