// Holds every answer against the service's own OpenAPI document: the operation is there, the answer is one that it lists, with
// its headers, its media type and its schema; and what was accepted is what the document says may be sent.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { default as addFormats } from 'ajv-formats'
import type { Content, OpenApiDocument, OperationObject, ResponseObject } from '../../server/openapi/document.ts'
import type { Send } from './service-stage.ts'

/** Says whether answers are as the document has them. */
export interface AnswerCheck {
  /** Sends as before, and fails where request or answer are not as they should be. */
  around(send: Send): Send
  /** Fails where the answer is not. */
  check(request: Request, response: Response): Promise<void>
  /** Answers of the 2xx and 3xx kinds that the document lists and nobody got: `getNotice 200`. */
  listUnseen(): string[]
}

interface Documented {
  pattern: RegExp
  literals: number
  path: string
  methods: Record<string, OperationObject>
}

const METHODS_ELSEWHERE = [401, 403, 404, 405, 429, 500, 503]
const pointerTo = (...segments: string[]) => `service#/${segments.map((segment) => encodeURIComponent(segment.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`
const mediaTypeOf = ({ headers }: Request | Response) => (headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase()

// As the router does: what is escaped without need is the same address.
const readPath = (url: string) => new URL(url).pathname.replace(/(?:%[\dA-Fa-f]{2})+/g, (escaped) => {
  try {
    return decodeURI(escaped)
  } catch {
    return escaped
  }
})

function compile(document: OpenApiDocument): Ajv2020 {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false })
  addFormats(ajv)
  // The document around the schemas is none itself.
  ajv.addVocabulary([...Object.keys(document), 'x-line-schema'])
  ajv.addKeyword({
    keyword: 'x-jws-payload', type: 'string', schemaType: 'string', errors: true,
    validate: function checkPayload(this: unknown, name: string, jws: string): boolean {
      const validate = ajv.getSchema(pointerTo('components', 'schemas', name))!
      const isRight = validate(JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString())) as boolean
      ;(checkPayload as { errors?: ValidateFunction['errors'] }).errors = validate.errors ?? null
      return isRight
    },
  })
  ajv.addSchema(document, 'service')
  return ajv
}

/** A check against this document. */
export function createAnswerCheck(document: OpenApiDocument): AnswerCheck {
  const ajv = compile(document)
  const seen = new Set<string>()
  const documented = Object.entries(document.paths).map(([path, methods]): Documented => ({
    path, methods, literals: path.split('/').filter((segment) => !segment.startsWith('{')).length,
    pattern: new RegExp(`^${path.replace(/[.]/g, '\\$&').replace('{tile}', '.*').replace(/\{\w+\}/g, '[^/]+')}$`, 's'),
  })).sort((a, b) => b.literals - a.literals)

  function validate(pointer: string[], value: unknown, what: string): void {
    const schema = ajv.getSchema(pointerTo(...pointer))
    if (!schema) throw new Error(`there is no schema at ${pointer.join(' ')}`)
    if (schema(value)) return
    const faults = (schema.errors ?? []).slice(0, 5).map(({ instancePath, message, params }) => `${instancePath || '/'} ${message}${'additionalProperty' in params ? ` (${params['additionalProperty']})` : ''}`)
    throw new Error(`${what}: ${faults.join('; ')}`)
  }

  function checkBody(text: string, type: string, content: Content, pointer: string[]): void {
    const media = content[type]
    if (!media) throw new Error(`the body is ${type || 'of no type'}, not ${Object.keys(content).join(' or ')}`)
    const at = [...pointer, 'content', type]
    if (media['x-line-schema']) for (const line of text.split('\n').slice(0, -1)) validate([...at, 'x-line-schema'], JSON.parse(line), `a line of the body`)
    else if (/[/+]json$/.test(type)) validate([...at, 'schema'], JSON.parse(text), 'the body')
    else if (type === 'text/html' && !text.startsWith('<!doctype html>')) throw new Error('the body is no page')
  }

  function checkAnswer(operation: OperationObject, at: string[], { status, headers }: Response, type: string, text: string | null): void {
    const listed = operation.responses[status]
    if (!listed) throw new Error(`the status is none of ${Object.keys(operation.responses).join(', ')}`)
    const [answer, pointer] = '$ref' in listed
      ? [document.components.responses[listed.$ref.split('/').at(-1)!]!, listed.$ref.split('/').slice(1)] as [ResponseObject, string[]]
      : [listed, [...at, 'responses', String(status)]]
    for (const [name, { required }] of Object.entries(answer.headers ?? {})) if (required && !headers.has(name)) throw new Error(`the header ${name} is missing`)
    if (headers.has('retry-after') && !/^\d+$/.test(headers.get('retry-after')!)) throw new Error('Retry-After is no number')
    if (!answer.content) {
      if (type !== '' || text) throw new Error('there is a body')
    } else if (text === null) {
      if (!(type in answer.content)) throw new Error(`the body would be ${type || 'of no type'}`)
    } else checkBody(text, type, answer.content, pointer)
  }

  function find(request: Request): { path: string; method: string; operation: OperationObject } | undefined {
    // Nothing has a null in its address.
    if (/%00/.test(request.url)) return undefined
    const [path, method] = [readPath(request.url), request.method === 'HEAD' ? 'get' : request.method.toLowerCase()]
    // As the router does: `POST /p/erased` is one of `/p/{token}`, for `/p/erased` has no such method.
    const known = documented.find(({ pattern, methods }) => pattern.test(path) && methods[method])
    return known && { path: known.path, method, operation: known.methods[method]! }
  }

  const nameOf = ({ method, url }: Request, { status }: Response) => `${method} ${url} ${status}`

  async function check(request: Request, response: Response): Promise<void> {
    const text = request.method === 'HEAD' ? null : await response.text()
    const type = mediaTypeOf(response)
    const found = find(request)
    try {
      if (!found) {
        const isPreflight = request.method === 'OPTIONS' && response.status === 204 && /^\/v1\/sites\/[^/]+\/(?:events|links)$/.test(readPath(request.url))
        if (!isPreflight && !METHODS_ELSEWHERE.includes(response.status)) throw new Error('no operation answers here')
        if (!isPreflight && text !== null && type !== 'text/html') validate(['components', 'schemas', 'Problem'], JSON.parse(text), 'the body')
        return
      }
      checkAnswer(found.operation, ['paths', found.path, found.method], response, type, text)
      seen.add(`${found.operation.operationId} ${response.status}`)
    } catch (error) {
      throw new Error(`${nameOf(request, response)}: ${(error as Error).message}`, { cause: error })
    }
  }

  function readForm(text: string, type: string, properties: Record<string, { type?: string }>): Record<string, unknown> {
    if (type !== 'application/x-www-form-urlencoded') return {}
    const fields = new URLSearchParams(text)
    return Object.fromEntries([...new Set(fields.keys())].map((name) => [name, properties[name]?.type === 'array' ? fields.getAll(name) : fields.get(name)]))
  }

  /** Of a batch each entry that was accepted is as the document says. */
  function checkEntries(text: string, answer: string): void {
    const { results } = JSON.parse(answer) as { results: object[] }
    const { events } = JSON.parse(text) as { events: unknown[] }
    for (const [i, result] of results.entries()) if ('receipt' in result) validate(['components', 'schemas', 'EventEntry'], events[i], `the entry ${i}, which was accepted`)
  }

  /** Whether what was accepted is what the document says. */
  function checkRequest(request: Request, text: string, answer: string): void {
    const found = find(request)
    if (!found) return
    const { operation: { operationId, parameters, requestBody }, path, method } = found
    // Behind links it is tried what happens to parameters that there are none of.
    for (const name of path.startsWith('/v1/') ? new URL(request.url).searchParams.keys() : []) if (!parameters.some((known) => known.in === 'query' && known.name === name)) throw new Error(`the document knows no parameter ${name}`)
    if (!requestBody) return
    const type = mediaTypeOf(request)
    if (operationId === 'recordEvents' && text.startsWith('{')) return checkEntries(text, answer)
    const media = requestBody.content[type]
    if (!media) throw new Error(`a body of the type ${type || 'none'} was accepted`)
    const at = ['paths', path, method, 'requestBody', 'content', type, 'schema']
    if (type === 'application/json') validate(at, JSON.parse(text), 'the request')
    else if (type === 'application/x-www-form-urlencoded') validate(at, readForm(text, type, media.schema.properties ?? {}), 'the request')
  }

  return {
    check,
    around: (send) => async (request) => {
      const sent = request.clone()
      // Before it is sent: a body that nobody else has read to its end could not be refused halfway.
      const sentText = await sent.text()
      const response = await send(request)
      const [own, again] = [response.clone(), response.clone()]
      await check(sent, own)
      if (response.status < 400) {
        try {
          checkRequest(sent, sentText, response.headers.get('content-type')?.startsWith('application/json') ? await again.text() : '')
        } catch (error) {
          throw new Error(`${nameOf(sent, response)}: ${(error as Error).message}`, { cause: error })
        }
      }
      return response
    },
    listUnseen: () => Object.values(document.paths).flatMap((methods) => Object.values(methods)).flatMap(({ operationId, responses }) =>
      Object.keys(responses).filter((status) => Number(status) < 400).map((status) => `${operationId} ${status}`)).filter((name) => !seen.has(name)),
  }
}
