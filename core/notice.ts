// A notice: the text people are shown, immutable, addressed by the hash of its canonical JSON. Each is in one
// language; a translation is a notice of its own. It may speak of one scope or of both: the default validity
// differs (183 days for `device`, P24M for `contact`), so a site usually publishes one of each.
import * as v from 'valibot'
import { hashJson } from './hash.ts'
import { isTrimmed, Line, Purpose } from './purpose.ts'
import { isDuration } from './time.ts'
import { validate } from './validate.ts'

/** Words on the controls. A label that a notice leaves out is filled in when it is published, before hashing. */
export const LABELS = ['title', 'intro', 'accept_all', 'reject_all', 'save', 'choose', 'close', 'open', 'full_notice', 'opt_in_intro'] as const
export type LabelName = (typeof LABELS)[number]

const Label = v.optional(v.pipe(v.string('A text is expected.'), v.check(isTrimmed, 'The text is empty, or has white space at an end.'), v.maxLength(300, 'The label is longer than 300 characters.')))

const isUnique = (purposes: Purpose[]) => new Set(purposes.map((purpose) => purpose.id)).size === purposes.length

/** A notice, as published. */
export const Notice = v.strictObject({
  schema_version: v.literal('1', 'The schema version is "1".'),
  controller: v.strictObject({ name: Line, address: Line, contact: Line, dpo: v.nullable(Line) }),
  /** The eight things a privacy notice must say (REQUIREMENTS 55): collected … complaint. */
  collected: Line,
  why: Line,
  shared_with: v.pipe(v.array(v.strictObject({ name: Line, purpose: Line }), 'A list is expected.'), v.maxLength(100, 'More than 100 entries.')),
  use: Line,
  retention: Line,
  /** Where the data is kept: countries, and whose machines (REQUIREMENTS 5 and 54). A notice without it has no such member. */
  storage: v.optional(Line),
  access: Line,
  erasure: Line,
  complaint: v.strictObject({ text: Line, authority: Line }),
  withdrawal: Line,
  validity_duration: v.pipe(v.string('A text is expected.'), v.check(isDuration, 'Not an ISO 8601 duration, for example P183D or P24M.')),
  /** BCP 47. */
  language: v.pipe(v.string('A text is expected.'), v.regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/, 'Not a language tag, for example “de”.')),
  labels: v.strictObject(Object.fromEntries(LABELS.map((name) => [name, Label])) as Record<LabelName, typeof Label>),
  purposes: v.pipe(v.array(Purpose, 'A list of purposes is expected.'), v.minLength(1, 'At least one purpose is needed.'),
    v.maxLength(50, 'More than 50 purposes.'), v.check(isUnique, 'Two purposes have the same id.')),
})
export type Notice = v.InferOutput<typeof Notice>

/** Reads a notice; throws a Refusal that names every field at fault. */
export function parseNotice(value: unknown, pointer = ''): Notice {
  return validate(Notice, value, pointer)
}

/** The notice's address: base64url(SHA-256(JCS)), 43 characters. */
export function hashNotice(notice: Notice): string {
  return hashJson(notice)
}
