// The writer writes what JSON.stringify would, and nothing that a page did to arrays and objects changes that.
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { encodeEvent } from '../../core/event.ts'
import { writeJson } from '../../core/write-json.ts'
import { createDevice } from '../fixtures/device.ts'

const builtIns = [Array.prototype, Object.prototype] as { toJSON?: unknown }[]
afterEach(() => {
  for (const builtIn of builtIns) delete builtIn.toJSON
})

test('it writes every plain value as JSON.stringify does', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => void expect(writeJson(value)).toBe(JSON.stringify(value))))
  expect(writeJson({ a: undefined, b: [1] })).toBe('{"b":[1]}')
})

test('where a page gave arrays and objects a toJSON, an event is written and signed as everywhere', async () => {
  const { draft, sign } = await createDevice()
  const event = draft({ analytics: 'given' })
  const written = encodeEvent(event, 'device')
  for (const builtIn of builtIns) Object.defineProperty(builtIn, 'toJSON', { configurable: true, enumerable: false, value: () => 'text' })
  expect(encodeEvent(event, 'device')).toBe(written)
  const [header, payload] = (await sign(event)).split('.')
  for (const builtIn of builtIns) delete builtIn.toJSON
  expect(JSON.parse(Buffer.from(header!, 'base64url').toString())).toMatchObject({ alg: 'ES256', jwk: { kty: 'EC' } })
  expect(Buffer.from(payload!, 'base64url').toString()).toBe(written)
})
