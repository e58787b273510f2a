// For the site's operators: export or erase a record.
import { refuse } from '../../core/refusal.ts'
import type { ErasedAnswer } from '../answers/records.ts'
import { eraseContact, scrub } from '../erase-contact.ts'
import { streamRecord } from '../export-record.ts'
import { findOperator, may, readSecret } from '../operator.ts'
import { OPERATOR_HEADERS } from '../require-operator.ts'
import type { Routes, Service } from '../service.ts'

/** Adds the routes. Whoever may not see a record is not told whether there is one. */
export function addRecordRoutes(app: Routes, service: Service): void {
  const { store, ledger } = service
  const refuseUnknown = () => refuse('', 'not_found', 'There is no such record, or the token is missing.')

  // A contact's record takes the contact with it.
  app.delete('/v1/records/:id', async (c) => {
    const id = c.req.param('id')
    const operator = (await findOperator(service, readSecret(c.req.raw))) ?? refuseUnknown()
    const contact = await store.findContactByRecord(id)
    const site = contact?.site ?? (await store.findRecordSite(id))
    if (site === undefined || !may(operator, 'records:erase', site)) return refuseUnknown()
    c.set('grant', { operator, scope: 'records:erase', site })
    if (contact) return Response.json({ erased: await eraseContact(service, contact, { isToldOwner: false }) } satisfies ErasedAnswer, { headers: OPERATOR_HEADERS })
    const erased = await ledger.erase(site, { recordId: id })
    await scrub(service)
    return Response.json({ erased } satisfies ErasedAnswer, { headers: OPERATOR_HEADERS })
  })

  app.get('/v1/records/:id/export', async (c) => {
    const id = c.req.param('id')
    const operator = (await findOperator(service, readSecret(c.req.raw))) ?? refuseUnknown()
    const site = await store.findRecordSite(id)
    if (site === undefined || !may(operator, 'records:export', site)) return refuseUnknown()
    c.set('grant', { operator, scope: 'records:export', site })
    c.set('subject', { record_id: id })
    return streamRecord(service, site, id)
  })
}
