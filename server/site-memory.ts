// Sites as they were a moment ago, for the one route that every decision takes: reading and parsing a site's file costs more
// there than everything else that the store is asked. What a moment-old site would refuse is looked up anew first.
import type { Site } from '../core/site.ts'
import { findKnownSite } from './service.ts'
import type { Store } from './store.ts'

const MOMENT_MS = 1000
const SITES_KEPT = 1000

/** The site of this name, at most a second old where it suits, else as it is now. Throws a Refusal where there is none. */
export type RecallSite = (name: string, suits: (site: Site) => boolean) => Promise<Site>

/** A memory over a store. `now` is milliseconds since 1970. */
export function createSiteMemory(store: Store, now: () => number): RecallSite {
  const kept = new Map<string, { site: Site; atMs: number }>()
  return async (name, suits) => {
    const known = kept.get(name)
    if (known && Math.abs(now() - known.atMs) < MOMENT_MS && suits(known.site)) return known.site
    const site = await findKnownSite({ store }, name)
    if (kept.size >= SITES_KEPT) kept.delete(kept.keys().next().value!)
    kept.set(name, { site, atMs: now() })
    return site
  }
}
