// The access log: enough to see what happened, nothing to open a link with or to recognise a person by.
import { expect, test } from 'vitest'
import { createMockService } from '../../api-mock/service.ts'
import { type Answered, formatAccess, isProbe } from '../../server/access-log.ts'
import { createApp } from '../../server/app.ts'
import { createMemoryKeyStore, createSigner } from '../../server/signer.ts'
import { createMemoryStore } from '../../server/store-memory.ts'
import { createSite } from '../fixtures/site.ts'

const token = 'q'.repeat(43)

test('writes method, route, status and time', () => {
  expect(formatAccess({ method: 'POST', route: '/v1/sites/{site}/events', status: 201, tookMs: 3.6 })).toBe('POST /v1/sites/{site}/events 201 4 ms')
})

/** What the app tells of one request. */
async function tell(path: string, method = 'GET'): Promise<Answered> {
  const told: Answered[] = []
  const store = createMemoryStore()
  await createMockService({ sites: [createSite()], store })
  const app = createApp({
    store, signer: createSigner(createMemoryKeyStore()), mailer: { send: async () => {} }, now: Date.now, random: (length) => new Uint8Array(length),
    baseUrl: 'https://consent.example', assets: { loader: '__SAYSO_CONFIG__', build: 'b', rest: 'rest.js', files: new Map() }, onAnswered: (answered) => void told.push(answered),
  })
  await app.fetch(new Request(`https://consent.example${path}`, { method }))
  expect(told).toHaveLength(1)
  return told[0]!
}

test.each([
  ['GET', `/p/${token}`, 404, '/p/{token}'],
  ['GET', `/u/${token}?lang=de`, 404, '/u/{token}'],
  ['GET', '/p/open?h=secret', 404, '/p/open'],
  ['PUT', `/u/${token}`, 405, '/u/{token}'],
  ['GET', '/v1/events/01939ab0-0000-7000-8000-000000000000/receipt', 404, '/v1/events/{id}/receipt'],
  ['GET', '/v1/records/abcdefghijklmnopqrstuv/export', 404, '/v1/records/{id}/export'],
  ['GET', '/v1/sites/shop/contacts', 401, '/v1/sites/{site}/contacts'],
  ['GET', '/v1/sites/shop/widget.js', 200, '/v1/sites/{site}/widget.js'],
  ['GET', '/ada@example.org', 404, 'none'],
  ['GET', `/p/${token}/more`, 404, '/p/*'],
])('%s %s is told as %i %s', async (method, path, status, route) => {
  expect(await tell(path, method)).toMatchObject({ method, status, route })
})

test('a probe that finds the service well is a detail; one that does not is none', () => {
  expect(isProbe({ method: 'GET', route: '/readyz', status: 200, tookMs: 1 })).toBe(true)
  expect(isProbe({ method: 'GET', route: '/readyz', status: 503, tookMs: 1 })).toBe(false)
  expect(isProbe({ method: 'GET', route: '/p/{token}', status: 200, tookMs: 1 })).toBe(false)
})
