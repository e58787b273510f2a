// The mail API: for the operator's own sending tool, personal links and ready headers for many contacts at once.
import * as v from 'valibot'
import { PurposeId } from '../../core/purpose.ts'
import { refuse } from '../../core/refusal.ts'
import { validate } from '../../core/validate.ts'
import type { LinkResult, Reason } from '../answers/mails.ts'
import { readJson } from '../body.ts'
import { readEmail } from '../email-address.ts'
import { foldEmail } from '../fold-email.ts'
import { createLink } from '../link.ts'
import { unsubscribeHeaders } from '../mail-outbox.ts'
import type { Preferences } from '../preference.ts'
import { addOperatorRules, OPERATOR_HEADERS } from '../require-operator.ts'
import type { Routes, Service } from '../service.ts'
import type { Contact, Link } from '../store.ts'
import { isAskedPurpose } from './contacts.ts'

const MOST_CONTACTS = 10_000
/** More reads would only wait for each other. */
const AT_ONCE = 100
const BODY_BYTES = 4 * 1024 * 1024

/** Whose links, and for which purpose’s mail. */
export const LinkOrder = v.strictObject({
  contacts: v.pipe(v.array(v.union([v.strictObject({ email: v.string() }), v.strictObject({ id: v.string() })], 'An object with “email” or with “id” is expected.'), 'A list of contacts is expected.'),
    v.minLength(1, 'At least one contact is needed.'), v.maxLength(MOST_CONTACTS, `More than ${MOST_CONTACTS} contacts.`)),
  /** The campaign's purpose: what its unsubscribe links cover, and what a contact must have agreed to. Left out: all. */
  purpose_id: v.optional(PurposeId),
})

/** Adds the route. */
export function addMailLinkRoutes(app: Routes, service: Service, preferences: Preferences): void {
  const { store, suppression, now, random, baseUrl } = service
  addOperatorRules(app, 'mail-links', service, () => 'mail')

  app.post('/v1/sites/:site/mail-links', async (c) => {
    const { site } = c.var
    const { contacts: wanted, purpose_id: purposeId } = validate(LinkOrder, await readJson(c.req.raw, BODY_BYTES))
    if (purposeId !== undefined && !isAskedPurpose(site, purposeId)) refuse('/purpose_id', 'unknown_purpose', 'The site has no contact purpose of this id.')
    const links: Link[] = []

    function addLink(kind: Link['kind'], contact: Contact): string {
      const { token, link } = createLink({ kind, site: site.site, contactId: contact.id, purposeId: kind === 'U' ? (purposeId ?? null) : null, origin: 'sent', nowMs: now(), random })
      links.push(link)
      return `${baseUrl}/${kind.toLowerCase()}/${token}`
    }

    async function findReason(contact: Contact): Promise<Reason | null> {
      if (contact.mailBlock !== null) return contact.mailBlock
      const { standings } = await preferences.read({ contact, site })
      const isAgreed = purposeId === undefined ? [...standings.values()].some(({ state }) => state === 'given') : standings.get(purposeId)?.state === 'given'
      return isAgreed ? null : 'not_agreed'
    }

    const emails = wanted.flatMap((name) => ('email' in name ? (readEmail(name.email) ?? []) : []))
    const byEmail = new Map((await store.findContactsByEmail(site.site, emails)).map((contact) => [foldEmail(contact.email), contact]))
    const suppressed = await suppression.find(site.site, emails)

    async function describe(name: (typeof wanted)[number]): Promise<LinkResult> {
      const contact = 'id' in name ? await store.findContact(name.id) : byEmail.get(foldEmail(name.email))
      if (contact?.site !== site.site) return { ...name, may_send: false, reason: 'unknown' }
      const isSuppressed = 'id' in name ? await suppression.has(site.site, contact.email) : suppressed.has(readEmail(name.email)!)
      const reason = isSuppressed ? 'suppressed' : await findReason(contact)
      const unsubscribe = addLink('U', contact)
      return { ...name, contact_id: contact.id, may_send: reason === null, reason, manage_url: addLink('P', contact), unsubscribe_url: unsubscribe, headers: unsubscribeHeaders(unsubscribe, site) }
    }

    const results = []
    for (let start = 0; start < wanted.length; start += AT_ONCE) results.push(...(await Promise.all(wanted.slice(start, start + AT_ONCE).map(describe))))
    await store.addLinks(links)
    c.set('subject', { contact_ids: [...new Set(links.map(({ contactId }) => contactId))] })
    return Response.json({ results }, { headers: OPERATOR_HEADERS })
  })
}
