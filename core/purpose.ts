// A purpose: a thing people may allow or refuse, and the exact words they are asked with.
import * as v from 'valibot'

/** `device`: cookies and tags on this browser. `contact`: messages to a person. */
export type Scope = 'device' | 'contact'

/** Whether a text says something and has no white space at its ends. */
export function isTrimmed(text: string): boolean {
  return text !== '' && text.trim() === text
}

/** A line of text in a notice. */
export const Line = v.pipe(v.string('A text is expected.'), v.check(isTrimmed, 'The text is empty, or has white space at an end.'),
  v.maxLength(2000, 'The text is longer than 2000 characters.'))

/** Identifier of a purpose: `newsletter`. */
export const PurposeId = v.pipe(v.string('A text is expected.'),
  v.regex(/^[a-z][a-z0-9_-]{0,39}$/, 'A purpose id is 1 to 40 of a-z, 0-9, - and _, and starts with a letter.'))

/** What a notice says of one purpose. There is no field with which a box could be ticked beforehand. */
export const Purpose = v.strictObject({
  id: PurposeId,
  scope: v.picklist(['device', 'contact'], 'The scope is “device” or “contact”.'),
  /** The sentence beside the checkbox. */
  statement_text: Line,
  /** GDPR Article 6(1). Only `consent` is asked for; everything else is told. */
  legal_basis: v.picklist(
    ['consent', 'contract', 'legal_obligation', 'vital_interests', 'public_task', 'legitimate_interests'],
    'The legal basis is one of GDPR Article 6(1): consent, contract, legal_obligation, vital_interests, public_task, legitimate_interests.'),
  data_categories: v.pipe(v.array(Line, 'A list of texts is expected.'), v.minLength(1, 'At least one category of data is needed.'), v.maxLength(50, 'More than 50 entries.')),
  /** Who receives the data, by name. */
  recipients: v.pipe(v.array(Line, 'A list of names is expected.'), v.minLength(1, 'At least one recipient is needed; name yourself where nobody else gets the data.'), v.maxLength(100, 'More than 100 entries.')),
  /** How long the data is kept, in words. */
  retention: Line,
  /** Names of the cookies and storage keys under this purpose; `*` stands for any characters (`_ga*`). */
  tags: v.pipe(v.array(Line, 'A list of names is expected.'), v.maxLength(200, 'More than 200 entries.')),
})
export type Purpose = v.InferOutput<typeof Purpose>
