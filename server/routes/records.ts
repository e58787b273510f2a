// For the site's operators: export or erase a record.
import { refuse } from '../../core/refusal.ts'
import { eraseContact, scrub } from '../erase-contact.ts'
import { streamRecord } from '../export-record.ts'
import { isOperator } from '../operator.ts'
import { OPERATOR_HEADERS } from '../require-operator.ts'
import type { Routes, Service } from '../service.ts'

/** Adds the routes. Whoever may not see a record is not told whether there is one. */
export function addRecordRoutes(app: Routes, service: Service): void {
  const { store, ledger, adminToken } = service
  const refuseUnknown = () => refuse('', 'not_found', 'There is no such record, or the token is missing.')

  // A contact's record takes the contact with it.
  app.delete('/v1/records/:id', async (c) => {
    const id = c.req.param('id')
    if (!isOperator(c.req.raw, adminToken)) return refuseUnknown()
    const contact = await store.findContactByRecord(id)
    if (contact) return Response.json({ erased: await eraseContact(service, contact, { isToldOwner: false }) }, { headers: OPERATOR_HEADERS })
    const site = (await store.findRecordSite(id)) ?? refuseUnknown()
    const erased = await ledger.erase(site, { recordId: id })
    await scrub(service)
    return Response.json({ erased }, { headers: OPERATOR_HEADERS })
  })

  app.get('/v1/records/:id/export', async (c) => {
    const id = c.req.param('id')
    const site = isOperator(c.req.raw, adminToken) ? await store.findRecordSite(id) : undefined
    return site === undefined ? refuseUnknown() : streamRecord(service, site, id)
  })
}
