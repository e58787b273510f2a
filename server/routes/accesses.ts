// For the site's operators: who read what, and took what out. Reading it is an access too, the last one in the file.
import { EXPORT_TYPE } from '../../core/export.ts'
import { exportAccesses } from '../export.ts'
import { addOperatorRules, OPERATOR_HEADERS } from '../require-operator.ts'
import type { Routes, Service } from '../service.ts'
import { streamText } from '../stream-text.ts'

/** Adds the route. */
export function addAccessRoutes(app: Routes, service: Service): void {
  addOperatorRules(app, 'accesses', service, () => 'accesses:read')

  app.get('/v1/sites/:site/accesses', (c) => {
    const { site } = c.var.site
    return streamText(exportAccesses(site, service), { ...OPERATOR_HEADERS, 'content-type': EXPORT_TYPE, 'content-disposition': `attachment; filename="sayso-accesses-${site}.ndjson"` })
  })
}
