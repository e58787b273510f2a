// POST /p/key-bindings: who opened a link gets a binding, signed by the service, that lets a browser's key into a record
// of theirs: the contact's own, where it serves the forms behind links and nothing else, or one with an opt-in that
// this contact confirmed, for whoever lost that browser's key.
import * as v from 'valibot'
import { fromBase64url } from '../../core/bytes.ts'
import { refuse } from '../../core/refusal.ts'
import { validate } from '../../core/validate.ts'
import type { BoundKey } from '../answers/records.ts'
import { createOpenVisits, requireFresh } from '../open-visit.ts'
import type { Preferences, Visit } from '../preference.ts'
import type { Routes, Service } from '../service.ts'

const bytesText = (length: number) => v.pipe(v.string('A text is expected.'),
  v.check((value) => fromBase64url(value)?.length === length, `Not ${length} bytes as base64url without padding.`))
/** Which key is to be let into which record: fields of a form, beside the page’s own. */
export const BindingWish = v.object({ record_id: bytesText(16), new_kid: bytesText(32) })

/** Adds the route. */
export function addKeyBindingRoute(app: Routes, service: Service, preferences: Preferences): void {
  const { store, ledger } = service
  const visits = createOpenVisits(service, preferences)

  async function isTheirs({ contact, site }: Visit, recordId: string): Promise<boolean> {
    if (recordId === contact.recordId) return true
    const confirmed = (await store.readOptIns(contact.id)).filter(({ confirmedAt }) => confirmedAt !== null)
    const events = await Promise.all(confirmed.map(({ eventHash }) => store.findEventByHash(site.site, eventHash)))
    return events.some((event) => event?.recordId === recordId)
  }

  app.post('/p/key-bindings', async ({ req }) => {
    const { form, opened } = await visits.readForm(req.raw)
    const { visit } = requireFresh(opened)
    const wanted = validate(BindingWish, Object.fromEntries(form))
    if (!(await isTheirs(visit, wanted.record_id))) refuse('/record_id', 'not_found', 'Nothing that was confirmed through this address stands in such a record.')
    const key_binding = await ledger.bindKey(visit.site.site, wanted.record_id, wanted.new_kid)
    return Response.json({ key_binding } satisfies BoundKey, { status: 201, headers: { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' } })
  })
}
