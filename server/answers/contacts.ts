// What the operators' routes answer about contacts and contact lists.
import * as v from 'valibot'

const time = v.pipe(v.string(), v.isoTimestamp())
const count = v.pipe(v.number(), v.integer(), v.minValue(0))

/** A contact, as its site's operators see it. */
export const ContactAnswer = v.strictObject({
  id: v.string(),
  email: v.string(),
  language: v.string(),
  record_id: v.pipe(v.string(), v.description('The contact’s own record, never that of a device.')),
  created_at: time,
  source: v.pipe(v.nullable(v.string()), v.description('Where the address is from, told to the person; null where they typed it themselves.')),
  has_contract: v.boolean(),
  mail_block: v.pipe(v.nullable(v.picklist(['bounced', 'complained'])), v.description('Why nothing is sent any more that they did not ask for.')),
  purge: v.pipe(v.nullable(v.picklist(['proposed', 'kept'])), v.description('`proposed`: waits for somebody to decide whether to purge it. `kept`: was decided.')),
})
export type ContactAnswer = v.InferOutput<typeof ContactAnswer>

/** A contact that was made, or was there. */
export const EnsuredContact = v.strictObject({ ...ContactAnswer.entries, asked: v.pipe(v.boolean(), v.description('Whether a mail asks for a first decision.')) })
export type EnsuredContact = v.InferOutput<typeof EnsuredContact>

/** Some of the contacts. */
export const ContactPage = v.strictObject({
  contacts: v.array(ContactAnswer),
  next: v.pipe(v.nullable(v.string()), v.description('`after` of the next page; null on the last one.')),
})
export type ContactPage = v.InferOutput<typeof ContactPage>

/** What was decided about purging. */
export const PurgeAnswer = v.strictObject({ id: v.string(), decision: v.picklist(['keep', 'erase']) })
export type PurgeAnswer = v.InferOutput<typeof PurgeAnswer>

/** The event that was recorded. */
export const NotedEvent = v.strictObject({ event_id: v.string() })

/** A link for one person. Whoever has it can use it. */
export const MadeLink = v.strictObject({ url: v.string(), expires_at: v.pipe(v.nullable(time), v.description('null: it lives on.')) })
export type MadeLink = v.InferOutput<typeof MadeLink>

/** What is done with a line of a list. */
export const OUTCOMES = ['created', 'known', 'suppressed', 'invalid', 'duplicate'] as const

/** What happened to a line of a list, or would. */
export const LineResult = v.strictObject({
  line: v.pipe(count, v.description('From 1, the header included.')),
  outcome: v.picklist(OUTCOMES),
  contact_id: v.pipe(v.nullable(v.string()), v.description('null where there is no contact, and in a dry run where there will be one.')),
  recorded: v.pipe(v.nullable(v.picklist(['unconfirmed', 'refused', 'bounced'])), v.description('`unconfirmed` agreements, a `refused`, or that the mailbox is gone.')),
  asked: v.pipe(v.boolean(), v.description('Whether a mail asks them.')),
  detail: v.optional(v.string()),
})
export type LineResult = v.InferOutput<typeof LineResult>

/** The last line of an answer to a list; one is missing where the answer is cut off. */
export const ListEnd = v.strictObject({ end: v.literal(true), totals: v.pipe(v.record(v.string(), count), v.description('Lines by outcome.')) })

/** What became of a suppression list. */
export const SuppressionsAnswer = v.strictObject({
  added: count,
  invalid_lines: v.pipe(v.array(count), v.description('Numbers of lines that are neither an address nor a hash; the first hundred.')),
})
