// The OpenAPI document: that it is one, that it has every route and no other, and that each operation wants the token that it says.
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMockService, type MockService } from '../../api-mock/service.ts'
import { createDocument, formatPath, type OpenApiDocument } from '../../server/openapi/document.ts'
import { OPERATIONS } from '../../server/openapi/operations.ts'
import { createToken, SCOPES, type Scope } from '../../server/token.ts'
import { createDevice } from '../fixtures/device.ts'
import { createSite } from '../fixtures/site.ts'

let service: MockService
let document: OpenApiDocument
beforeAll(async () => {
  service = await createMockService({ sites: [createSite()], adminToken: 'a-long-enough-admin-token' })
  document = await (await service.app.fetch(new Request(`${service.baseUrl}/openapi.json`))).json() as OpenApiDocument
})
afterAll(() => service.app.close())

const listOperations = (from: OpenApiDocument) => Object.entries(from.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })))

test('it is valid OpenAPI 3.1', async () => {
  const validator = new Validator()
  const { valid, errors } = await validator.validate({ ...document })
  expect(errors ?? []).toEqual([])
  expect([valid, validator.version]).toEqual([true, '3.1'])
})

test('it has every route, and no other', () => {
  const documented = listOperations(document).map(({ path, method }) => `${method.toUpperCase()} ${path}`).sort()
  expect(documented).toEqual([...new Set(service.app.routes.map(({ path, method }) => `${method} ${formatPath(path)}`))].sort())
})

test('without /metrics among the routes it is not in the document either', () => {
  const paths = Object.keys(createDocument({ baseUrl: service.baseUrl, isMetricsRouted: false }).paths)
  expect(paths).toEqual(Object.keys(document.paths).filter((path) => path !== '/metrics'))
})

test('each operation has a name of its own, and each reference leads somewhere', () => {
  const ids = listOperations(document).map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)]
  expect(references.length).toBeGreaterThan(50)
  for (const [, kind, name] of references) expect(document.components[kind as 'schemas'], name).toHaveProperty(name!)
})

test('what a schema cannot say is said in words', () => {
  const { properties } = document.components.schemas['ConsentEvent']!
  expect(properties!['event_time']).toEqual({ type: 'string', description: 'Checked beyond this schema: “Not RFC 3339 in UTC with three decimals.”' })
  expect(document.components.schemas['NewContact']!.properties!['source']).toEqual({ type: 'string', minLength: 1, maxLength: 200 })
})

describe('the token', () => {
  const guarded = OPERATIONS.filter((operation) => operation.scope !== undefined)
  const scopes = Object.keys(SCOPES) as Scope[]

  /** Secrets for all but this scope, and for this scope alone. */
  async function createSecrets(scope: Scope): Promise<string[]> {
    return Promise.all([scopes.filter((other) => other !== scope), [scope]].map(async (wanted) => {
      const parts = { now: Date.now, random: (length: number) => crypto.getRandomValues(new Uint8Array(length)) }
      const { secret, hash, token } = createToken({ name: 'x', site: null, scopes: wanted, days: 1 }, parts)
      await service.store.addToken(hash, token)
      return secret
    }))
  }

  /** An event of a device that there was none of before: its id, and its record's. */
  async function recordEvent(): Promise<Record<'event_id' | 'record_id', string>> {
    const jws = await (await createDevice()).decide({ analytics: 'given' })
    await service.app.fetch(new Request(`${service.baseUrl}/v1/sites/shop/events`, { method: 'POST', body: jws, headers: { 'content-type': 'application/jose' } }))
    return JSON.parse(Buffer.from(jws.split('.')[1]!, 'base64url').toString()) as Record<'event_id' | 'record_id', string>
  }

  test.each(guarded.map((operation) => [operation.id, operation] as const))('of %s is for what the document says, and it answers nobody else', async (_id, { method, path, scope }) => {
    const [others, own] = await createSecrets(scope!)
    const event = await recordEvent()
    const address = `${service.baseUrl}${formatPath(path).replace('{site}', 'shop').replace('{id}', path.includes('records') ? event.record_id : event.event_id)}`
    const ask = async (secret: string | undefined) => (await service.app.fetch(new Request(address, { method: method.toUpperCase(), headers: secret === undefined ? {} : { authorization: `Bearer ${secret}` } }))).status
    // Of records and events nobody else is told that they are there.
    const closed = path.startsWith('/v1/records/') ? [404, 404] : path.startsWith('/evidence/') ? [401, 401] : [401, 403]
    expect([await ask(undefined), await ask(others)]).toEqual(closed)
    // A site's routes have nothing of this id, or are sent no body, which is another matter.
    const open = path.startsWith('/v1/sites/') ? (method === 'get' ? [200, 404] : [201, 404, 415, 422]) : [200]
    expect(open).toContain(await ask(own))
  })
})
