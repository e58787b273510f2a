// Limits on how much and how often: counted in memory over fixed windows, forgotten on restart. They keep one
// sender from crowding out the others; they are no accounting.
import { foldEmail } from './fold-email.ts'
import { networkOf } from './network.ts'

/** All limits; every one can be set where the service is put together. */
export interface Limits {
  /** Largest request body, in bytes. */
  bodyBytes: number
  /** Events of one IP address within a minute. */
  eventsPerIp: number
  /** Mails with links within ten minutes: to one address, asked for by one IP address, of one site. */
  linksPerAddress: number
  linksPerIp: number
  linksPerSite: number
  /** Requests of one IP address to pages behind links, within a minute. */
  visitsPerIp: number
  /** Requests under way at once, of everybody, and bytes of their bodies: over these the answer is 503. */
  requestsAtOnce: number
  bytesAtOnce: number
}

/** What DESIGN asks for. */
export const DEFAULT_LIMITS: Limits = {
  bodyBytes: 256 * 1024, eventsPerIp: 120, linksPerAddress: 3, linksPerIp: 30, linksPerSite: 600, visitsPerIp: 300,
  requestsAtOnce: 1000, bytesAtOnce: 32 * 1024 * 1024,
}

const MINUTE_MS = 60_000
const KEYS_BEFORE_SWEEP = 10_000

/** Whether there is room. `retryAfterSeconds` is given where there is not. */
export type Grant = { isGranted: true } | { isGranted: false; retryAfterSeconds: number }

/** Counts takings by key. */
export interface RateWindow {
  /** Takes `count` for this key, all or nothing. */
  take(key: string, count?: number): Grant
}

/** A window of `windowMs` in which each key may take `limit`. */
export function createRateWindow({ limit, windowMs, now }: { limit: number; windowMs: number; now: () => number }): RateWindow {
  const counts = new Map<string, { startMs: number; taken: number }>()
  const isOver = ({ startMs }: { startMs: number }) => now() - startMs >= windowMs

  return {
    take(key, count = 1) {
      if (counts.size > KEYS_BEFORE_SWEEP) for (const [other, entry] of counts) if (isOver(entry)) counts.delete(other)
      const known = counts.get(key)
      const entry = known && !isOver(known) ? known : { startMs: now(), taken: 0 }
      if (entry.taken + count > limit) {
        return { isGranted: false, retryAfterSeconds: Math.max(1, Math.ceil((entry.startMs + windowMs - now()) / 1000)) }
      }
      entry.taken += count
      counts.set(key, entry)
      return { isGranted: true }
    },
  }
}

/** The limits of a running service. Without an IP address (in a browser tab) nothing is counted by address. */
export interface Limiter {
  readonly bodyBytes: number
  takeEvents(ip: string | undefined, count: number): Grant
  takeVisit(ip: string | undefined): Grant
  /** For asking a site to send mails with links: over these the answer is 429. */
  takeLinks(ip: string | undefined, site: string, count?: number): Grant
  /** For mailing one address: over this the answer stays the same and no mail goes. */
  takeAddress(site: string, email: string): boolean
}

/** A limiter over these limits and this clock (milliseconds since 1970). */
export function createLimiter(limits: Limits, now: () => number): Limiter {
  const events = createRateWindow({ limit: limits.eventsPerIp, windowMs: MINUTE_MS, now })
  const visits = createRateWindow({ limit: limits.visitsPerIp, windowMs: MINUTE_MS, now })
  const [linksByAddress, linksByIp, linksBySite] = [limits.linksPerAddress, limits.linksPerIp, limits.linksPerSite]
    .map((limit) => createRateWindow({ limit, windowMs: 10 * MINUTE_MS, now })) as [RateWindow, RateWindow, RateWindow]
  const takeByIp = (window: RateWindow, ip: string | undefined, count: number): Grant =>
    ip === undefined ? { isGranted: true } : window.take(networkOf(ip), count)

  return {
    bodyBytes: limits.bodyBytes,
    takeEvents: (ip, count) => takeByIp(events, ip, count),
    takeVisit: (ip) => takeByIp(visits, ip, 1),
    takeLinks(ip, site, count = 1) {
      const byIp = takeByIp(linksByIp, ip, count)
      return byIp.isGranted ? linksBySite.take(site, count) : byIp
    },
    takeAddress: (site, email) => linksByAddress.take(`${site} ${foldEmail(email)}`).isGranted,
  }
}
