// For the site's operators: make a contact, look at what is known, say what changed, decide about purging, note what was
// said to a person, make or send links.
import * as v from 'valibot'
import { listAsked } from '../../core/choice.ts'
import { PurposeId } from '../../core/purpose.ts'
import { refuse } from '../../core/refusal.ts'
import { findNotice, type Site } from '../../core/site.ts'
import { formatTime, isTime } from '../../core/time.ts'
import { validate } from '../../core/validate.ts'
import { askContacts } from '../asking.ts'
import type { ContactAnswer, ContactPage, EnsuredContact, MadeLink, PurgeAnswer } from '../answers/contacts.ts'
import type { Accepted } from '../answers/problem.ts'
import { readJson } from '../body.ts'
import { ensureContact } from '../contact.ts'
import { readEmail } from '../email-address.ts'
import { eraseContact } from '../erase-contact.ts'
import { createLink } from '../link.ts'
import { createMail } from '../mail-order.ts'
import type { Note, Preferences, Situation } from '../preference.ts'
import { addOperatorRules, findOwnContact, OPERATOR_HEADERS as headers } from '../require-operator.ts'
import type { Routes, Service } from '../service.ts'
import type { Contact } from '../store.ts'
import { pickSiteLanguage } from '../widget-config.ts'

const flag = v.boolean('true or false is expected.')
const shortText = (limit: number) => v.pipe(v.string('A text is expected.'), v.trim(), v.minLength(1, 'The text is empty.'), v.maxLength(limit, `The text is longer than ${limit} characters.`))

/** A contact to be made. */
export const NewContact = v.strictObject({
  email: v.string('An e-mail address is expected.'),
  language: v.optional(v.string('A language tag is expected.')),
  /** Told to the person in the first mail (GDPR Article 14). */
  source: v.optional(shortText(200)),
  has_contract: v.optional(flag),
  /** false: no mail asks this contact for a first decision. */
  ask: v.optional(flag),
})

/** What may change about a contact. */
export const ContactChange = v.strictObject({ language: v.optional(v.string('A language tag is expected.')), source: v.optional(shortText(200)), has_contract: v.optional(flag) })

/** Which link is wanted. */
export const NewLink = v.strictObject({
  kind: v.picklist(['P', 'U'], 'The kind is “P” (see and change) or “U” (withdraw only).'),
  purpose_id: v.optional(PurposeId),
  send: v.optional(flag),
})

/** What somebody was told and said, as a member of staff notes it. */
export const VerbalDecision = v.strictObject({
  time: v.pipe(v.string('A time is expected.'), v.check(isTime, 'Not RFC 3339 in UTC with three decimals.')),
  staff: shortText(80),
  /** Exactly what was told, beyond the statements of the notice, which are kept with the event. */
  told: shortText(200),
  decisions: v.pipe(v.array(v.strictObject({
    purpose_id: PurposeId, event_state: v.picklist(['given', 'refused', 'withdrawn'], 'The state is “given”, “refused” or “withdrawn”.'),
  }), 'A list of decisions is expected.'), v.minLength(1, 'At least one decision is needed.'), v.maxLength(50, 'More than 50 decisions.')),
})

/** Whether a contact stays. */
export const PurgeDecision = v.strictObject({ decision: v.picklist(['keep', 'erase'], 'The decision is “keep” or “erase”.') })

const PAGE = 500

/** Whether the site asks contacts about this purpose. */
export function isAskedPurpose(site: Site, id: string): boolean {
  const notice = findNotice(site, 'contact', [])
  return notice !== undefined && listAsked(notice).some((purpose) => purpose.id === id)
}

function describe({ id, email, language, recordId, createdAt, source, hasContract, mailBlock, purge }: Contact): ContactAnswer {
  return { id, email, language, record_id: recordId, created_at: createdAt, source, has_contract: hasContract, mail_block: mailBlock, purge }
}

/** What staff may note: nothing that is not later than what the person decided since. */
function checkVerbal({ standings }: Situation, decisions: Note['decisions'], time: string): void {
  for (const [i, { purpose_id }] of decisions.entries()) {
    const standing = standings.get(purpose_id)
    if (standing && standing.since.event.event_time > time) {
      refuse(`/decisions/${i}/purpose_id`, 'later_decision', `Since then, on ${standing.since.event.event_time}, “${purpose_id}” was decided again.`)
    }
  }
}

/** Adds the routes. */
export function addContactRoutes(app: Routes, service: Service, preferences: Preferences): void {
  const { store, outbox, limiter, suppression, now, random, baseUrl } = service
  const readBody = (request: Request) => readJson(request, limiter.bodyBytes)
  addOperatorRules(app, 'contacts', service, (method) => (method === 'GET' ? 'contacts:read' : 'contacts:write'))

  app.post('/v1/sites/:site/contacts', async (c) => {
    const { site } = c.var
    const input = validate(NewContact, await readBody(c.req.raw))
    const email = readEmail(input.email) ?? refuse('/email', 'email', 'Not an e-mail address, for example name@example.com.')
    if (await suppression.has(site.site, email)) refuse('/email', 'suppressed', 'This address is on the suppression list. Only its owner can come back.')
    const language = pickSiteLanguage(site, input.language === undefined ? [] : [input.language])
    const { contact, isNew } = await ensureContact(service, { site: site.site, email, language, source: input.source ?? null, hasContract: input.has_contract ?? false })
    c.set('subject', { contact_id: contact.id })
    const [isAsked] = isNew && input.ask !== false ? await askContacts(service, site.site, [contact]) : [false]
    return Response.json({ ...describe(contact), asked: isAsked ?? false } satisfies EnsuredContact, { status: isNew ? 201 : 200, headers })
  })

  // In the order of ids; the next page starts after the last one.
  app.get('/v1/sites/:site/contacts', async (c) => {
    const purge = c.req.query('purge')
    if (purge !== undefined && purge !== 'proposed' && purge !== 'kept') refuse('/purge', 'purge', 'It is “proposed” or “kept”.')
    const contacts = await store.listContacts(c.var.site.site, { after: c.req.query('after') ?? '', limit: PAGE, ...(purge === undefined ? {} : { purge: purge as Contact['purge'] }) })
    c.set('subject', { contact_ids: contacts.map(({ id }) => id) })
    return Response.json({ contacts: contacts.map(describe), next: contacts.length === PAGE ? contacts.at(-1)!.id : null } satisfies ContactPage, { headers })
  })

  app.patch('/v1/sites/:site/contacts/:id', async (c) => {
    const contact = await findOwnContact(service, c.var.site, c.req.param('id'))
    c.set('subject', { contact_id: contact.id })
    const { language, source, has_contract: hasContract } = validate(ContactChange, await readBody(c.req.raw))
    await store.updateContact(contact.id, {
      ...(language === undefined ? {} : { language: pickSiteLanguage(c.var.site, [language]) }), ...(source === undefined ? {} : { source }),
      ...(hasContract === undefined ? {} : { hasContract, ...(hasContract && contact.purge === 'proposed' ? { purge: null } : {}) }), dueAt: formatTime(now()),
    })
    return Response.json(describe((await store.findContact(contact.id))!), { headers })
  })

  app.post('/v1/sites/:site/contacts/:id/purge', async (c) => {
    const contact = await findOwnContact(service, c.var.site, c.req.param('id'))
    const { decision } = validate(PurgeDecision, await readBody(c.req.raw))
    if (contact.purge !== 'proposed') refuse('', 'purge', 'This contact is not put up for purging.')
    if (decision === 'keep') await store.updateContact(contact.id, { purge: 'kept', dueAt: formatTime(now()) })
    else await eraseContact(service, contact, { isToldOwner: false })
    return Response.json({ id: contact.id, decision } satisfies PurgeAnswer, { headers })
  })

  app.post('/v1/sites/:site/contacts/:id/verbal', async (c) => {
    const { site } = c.var
    const contact = await findOwnContact(service, site, c.req.param('id'))
    c.set('subject', { contact_id: contact.id })
    const { time, staff, told, decisions } = validate(VerbalDecision, await readBody(c.req.raw))
    if (Date.parse(time) > now()) refuse('/time', 'time', 'It has not come yet.')
    const notice = findNotice(site, 'contact', [contact.language]) ?? refuse('', 'no_contact_notice', 'The site has no notice for contacts.')
    const eventId = await preferences.note({ contact, site }, (situation) => {
      checkVerbal(situation, decisions, time)
      return { event_type: 'verbal', text: `${staff}: ${told}`, notice, decisions, timeMs: Date.parse(time), staff }
    })
    return Response.json({ event_id: eventId }, { status: 201, headers })
  })

  app.post('/v1/sites/:site/contacts/:id/links', async (c) => {
    const { site } = c.var
    const contact = await findOwnContact(service, site, c.req.param('id'))
    c.set('subject', { contact_id: contact.id })
    const { kind, purpose_id: purposeId, send } = validate(NewLink, await readBody(c.req.raw))
    if (purposeId !== undefined && kind === 'P') refuse('/purpose_id', 'purpose_id', 'A link to see and change covers all purposes.')
    if (purposeId !== undefined && !isAskedPurpose(site, purposeId)) refuse('/purpose_id', 'unknown_purpose', 'The site has no contact purpose of this id.')
    if (send && kind === 'U') refuse('/send', 'send', 'A withdraw-only link goes into your own mail; it is not sent alone.')
    if (send) {
      await store.queueMail(createMail(service, { site: site.site, kind: 'link', recipient: { contactId: contact.id }, language: contact.language }))
      outbox.wake()
      return Response.json({ status: 'accepted' } satisfies Accepted, { status: 202, headers })
    }
    const { token, link } = createLink({ kind, site: site.site, contactId: contact.id, purposeId: purposeId ?? null, origin: 'sent', nowMs: now(), random })
    await store.addLink(link)
    return Response.json({ url: `${baseUrl}/${kind.toLowerCase()}/${token}`, expires_at: link.expiresAt } satisfies MadeLink, { status: 201, headers })
  })
}
