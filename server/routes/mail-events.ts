// What mail servers tell: bounces and complaints, as JSON or as the very messages that arrive (RFC 3464, RFC 5965), and
// mails that unsubscribe (RFC 2369). All of it comes from the operator's own mail server or provider, with the admin token.
import * as v from 'valibot'
import { refuse } from '../../core/refusal.ts'
import { validate } from '../../core/validate.ts'
import type { InboundAnswer } from '../answers/mails.ts'
import { readBytes, readJson, readMediaType } from '../body.ts'
import { readEmail } from '../email-address.ts'
import { readInboundMail } from '../inbound-mail.ts'
import { checkLink, hashToken } from '../link.ts'
import type { Preferences } from '../preference.ts'
import { addOperatorRules, OPERATOR_HEADERS as headers } from '../require-operator.ts'
import type { Routes, Service } from '../service.ts'
import type { Contact } from '../store.ts'

const MESSAGE_BYTES = 1024 * 1024

/** What a provider tells. */
export const MailEvents = v.strictObject({
  events: v.pipe(v.array(v.strictObject({
    email: v.string('An e-mail address is expected.'),
    type: v.picklist(['bounce', 'complaint'], 'The type is “bounce” (for good) or “complaint”. Bounces that pass are not reported.'),
  }), 'A list of events is expected.'), v.minLength(1, 'At least one event is needed.'), v.maxLength(1000, 'More than 1000 events.')),
})

/** Adds the routes. */
export function addMailEventRoutes(app: Routes, service: Service, preferences: Preferences): void {
  const { store, limiter, now } = service
  for (const name of ['mail-events', 'inbound-mails']) addOperatorRules(app, name, service, () => 'mail-events')

  async function block(site: string, email: string, mailBlock: NonNullable<Contact['mailBlock']>): Promise<boolean> {
    const address = readEmail(email)
    const contact = address === undefined ? undefined : await store.findContactByEmail(site, address)
    // Who complained said more than that a mailbox is gone.
    if (!contact) return false
    return contact.mailBlock === 'complained' ? true : store.updateContact(contact.id, { mailBlock })
  }

  app.post('/v1/sites/:site/mail-events', async (c) => {
    const { events } = validate(MailEvents, await readJson(c.req.raw, limiter.bodyBytes))
    let known = 0
    for (const { email, type } of events) if (await block(c.var.site.site, email, type === 'bounce' ? 'bounced' : 'complained')) known += 1
    return Response.json({ taken: events.length, known }, { headers })
  })

  async function unsubscribe(site: string, tokens: readonly string[]): Promise<boolean> {
    for (const token of tokens) {
      const tokenHash = hashToken(token)
      const link = tokenHash === undefined ? undefined : await store.findLink(tokenHash)
      const visit = link?.site === site && checkLink(link, 'U', now()) === 'valid' ? await preferences.findVisit(link) : undefined
      if (!visit) continue
      await preferences.withdraw(visit, 'one_click')
      return true
    }
    return false
  }

  // A whole message as it arrived. The answer says what it was; a message that is none of these is fine, too.
  app.post('/v1/sites/:site/inbound-mails', async (c) => {
    if (!['message/rfc822', 'text/plain'].includes(readMediaType(c.req.raw))) refuse('', 'media_type', 'message/rfc822 is expected.')
    const mail = await readInboundMail(await readBytes(c.req.raw, MESSAGE_BYTES))
    const { site } = c.var.site
    if (mail.kind === 'unsubscribe') return Response.json({ kind: mail.kind, known: await unsubscribe(site, mail.tokens) } satisfies InboundAnswer, { headers })
    let isKnown = false
    for (const email of mail.addresses) if (await block(site, email, mail.kind === 'bounce' ? 'bounced' : 'complained')) isKnown = true
    return Response.json({ kind: mail.kind, known: isKnown } satisfies InboundAnswer, { headers })
  })
}
