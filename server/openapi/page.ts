// The OpenAPI document as the model of a page for people.
import { PROBLEM_TYPE } from '../../core/protocol.ts'
import type { ApiAnswer, ApiBody, ApiOperation, ApiPage, ApiShape } from '../../preference-center/api-model.ts'
import { findProblemKind } from '../problem.ts'
import type { Content, MediaType, OpenApiDocument, OperationObject, ResponseObject } from './document.ts'
import { OPERATIONS } from './operations.ts'
import type { JsonSchema } from './schemas.ts'

const KINDS: Record<string, string> = { string: 'text', integer: 'whole number', number: 'number', boolean: 'true or false', object: 'object', array: 'list', null: 'null' }

const LIMITS: Record<string, (value: unknown) => string> = {
  minLength: (value) => `${String(value)} characters or more`, maxLength: (value) => `${String(value)} characters at most`,
  minItems: (value) => `${String(value)} or more`, maxItems: (value) => `${String(value)} at most`,
  minimum: (value) => `${String(value)} or more`, maximum: (value) => `${String(value)} at most`,
  pattern: (value) => `matches ${String(value)}`, format: (value) => String(value),
}

const nameOf = (ref: string) => ref.split('/').at(-1)!

function listLimits(schema: JsonSchema): string[] {
  // A fixed list says how long it is by having so many places.
  const known = Object.entries(schema).filter(([keyword]) => keyword in LIMITS && !(schema.prefixItems && keyword.endsWith('Items')))
  return known.map(([keyword, value]) => LIMITS[keyword]!(value))
}

/** A schema in words. */
export function describeShape(schema: JsonSchema): ApiShape {
  const { $ref, type, description = null, properties = {}, required = [], items, prefixItems, anyOf = [], additionalProperties } = schema
  const others = anyOf.filter((one) => one.type !== 'null')
  // “This or null” is one shape, not a choice of two.
  if (anyOf.length === 2 && others.length === 1) {
    const shape = describeShape(others[0]!)
    return { ...shape, isNullable: true, text: [description, shape.text].filter(Boolean).join(' ') || null }
  }
  const values = schema.enum ?? ('const' in schema ? [schema.const] : [])
  const rest = typeof additionalProperties === 'object' ? [describeShape(additionalProperties)] : []
  return {
    kind: $ref ? nameOf($ref) : others.length > 0 ? 'one of' : values.length > 0 ? 'one of' : (KINDS[type ?? ''] ?? 'anything'),
    isNamed: $ref !== undefined, isNullable: others.length < anyOf.length,
    limits: listLimits(schema), values: values.map((value) => JSON.stringify(value)), text: description,
    members: Object.entries(properties).map(([name, member]) => ({ name, isRequired: required.includes(name), shape: describeShape(member) })),
    parts: [...others.map(describeShape), ...(items ? [describeShape(items)] : []), ...(prefixItems ?? []).map(describeShape), ...rest],
  }
}

function describeBody(type: string, { schema, 'x-line-schema': line }: MediaType): ApiBody {
  const isPlain = (schema.type === 'string' && Object.keys(schema).length === 1) || Object.keys(schema).length === 0
  return { types: [type], isByLine: line !== undefined, shape: line ? describeShape(line) : isPlain ? null : describeShape(schema) }
}

/** Bodies that differ in their type alone are told together. */
function describeContent(content: Content): ApiBody[] {
  const bodies: ApiBody[] = []
  for (const [type, media] of Object.entries(content)) {
    const body = describeBody(type, media)
    const same = bodies.find(({ shape, isByLine }) => isByLine === body.isByLine && JSON.stringify(shape) === JSON.stringify(body.shape))
    if (same) same.types.push(type)
    else bodies.push(body)
  }
  return bodies
}

function describeAnswer(status: string, { headers = {}, content = {} }: ResponseObject, text: string | null): ApiAnswer {
  const codes = (content[PROBLEM_TYPE]?.schema.properties?.['type']?.enum ?? []) as string[]
  const problems = codes.map((href) => {
    const code = nameOf(href)
    return { code, title: findProblemKind(code)!.title, href }
  })
  // Problems have one shape everywhere, which is told once.
  const told = Object.fromEntries(Object.entries(content).filter(([type]) => problems.length === 0 || (type !== PROBLEM_TYPE && type !== 'text/html')))
  return { status, text, headers: Object.keys(headers), bodies: describeContent(told), problems }
}

function describeOperation(method: string, path: string, { operationId, summary, description, security, parameters, requestBody, responses }: OperationObject): ApiOperation {
  const own = OPERATIONS.find(({ id }) => id === operationId)!
  const textOf = (status: string) => own.answers.find((answer) => answer.status === Number(status))?.text ?? null
  return {
    id: operationId, method: method.toUpperCase(), path, summary, text: description ?? null, scope: security[0]?.['token']?.[0] ?? null,
    parameters: parameters.map(({ name, in: place, required, description: text, schema }) => ({ name, place, isRequired: required, shape: { ...describeShape(schema), text } })),
    body: requestBody ? { text: requestBody.description ?? null, bodies: describeContent(requestBody.content) } : null,
    answers: Object.entries(responses).flatMap(([status, response]) => ('$ref' in response ? [] : [describeAnswer(status, response, textOf(status))])),
  }
}

/** The page's model. It is in English, like the document. */
export function buildApiPage({ info, servers, tags, paths, components }: OpenApiDocument): ApiPage {
  const operations = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ tag: operation.tags[0], operation: describeOperation(method, path, operation) })))
  const statusOf = { TooManyRequests: '429', Failed: '500', Unavailable: '503' } as Record<string, string>
  return {
    language: 'en', languages: [], siteName: new URL(servers[0]!.url).host,
    title: info.title, intro: info.description, documentHref: '/openapi.json', token: components.securitySchemes['token']!.description,
    groups: tags.map(({ name, description }) => ({
      id: name.toLowerCase().replaceAll(' ', '-'), name, text: description, operations: operations.filter(({ tag }) => tag === name).map(({ operation }) => operation),
    })),
    shared: Object.entries(components.responses).map(([name, response]) => describeAnswer(statusOf[name]!, response, null)),
    shapes: Object.entries(components.schemas).map(([name, schema]) => ({ name, shape: describeShape(schema) })),
  }
}
