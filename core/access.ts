// An access: an operator read personal data, or took something out. Each is an entry of a second log beside the site's own,
// `{site}.access`, of the very same kind: a leaf is the hash of the entry, whose text lies beside it. An entry names people by
// pseudonymous ids only: never by an address, a search text or an IP.
//
//   {"v":1,"access_id":"019ab3…","site":"shop","operator":{"kind":"token","id":"n4…","name":"Newsletter tool"},
//    "action":"contacts:read","route":"PATCH /v1/sites/{site}/contacts/{id}","status":200,"subject":{"contact_id":"8Jx…"},"salt":"…"}
import * as v from 'valibot'
import { v7 as createUuidV7 } from 'uuid'
import { bytesText, SiteId, UuidV7 } from './event.ts'
import { parseJson } from './json.ts'
import type { LeafType } from './leaf.ts'
import { validate } from './validate.ts'
import { writeJson } from './write-json.ts'

const ENDING = '.access'

/** The name of the log of accesses to a site; no site has such a name. */
export function accessLogOf(site: string): string {
  return `${site}${ENDING}`
}

/** Whether a log of this name, or of this origin, is one of accesses. */
export function isAccessLog(log: string): boolean {
  return log.endsWith(ENDING)
}

/** The site that a log belongs to. */
export function siteOfLog(log: string): string {
  return isAccessLog(log) ? log.slice(0, -ENDING.length) : log
}

/** Both logs of a site. */
export function logsOf(site: string): [own: string, accesses: string] {
  return [site, accessLogOf(site)]
}

/** Whether a leaf of this type may stand in a log of this kind: one of accesses takes accesses and keys, and no other takes accesses. */
export function hasPlace(type: LeafType, isOfAccesses: boolean): boolean {
  return isOfAccesses ? type === 'access' || type === 'key' : type !== 'access'
}

/** Most people that one entry names. */
export const SUBJECTS_LIMIT = 500

const RandomId = bytesText(16, 'It')
const text = (limit: number) => v.pipe(v.string('A text is expected.'), v.minLength(1, 'The text is empty.'), v.maxLength(limit, `The text is longer than ${limit} characters.`))

/** Who read: the admin token, a token by its id and name, or a command on the service's machine, which knows nobody's name. */
const AccessOperator = v.strictObject({
  kind: v.picklist(['admin', 'token', 'command'], 'The kind is “admin”, “token” or “command”.'),
  id: v.nullable(text(80)),
  name: v.nullable(text(80)),
})
export type AccessOperator = v.InferOutput<typeof AccessOperator>

/** About whom: one contact, record or event, or several contacts. */
const AccessSubject = v.union([
  v.strictObject({ contact_id: RandomId }),
  v.strictObject({ contact_ids: v.pipe(v.array(RandomId, 'A list is expected.'), v.maxLength(SUBJECTS_LIMIT, `More than ${SUBJECTS_LIMIT} ids.`)) }),
  v.strictObject({ record_id: RandomId }),
  v.strictObject({ event_id: UuidV7 }),
], 'It is one of contact_id, contact_ids, record_id and event_id.')
export type AccessSubject = v.InferOutput<typeof AccessSubject>

/** An entry. All members stand there; others are refused. */
export const Access = v.strictObject({
  v: v.literal(1, 'The version is 1.'),
  access_id: UuidV7,
  site: SiteId,
  operator: AccessOperator,
  /** What they were allowed to do, as the scopes of tokens name it; `site:export` is the whole log by command. */
  action: text(40),
  /** The method and the route's pattern, or the command. */
  route: text(200),
  /** What was answered; null of a command, which writes after this. */
  status: v.nullable(v.pipe(v.number('A number is expected.'), v.safeInteger('A whole number is expected.'), v.minValue(200, 'Not a status.'), v.maxValue(499, 'Not a status.'))),
  /** null: nobody in particular, so perhaps everybody. */
  subject: v.nullable(AccessSubject),
  salt: RandomId,
})
export type Access = v.InferOutput<typeof Access>

/** What is to be recorded. */
export type AccessInput = Omit<Access, 'v' | 'access_id' | 'salt'>

/** The text of a new entry. `salt` is 16 random bytes as base64url; `timeMs` goes into its id. */
export function writeAccess({ site, operator: { kind, id, name }, action, route, status, subject }: AccessInput, { timeMs, salt }: { timeMs: number; salt: string }): string {
  return writeJson({ v: 1, access_id: createUuidV7({ msecs: timeMs }), site, operator: { kind, id, name }, action, route, status, subject, salt })
}

/** Reads the text of an entry. Throws a Refusal. */
export function readAccess(entry: string): Access {
  return validate(Access, parseJson(entry), '/access')
}
