// What the operators' routes answer about mails: links for the operator's own mails, mailings, what waits, what came in.
import * as v from 'valibot'
import { MAIL_KINDS } from '../../preference-center/mail-kinds.ts'

const time = v.pipe(v.string(), v.isoTimestamp())
const count = v.pipe(v.number(), v.integer(), v.minValue(0))

/** Why a contact gets no mail. */
const REASONS = ['unknown', 'not_agreed', 'suppressed', 'bounced', 'complained'] as const
export type Reason = (typeof REASONS)[number]

const named = { email: v.optional(v.string()), id: v.optional(v.string()) }

/** A contact's links, and whether it may get the mail. `email` or `id` is what was asked for. */
export const LinkResult = v.union([
  v.strictObject({ ...named, may_send: v.literal(false), reason: v.literal('unknown') }),
  v.strictObject({
    ...named, contact_id: v.string(), may_send: v.boolean(), reason: v.nullable(v.picklist(REASONS)),
    manage_url: v.pipe(v.string(), v.description('See and change.')), unsubscribe_url: v.pipe(v.string(), v.description('Withdraw only.')),
    headers: v.pipe(v.record(v.string(), v.string()), v.description('For the mail, as they stand: List-Unsubscribe and List-Unsubscribe-Post (RFC 8058).')),
  }),
])
export type LinkResult = v.InferOutput<typeof LinkResult>

/** A result for each contact, in the order asked. */
export const LinkResults = v.strictObject({ results: v.array(LinkResult) })

/** A mailing, and how far it is. */
export const MailingAnswer = v.strictObject({
  id: v.string(), kind: v.picklist(['ask', 'link']), per_hour: count, state: v.picklist(['running', 'stopped', 'done']),
  total: v.pipe(count, v.description('Contacts there were at the start.')), done: count, queued: count, skipped: count,
  created_at: time, next_at: v.pipe(v.nullable(time), v.description('null where it does not run.')),
})
export type MailingAnswer = v.InferOutput<typeof MailingAnswer>

/** The site's mailings, newest first. */
export const MailingList = v.strictObject({ mailings: v.array(MailingAnswer) })

/** Mails that wait or are stuck, the oldest first: no address, no words. */
export const MailList = v.strictObject({
  mails: v.array(v.strictObject({
    id: v.string(), kind: v.picklist(MAIL_KINDS), created_at: time, attempts: count, due_at: time,
    stuck: v.pipe(v.nullable(v.picklist(['gave_up', 'uncertain'])), v.description('`gave_up`: refused again and again. `uncertain`: it may have gone, and is not sent twice.')),
  })),
})
export type MailList = v.InferOutput<typeof MailList>

/** How many events were taken, and how many were about contacts of the site. */
export const MailEventsAnswer = v.strictObject({ taken: count, known: count })

/** What a message was, and whether it was about a contact of the site. */
export const InboundAnswer = v.strictObject({ kind: v.picklist(['bounce', 'complaint', 'unsubscribe', 'other']), known: v.boolean() })
export type InboundAnswer = v.InferOutput<typeof InboundAnswer>
