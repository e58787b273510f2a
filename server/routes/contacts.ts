// For the site's operators, with the admin token: make a contact, make or send links, export or erase a record.
import * as v from 'valibot'
import { listAsked } from '../../core/choice.ts'
import { EXPORT_TYPE } from '../../core/export.ts'
import { PurposeId } from '../../core/purpose.ts'
import { refuse } from '../../core/refusal.ts'
import { findNotice, type Site } from '../../core/site.ts'
import { formatTime } from '../../core/time.ts'
import { validate } from '../../core/validate.ts'
import { readJson } from '../body.ts'
import { ensureContact } from '../contact.ts'
import { readEmail } from '../email-address.ts'
import { exportRecord } from '../export.ts'
import { createLink } from '../link.ts'
import { isOperator } from '../operator.ts'
import { createRandomName } from '../random-name.ts'
import { findKnownSite, type Routes, type Service } from '../service.ts'
import type { Contact } from '../store.ts'
import { pickSiteLanguage } from '../widget-config.ts'

const NewContact = v.strictObject({
  email: v.string('An e-mail address is expected.'),
  language: v.optional(v.string('A language tag is expected.')),
})

const NewLink = v.strictObject({
  kind: v.picklist(['P', 'U'], 'The kind is “P” (see and change) or “U” (withdraw only).'),
  purpose_id: v.optional(PurposeId),
  send: v.optional(v.boolean('true or false is expected.')),
})

function isAskedPurpose(site: Site, id: string): boolean {
  const notice = findNotice(site, 'contact', [])
  return notice !== undefined && listAsked(notice).some((purpose) => purpose.id === id)
}

/** Adds the routes. */
export function addContactRoutes(app: Routes, service: Service): void {
  const { store, ledger, outbox, limiter, now, random, baseUrl, adminToken, log } = service
  const headers = { 'cache-control': 'no-store' }

  app.use('/v1/sites/:site/contacts/*', async (c, next) => {
    if (!isOperator(c.req.raw, adminToken)) refuse('', 'unauthorized', 'Send “Authorization: Bearer” with the admin token.')
    await next()
  })

  app.post('/v1/sites/:site/contacts', async (c) => {
    const site = await findKnownSite(service, c.req.param('site'))
    const input = validate(NewContact, await readJson(c.req.raw, limiter.bodyBytes))
    const email = readEmail(input.email) ?? refuse('/email', 'email', 'Not an e-mail address, for example name@example.com.')
    const language = pickSiteLanguage(site, input.language === undefined ? [] : [input.language])
    const { contact, isNew } = await ensureContact(service, { site: site.site, email, language })
    const { id, recordId, createdAt } = contact
    return Response.json({ id, email: contact.email, language: contact.language, record_id: recordId, created_at: createdAt }, { status: isNew ? 201 : 200, headers })
  })

  async function sendLink(contact: Contact): Promise<void> {
    const time = formatTime(now())
    await store.queueMail({
      id: createRandomName(random), site: contact.site, kind: 'link', recipient: { contactId: contact.id }, language: contact.language,
      details: {}, createdAt: time, attempts: 0, dueAt: time,
    })
    outbox.wake()
  }

  app.post('/v1/sites/:site/contacts/:id/links', async (c) => {
    const site = await findKnownSite(service, c.req.param('site'))
    const contact = await store.findContact(c.req.param('id'))
    if (contact?.site !== site.site) return refuse('', 'not_found', 'The site has no contact of this id.')
    const { kind, purpose_id: purposeId, send } = validate(NewLink, await readJson(c.req.raw, limiter.bodyBytes))
    if (purposeId !== undefined && kind === 'P') refuse('/purpose_id', 'purpose_id', 'A link to see and change covers all purposes.')
    if (purposeId !== undefined && !isAskedPurpose(site, purposeId)) refuse('/purpose_id', 'unknown_purpose', 'The site has no contact purpose of this id.')
    if (send && kind === 'U') refuse('/send', 'send', 'A withdraw-only link goes into your own mail; it is not sent alone.')
    if (send) {
      await sendLink(contact)
      return Response.json({ status: 'accepted' }, { status: 202, headers })
    }
    const { token, link } = createLink({ kind, site: site.site, contactId: contact.id, purposeId: purposeId ?? null, origin: 'sent', nowMs: now(), random })
    await store.addLink(link)
    return Response.json({ url: `${baseUrl}/${kind.toLowerCase()}/${token}`, expires_at: link.expiresAt }, { status: 201, headers })
  })

  // A contact's record takes the contact with it.
  app.delete('/v1/records/:id', async (c) => {
    const id = c.req.param('id')
    const isAllowed = isOperator(c.req.raw, adminToken)
    const site = isAllowed ? (await store.findRecordSite(id)) ?? (await store.findContactByRecord(id))?.site : undefined
    if (site === undefined) return refuse('', 'not_found', 'There is no such record, or the token is missing.')
    const erased = await ledger.erase(site, { recordId: id })
    if (!(await store.scrub())) log('erased, but the database is being read elsewhere: copies stay in its write-ahead log until the next erasure or restart')
    return Response.json({ erased }, { headers })
  })

  // Whoever may not see a record is not told whether there is one.
  app.get('/v1/records/:id/export', async (c) => {
    const id = c.req.param('id')
    const site = isOperator(c.req.raw, adminToken) ? await store.findRecordSite(id) : undefined
    if (site === undefined) return refuse('', 'not_found', 'There is no such record, or the token is missing.')
    const pieces = exportRecord(site, id, now(), { store, ledger })
    const encoder = new TextEncoder()
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { done, value } = await pieces.next()
        if (done) controller.close()
        else controller.enqueue(encoder.encode(value))
      },
      cancel: () => void pieces.return(undefined),
    })
    return new Response(body, { headers: { ...headers, 'content-type': EXPORT_TYPE, 'content-disposition': `attachment; filename="sayso-record-${id}.ndjson"` } })
  })
}
