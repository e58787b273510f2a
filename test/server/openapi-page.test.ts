// The page about the interface: schemas in words, and that nothing in the document can become more than text.
import { expect, test } from 'vitest'
import { renderApiPage } from '../../preference-center/render.ts'
import { createDocument } from '../../server/openapi/document.ts'
import { buildApiPage, describeShape } from '../../server/openapi/page.ts'

const document = createDocument({ baseUrl: 'https://consent.example', isMetricsRouted: true })

test('“this or null” is one shape, not a choice of two', () => {
  const shape = describeShape({ anyOf: [{ type: 'string', maxLength: 3 }, { type: 'null' }], description: 'What it is.' })
  expect(shape).toMatchObject({ kind: 'text', isNullable: true, limits: ['3 characters at most'], text: 'What it is.', parts: [] })
})

test('a choice has its alternatives, and says where null is one of them', () => {
  const shape = describeShape({ anyOf: [{ $ref: '#/components/schemas/Receipt' }, { type: 'integer', minimum: 1 }, { type: 'null' }] })
  expect(shape).toMatchObject({ kind: 'one of', isNullable: true, parts: [{ kind: 'Receipt', isNamed: true }, { kind: 'whole number', limits: ['1 or more'] }] })
})

test('an object has its members, a list its entries, a fixed list its places and no length', () => {
  expect(describeShape({ type: 'object', properties: { a: { type: 'boolean' }, b: { const: '1' } }, required: ['b'] }).members).toMatchObject([
    { name: 'a', isRequired: false, shape: { kind: 'true or false' } }, { name: 'b', isRequired: true, shape: { values: ['"1"'] } },
  ])
  expect(describeShape({ type: 'array', items: { type: 'number' }, minItems: 1 })).toMatchObject({ kind: 'list', limits: ['1 or more'], parts: [{ kind: 'number' }] })
  expect(describeShape({ type: 'array', prefixItems: [{ type: 'string' }, { type: 'null' }], minItems: 2 })).toMatchObject({ limits: [], parts: [{ kind: 'text' }, { kind: 'null' }] })
})

test('has every schema once, every reference leads to one, and forms are told once for both of their encodings', () => {
  const html = renderApiPage(buildApiPage(document))
  const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id!)
  expect(new Set(ids).size).toBe(ids.length)
  for (const name of Object.keys(document.components.schemas)) expect(ids).toContain(`shape-${name}`)
  for (const [, target] of html.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target)
  expect(html).toContain('<code>application/x-www-form-urlencoded</code> or <code>multipart/form-data</code>')
})

test('says which problems an operation answers, and leads to the page of each', () => {
  const operation = buildApiPage(document).groups.flatMap(({ operations }) => operations).find(({ id }) => id === 'stopMailing')!
  expect(operation.scope).toBe('mail')
  expect(operation.answers.map(({ status, problems }) => [status, problems.map(({ href }) => href)])).toEqual([
    ['200', []], ['401', ['/problems/unauthorized']], ['403', ['/problems/token_scope']], ['404', ['/problems/unknown_site', '/problems/not_found']], ['409', ['/problems/mailing_state']],
  ])
})

test('what stands in the document stays text', () => {
  const hostile = '"><script>alert(1)</script>`<img src=x onerror=alert(1)>'
  const poisoned = structuredClone(document)
  poisoned.info.description = hostile
  poisoned.paths['/verify']!.get!.summary = hostile
  poisoned.components.schemas['Receipt']!.properties!['event']!.description = hostile
  const html = renderApiPage(buildApiPage(poisoned))
  expect(html.match(/&lt;script>/g)).toHaveLength(4)
  expect(html).not.toMatch(/<script|<img/)
})
