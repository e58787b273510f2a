// What the browser in front of the preference centre keeps about cookies: the widget's own cookie, which comes along
// where the website and the service share a host (cookies know no ports). Nothing is stored of it.
import { listAskedIds, computeChoiceKey, findNotice, type Site } from '../core/site.ts'
import type { PreferencePage } from '../preference-center/model.ts'

/** The choices in the request's cookie, in the words of the site's notice; null where it holds none about this site. */
export function readDeviceChoices(request: Request, site: Site, language: string): PreferencePage['device']['choices'] {
  const ids = listAskedIds(site)
  const notice = findNotice(site, 'device', [language])
  const found = new RegExp(`(?:^|;\\s*)sayso=${computeChoiceKey(site)}\\.([grwo-]{${ids.length}})\\.\\d+\\.[\\w-]*(?:;|$)`).exec(request.headers.get('cookie') ?? '')
  if (!found || !notice || ids.length === 0) return null
  return ids.flatMap((id, i) => {
    const purpose = notice.purposes.find((candidate) => candidate.id === id)
    return purpose ? [{ statement_text: purpose.statement_text, language: notice.language, isAllowed: found[1]![i] === 'g' || found[1]![i] === 'o' }] : []
  })
}
