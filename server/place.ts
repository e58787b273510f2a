// Where a visitor is, as far as the service is told, and the site as it is there.
import { findRule } from '../core/places.ts'
import { type Site, siteUnder } from '../core/site.ts'

/** The site in one place. */
export interface SiteInPlace {
  site: Site
  /** Purposes that run until somebody objects. */
  untilObjection: readonly string[]
}

/** Headers that an answer about this site depends on, as `vary` has them. */
export function varyOf({ places }: Site): string {
  const headers = Array.isArray(places?.told_by) ? places.told_by : []
  return ['Accept-Language', ...headers].join(', ')
}

/** The site where the request says that the visitor is; as everywhere, where it says nothing. */
export function placeSite(request: Request, site: Site): SiteInPlace {
  const { places } = site
  if (!places) return { site, untilObjection: [] }
  const place = places.told_by === 'address'
    ? new URL(request.url).searchParams.get('region') ?? ''
    : places.told_by.map((name) => request.headers.get(name)?.trim() ?? '').filter((text) => text !== '').join('-')
  const rule = findRule(places, place)
  return rule ? { site: siteUnder(site, rule), untilObjection: rule.until_objection } : { site, untilObjection: [] }
}
