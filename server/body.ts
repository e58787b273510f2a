// Reads request bodies: never more than the limit, strict UTF-8, and forms in both of their encodings.
import { type Bytes, concat, fromUtf8 } from '../core/bytes.ts'
import { type Json, parseJson } from '../core/json.ts'
import { pointerSegment, refuse } from '../core/refusal.ts'

/** A request's media type in lower case, without parameters; empty where it says none. */
export function readMediaType(request: Request): string {
  return (request.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase()
}

function refuseSize(limitBytes: number): never {
  return refuse('', 'too_large', `The body is larger than ${limitBytes} bytes.`)
}

/** A request, or an answer of somebody else. */
type Message = Pick<Request | Response, 'headers' | 'body'>

/** The body's bytes; refuses more than `limitBytes` without reading on. */
export async function readBytes(message: Message, limitBytes: number): Promise<Bytes> {
  const promised = message.headers.get('content-length')
  if (Number(promised ?? 0) > limitBytes) refuseSize(limitBytes)
  // A server gives a request no more bytes than it said, so they can come at once; what others answer may unpack to more.
  if (promised !== null && message instanceof Request) {
    const bytes = new Uint8Array(await message.arrayBuffer())
    return bytes.length > limitBytes ? refuseSize(limitBytes) : bytes
  }
  const pieces: Uint8Array[] = []
  let length = 0
  const reader = message.body?.getReader()
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    length += next.value.length
    if (length > limitBytes) {
      await reader?.cancel()
      refuseSize(limitBytes)
    }
    pieces.push(next.value)
  }
  return concat(...pieces)
}

/** The body as text. */
export async function readText(message: Message, limitBytes: number): Promise<string> {
  return fromUtf8(await readBytes(message, limitBytes)) ?? refuse('', 'utf8', 'The body is not valid UTF-8.')
}

// No database column takes a null character (PostgreSQL refuses it), and no text that people write has one.
function refuseNulls(value: Json, pointer = ''): void {
  if (typeof value === 'string' && value.includes('\0')) refuse(pointer, 'null_character', 'The text holds a null character.')
  if (typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) {
    refuseNulls(name, pointer)
    refuseNulls(member, pointer + pointerSegment(name))
  }
}

/** The body as strict JSON, in which no text holds a null character. */
export async function readJson(request: Request, limitBytes: number): Promise<Json> {
  const text = await readText(request, limitBytes)
  const value = parseJson(text)
  if (text.includes('\\u0000')) refuseNulls(value)
  return value
}

/** Whether a request carries a form. */
export function isForm(request: Request): boolean {
  return ['application/x-www-form-urlencoded', 'multipart/form-data'].includes(readMediaType(request))
}

/** The fields of a form, urlencoded or multipart; files are left out. */
export async function readForm(request: Request, limitBytes: number): Promise<URLSearchParams> {
  if (!isForm(request)) refuse('', 'media_type', 'A form is expected: application/x-www-form-urlencoded or multipart/form-data.')
  const bytes = await readBytes(request, limitBytes)
  const fields = new URLSearchParams()
  try {
    const form = await new Response(bytes, { headers: { 'content-type': request.headers.get('content-type')! } }).formData()
    for (const [name, value] of form) if (typeof value === 'string') fields.append(name, value.replaceAll('\0', '\ufffd'))
  } catch {
    refuse('', 'form', 'The form could not be read.')
  }
  return fields
}
