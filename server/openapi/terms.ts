// The words in which an operation is described, and the answers that many operations share. A description is plain data:
// document.ts makes OpenAPI of it.
import * as v from 'valibot'
import type { Scope } from '../token.ts'

/** What a body holds: a schema; `lines`: one JSON value a line (NDJSON), each of this schema. */
export type Content = v.GenericSchema | { lines: v.GenericSchema }

/** Bodies by media type. */
export type Contents = Readonly<Record<string, Content>>

/** A parameter in the query or a header. */
export interface Parameter {
  name: string
  in: 'query' | 'header'
  text: string
  schema?: v.GenericSchema
}

/** An answer that is no problem document. */
export interface Answer {
  status: number
  text: string
  /** None: it has no body. */
  content?: Contents
  /** Headers that it always has, of those in headers.ts. */
  headers?: readonly HeaderName[]
}

/** What an answer may carry. */
export const HEADERS = {
  'Access-Control-Allow-Origin': 'Pages of any origin may read the answer.',
  Allow: 'The methods that the address has.',
  'Cache-Control': 'How long the answer keeps.',
  'Content-Disposition': 'The file’s name.',
  ETag: 'For If-None-Match (RFC 9110).',
  Location: 'Where to go on.',
  'Retry-After': 'Seconds until it is worth coming back.',
  'Set-Cookie': 'The cookie of the visit.',
  Vary: 'The request’s headers on which the answer depends.',
  'WWW-Authenticate': 'A token is expected (RFC 6750).',
} as const
export type HeaderName = keyof typeof HEADERS

/** Groups of operations, in the order of the page. */
export const TAGS = {
  Events: 'Decisions come in, receipts go out. What a site’s pages and apps call.',
  Widget: 'The script of the one tag, and what it loads later. Public; any page may embed it.',
  Notices: 'The texts that people were shown, each immutable under its hash.',
  Log: 'The transparency log: checkpoint, keys and tiles as C2SP has them, and the newest time stamp. With `.access` behind the site’s name it is the log of accesses to it.',
  'Personal links': 'The preference centre behind a link in a mail: pages and forms for people. GET never changes a decision.',
  Contacts: 'For a site’s operators: the people whose addresses are known, and lists of them.',
  Mails: 'For a site’s operators: links for mails of their own, mailings, what waits, bounces and complaints.',
  Records: 'For operators: a record out, or erased; an event beside what was shown.',
  Service: 'Whether it is well, and pages about the service itself.',
} as const
export type Tag = keyof typeof TAGS

/** One operation. */
export interface Operation {
  method: 'get' | 'post' | 'patch' | 'delete'
  /** As the router has it: `/v1/sites/:site/events`. */
  path: string
  /** operationId. */
  id: string
  tag: Tag
  summary: string
  text?: string
  /** The operators' routes: what a token has to be for. */
  scope?: Scope
  /** What `:id` stands for, where the path has one. */
  idText?: string
  parameters?: readonly Parameter[]
  body?: { text?: string; content: Contents }
  answers: readonly Answer[]
  /** Codes of the problems that it answers, beside those that every operation may. */
  problems?: readonly string[]
}

/** Text of any kind. */
export const TEXT = v.string()
/** Bytes of any kind. */
export const BYTES = v.unknown()
/** A page for people; `Accept-Language` or `lang` picks its language. */
export const PAGE: Contents = { 'text/html': v.string() }

/** Media type of JSON. */
export const JSON_TYPE = 'application/json'
/** Media type of a JSON value a line. */
export const NDJSON_TYPE = 'application/x-ndjson'

/** A JSON body. */
export const json = (schema: v.GenericSchema): Contents => ({ [JSON_TYPE]: schema })

/** A form, in both of its encodings. Fields that are not listed are left alone. */
export const form = (fields: v.ObjectEntries): Contents => {
  const schema = v.object(fields)
  return { 'application/x-www-form-urlencoded': schema, 'multipart/form-data': schema }
}

/** Which language is wanted. */
export const LANG: Parameter = { name: 'lang', in: 'query', text: 'The language of the answer (BCP 47); else what Accept-Language says.' }
/** What a browser says of languages. */
export const ACCEPT_LANGUAGE: Parameter = { name: 'Accept-Language', in: 'header', text: 'The caller’s languages (RFC 9110).' }
/** Whether a person is looking. */
export const ACCEPT: Parameter = { name: 'Accept', in: 'header', text: '`text/html` anywhere in it asks for the page.' }
/** What the caller has already. */
export const IF_NONE_MATCH: Parameter = { name: 'If-None-Match', in: 'header', text: 'The ETag of what the caller has.' }

/** Headers of what anybody may read and keep for a while. */
export const PUBLIC: readonly HeaderName[] = ['Access-Control-Allow-Origin', 'Cache-Control']

/** The answer to a caller who has it already. */
export const UNCHANGED: Answer = { status: 304, text: 'The caller has it already.', headers: ['ETag', 'Cache-Control'] }

/** Problems of whatever an operator asks of a site. */
export const OPERATOR_PROBLEMS = ['unauthorized', 'token_scope', 'unknown_site'] as const
/** Problems of a JSON body. */
export const JSON_PROBLEMS = ['too_large', 'json_syntax', 'invalid'] as const
/** Problems of a form from our own pages. */
export const FORM_PROBLEMS = ['origin', 'media_type', 'too_large', 'invalid'] as const
