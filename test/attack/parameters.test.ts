// Every parameter of every route, given what a database, a file system or a page might act on, over both databases: nothing is
// found that way, nothing is changed, nothing breaks; and every answer carries its headers.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSqlStore, openSqlite } from '../../server/store-sql.ts'
import { openPostgres } from '../../server/node/postgres.ts'
import type { Store } from '../../server/store.ts'
import { type PostgresServer, startPostgres } from '../fixtures/postgres.ts'
import { ADMIN_TOKEN, createMaterial, type Material } from '../fuzz/material.ts'

const BASE = 'https://consent.example'
const ODD = [
  "' OR '1'='1", "'; DROP TABLE leaf; --", "\\'; DELETE FROM log; --", "x' UNION SELECT text FROM leaf --", '$1', '?1', ':a', '%', '_', '\0', '../key', '..\\key', '%2e%2e%2fkey', '....//', '/etc/passwd', 'file:///etc/passwd',
  '__proto__', 'constructor', 'toString', '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', '\u202e', 'x\r\nset-cookie: a=b',
]

let postgres: PostgresServer
beforeAll(async () => void (postgres = await startPostgres()))
afterAll(() => postgres.stop())

describe.each<[string, () => Promise<Store>]>([
  ['SQLite', async () => createSqlStore(await openSqlite(':memory:'))],
  ['PostgreSQL', async () => createSqlStore(await openPostgres(await postgres.createDatabase(), () => {}))],
])('over %s', (_name, open) => {
  let store: Store
  let material: Material

  beforeAll(async () => {
    store = await open()
    material = await createMaterial(store, BASE)
  })
  afterAll(async () => {
    await material.service.app.close()
    await store.close()
  })

  const look = async () => [await store.readHead('shop'), await store.readHead('other'), (await store.listSites()).map(({ site }) => site), await store.findContactByEmail('shop', 'ada@example.org')]

  /** A route's address with one of its parameters odd and the others right. */
  const spell = (path: string, odd: string, at: string) => path.split('/').map((part) =>
    part === at ? encodeURIComponent(odd) : part === '*' ? '0/000' : part.startsWith(':') ? encodeURIComponent(material.params[part.slice(1)]![0]!) : part).join('/')

  test('what stands in a path or a query is a name, and names nothing', async () => {
    const before = await look()
    let count = 0
    for (const { method, path } of material.service.app.routes) {
      for (const at of path.split('/').filter((part) => part.startsWith(':') || part === '*')) {
        for (const odd of ODD) {
          const request = new Request(`${BASE}${spell(path, odd, at)}?after=${encodeURIComponent(odd)}&lang=${encodeURIComponent(odd)}`, {
            method, headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' }, ...(method === 'GET' ? {} : { body: '{}' }),
          })
          const response = await material.service.app.fetch(request)
          const text = await response.text()
          const what = `${method} ${request.url}: ${response.status}`
          expect(response.status, what).toBeGreaterThanOrEqual(400)
          expect(response.status, what).toBeLessThan(500)
          expect(response.headers.get('x-content-type-options')).toBe('nosniff')
          expect(response.headers.get('content-security-policy'), what).toMatch(/^default-src 'none'/)
          expect(response.headers.get('content-security-policy')).not.toContain('unsafe-')
          expect(response.headers.has('set-cookie')).toBe(false)
          if (response.headers.get('content-type')?.startsWith('text/html')) expect(text).not.toMatch(/<script>alert|<img src=x/)
          count += 1
        }
      }
    }
    expect(count).toBeGreaterThan(1000)
    expect(await look()).toEqual(before)
  })

  test('what stands in a body is a value', async () => {
    const before = (await store.readHead('shop')).size
    for (const odd of ODD) {
      for (const [path, body] of [
        ['contacts', { email: odd }], ['contacts', { email: 'ada@example.org', language: odd }], ['contacts', { email: 'new@example.org', ask: false, source: odd }], ['links', { email: odd }], ['mail-events', { events: [{ email: odd, type: 'bounce' }] }],
        ['mail-links', { contacts: [{ email: odd }] }], ['mailings', { kind: odd, per_hour: 1 }], ['events', { events: [{ jws: odd }] }], ['events', { events: [{ draft: { event_id: odd } }] }], ['events', { [odd]: [] }],
      ] as const) {
        const response = await material.service.app.fetch(new Request(`${BASE}/v1/sites/shop/${path}`, { method: 'POST', body: JSON.stringify(body), headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' } }))
        expect(response.status, `${path} ${JSON.stringify(body)}`).toBeLessThan(500)
      }
    }
    expect((await store.readHead('shop')).size).toBe(before)
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})
