// Makes the OpenAPI 3.1 document of a service from the descriptions of its operations and the schemas that check its input.
import { PROBLEM_TYPE } from '../../core/protocol.ts'
import { findProblemKind } from '../problem.ts'
import { SCOPES } from '../token.ts'
import { OPERATIONS } from './operations.ts'
import { convertSchema, type JsonSchema, listComponents } from './schemas.ts'
import { type Answer, type Contents, HEADERS, type HeaderName, type Operation, type Parameter, TAGS, TEXT } from './terms.ts'

/** A reference into the components. */
export interface Reference {
  $ref: string
}

/** A body of one media type. */
export interface MediaType {
  schema: JsonSchema
  /** NDJSON: the schema of a line. */
  'x-line-schema'?: JsonSchema
}

/** Bodies by media type. */
export type Content = Record<string, MediaType>

/** A header of an answer. */
export interface HeaderObject {
  description: string
  required?: boolean
  schema: JsonSchema
}

/** An answer. */
export interface ResponseObject {
  description: string
  headers?: Record<string, HeaderObject>
  content?: Content
}

/** A parameter. */
export interface ParameterObject {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  description: string
  schema: JsonSchema
}

/** An operation. */
export interface OperationObject {
  operationId: string
  tags: [string]
  summary: string
  description?: string
  security: Record<string, string[]>[]
  parameters: ParameterObject[]
  requestBody?: { description?: string; required: true; content: Content }
  responses: Record<string, ResponseObject | Reference>
}

/** The document. */
export interface OpenApiDocument {
  openapi: '3.1.1'
  info: { title: string; version: string; description: string; license: { name: string; identifier: string } }
  servers: { url: string }[]
  tags: { name: string; description: string }[]
  paths: Record<string, Partial<Record<Operation['method'], OperationObject>>>
  components: {
    schemas: Record<string, JsonSchema>
    responses: Record<string, ResponseObject>
    securitySchemes: Record<string, { type: string; scheme: string; description: string }>
  }
}

/** What a document is made for. */
export interface DocumentOptions {
  baseUrl: string
  /** False: `/metrics` is served elsewhere. */
  isMetricsRouted: boolean
}

const INFO = {
  title: 'Sayso consent service', version: '1',
  description: 'Asks for consent, proves what was agreed, and lets people change their mind. The bytes that are signed, and the rules beyond these schemas, are in docs/protocol.md. A body with a member that its schema does not list is refused where the schema is closed.',
  license: { name: 'MIT', identifier: 'MIT' },
}

/** What `:name` stands for in a path. */
const PATH_TEXTS: Record<string, string> = {
  site: 'The site’s short name.', hash: 'notice_hash', other: 'notice_hash of the other, which counts as the newer.', same: 'The same notice_hash once more.', token: 'The link’s secret: 43 characters.',
  name: 'The file.', kind: 'The kind of mail.', code: 'The problem’s code.', tile: 'Level, index and width as in C2SP tlog-tiles, `0/000.p/5`; its slashes are not escaped.',
}

/** What every operation may answer, whatever it was asked. */
const SHARED = { 429: 'TooManyRequests', 500: 'Failed', 503: 'Unavailable' } as const
const SHARED_CODES: Record<keyof typeof SHARED, readonly string[]> = { 429: ['too_many_requests'], 500: ['internal', 'key_missing'], 503: ['overloaded', 'not_ready'] }

/** A path as OpenAPI has it: `/log/{site}/tile/{tile}`. */
export function formatPath(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}').replace(/\*$/, '{tile}')
}

function listPathParameters({ path, idText }: Operation): ParameterObject[] {
  return [...formatPath(path).matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name: name!, in: 'path', required: true, description: (name === 'id' ? idText : undefined) ?? PATH_TEXTS[name!]!, schema: { type: 'string' },
  }))
}

function writeParameter({ name, in: place, text, schema = TEXT }: Parameter): ParameterObject {
  return { name, in: place, required: false, description: text, schema: convertSchema(schema) }
}

function writeContent(contents: Contents): Content {
  return Object.fromEntries(Object.entries(contents).map(([type, content]): [string, MediaType] => (
    [type, 'lines' in content ? { schema: { type: 'string' }, 'x-line-schema': convertSchema(content.lines) } : { schema: convertSchema(content) }]
  )))
}

function writeHeader(name: HeaderName, isRequired = true): [string, HeaderObject] {
  return [name, { description: HEADERS[name], ...(isRequired ? { required: true } : {}), schema: { type: name === 'Retry-After' ? 'integer' : 'string' } }]
}

const PROBLEM_HEADERS: Record<number, [string, HeaderObject]> = {
  401: writeHeader('WWW-Authenticate'), 429: writeHeader('Retry-After'), 503: writeHeader('Retry-After', false),
}

/** Problems of one status: which ones, as a document, or as a page where a person is looking. */
function writeProblems(status: number, codes: readonly string[]): ResponseObject {
  const header = PROBLEM_HEADERS[status]
  return {
    description: codes.map((code) => `${findProblemKind(code)!.title} (${code}).`).join(' '),
    ...(header ? { headers: Object.fromEntries([header]) } : {}),
    content: {
      [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem', properties: { type: { enum: codes.map((code) => `/problems/${code}`) } } } },
      'text/html': { schema: { type: 'string' } },
    },
  }
}

function writeAnswer({ text, content, headers = [] }: Answer): ResponseObject {
  return {
    description: text,
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers.map((name) => writeHeader(name))) }),
    ...(content ? { content: writeContent(content) } : {}),
  }
}

/** A page and problems of the same status are one answer. Only what all of them carry is promised. */
function merge(one: ResponseObject, other: ResponseObject): ResponseObject {
  const names = Object.keys({ ...one.headers, ...other.headers })
  const headers = names.map((name): [string, HeaderObject] => {
    const [first, second] = [one.headers?.[name], other.headers?.[name]]
    const { required: _required, ...rest } = (first ?? second)!
    return [name, first?.required && second?.required ? { ...rest, required: true } : rest]
  })
  return {
    description: `${one.description} ${other.description}`,
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }), content: { ...one.content, ...other.content },
  }
}

function listResponses({ answers, problems = [] }: Operation): OperationObject['responses'] {
  const byStatus = new Map<number, ResponseObject>(answers.map((answer) => [answer.status, writeAnswer(answer)]))
  const codes = Map.groupBy(new Set(problems), (code) => {
    const kind = findProblemKind(code)
    if (!kind) throw new RangeError(`there is no problem “${code}”`)
    return kind.status
  })
  for (const [status, all] of codes) {
    const known = byStatus.get(status)
    byStatus.set(status, known ? merge(known, writeProblems(status, all)) : writeProblems(status, all))
  }
  const responses: OperationObject['responses'] = {}
  for (const [status, response] of [...byStatus].sort(([a], [b]) => a - b)) responses[status] = response
  for (const [status, name] of Object.entries(SHARED)) {
    const own = byStatus.get(Number(status))
    responses[status] = own ? merge(own, writeProblems(Number(status), SHARED_CODES[Number(status) as keyof typeof SHARED])) : { $ref: `#/components/responses/${name}` }
  }
  return responses
}

function writeOperation(operation: Operation): OperationObject {
  const { id, tag, summary, text, scope, parameters = [], body } = operation
  return {
    operationId: id, tags: [tag], summary, ...(text === undefined ? {} : { description: text }),
    security: scope === undefined ? [] : [{ token: [scope] }],
    parameters: [...listPathParameters(operation), ...parameters.map(writeParameter)],
    ...(body ? { requestBody: { ...(body.text === undefined ? {} : { description: body.text }), required: true as const, content: writeContent(body.content) } } : {}),
    responses: listResponses(operation),
  }
}

/** The document of a service. */
export function createDocument({ baseUrl, isMetricsRouted }: DocumentOptions): OpenApiDocument {
  const paths: OpenApiDocument['paths'] = {}
  for (const operation of OPERATIONS.filter(({ path }) => isMetricsRouted || path !== '/metrics')) {
    const path = formatPath(operation.path)
    paths[path] = { ...paths[path], [operation.method]: writeOperation(operation) }
  }
  const scopes = Object.entries(SCOPES).map(([scope, what]) => `\`${scope}\`: ${what}.`).join(' ')
  return {
    openapi: '3.1.1', info: INFO, servers: [{ url: baseUrl }], tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })), paths,
    components: {
      schemas: listComponents(),
      responses: Object.fromEntries(Object.entries(SHARED).map(([status, name]) => [name, writeProblems(Number(status), SHARED_CODES[Number(status) as keyof typeof SHARED])])),
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: `The admin token, or one that is for this (sayso token new). ${scopes}` } },
    },
  }
}
