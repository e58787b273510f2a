// Tells services that run to stop when their purpose is withdrawn, each in its own way, and to go on when it is given
// again. What a service left on the device is removed by the names that the notice lists.
import type { Extra } from '../../core/protocol.ts'

/** Purpose by the way in which a service is told to stop. */
export type StopSettings = readonly (readonly [stop: string, purposeId: string])[]

interface Page {
  fbq?: (...command: string[]) => void
  ttq?: { revokeConsent?: () => void; grantConsent?: () => void }
  clarity?: (command: string, value: boolean) => void
  _paq?: string[][]
  _hsq?: (string | object)[][]
  Intercom?: (command: string) => void
  [switchOff: `ga-disable-${string}`]: boolean
}

// Google's own names for its properties, in the addresses of its scripts and in what it stored, which may be gone by now:
// https://developers.google.com/analytics/devguides/collection/gtagjs/user-opt-out
const listMeasurementIds = () => [
  ...[...document.scripts].flatMap(({ src }) => /\/gtag\/js\?(?:.*&)?id=(G-\w+)/.exec(src)?.[1] ?? []),
  ...[...document.cookie.matchAll(/(?:^|; )_ga_(\w+)=/g)].map(([, id]) => `G-${id}`),
]

const WAYS: Record<string, (page: Page, isStopped: boolean) => unknown> = {
  'ga-disable': (page, isStopped) => {
    for (const id of listMeasurementIds()) page[`ga-disable-${id}`] = isStopped
  },
  fbq: (page, isStopped) => page.fbq?.('consent', isStopped ? 'revoke' : 'grant'),
  ttq: (page, isStopped) => isStopped ? page.ttq?.revokeConsent?.() : page.ttq?.grantConsent?.(),
  clarity: (page, isStopped) => page.clarity?.('consent', !isStopped),
  paq: (page, isStopped) => page._paq?.push([isStopped ? 'optUserOut' : 'forgetUserOptOut']),
  hsq: (page, isStopped) => page._hsq?.push(['doNotTrack', ...isStopped ? [] : [{ track: true }]]),
  intercom: (page, isStopped) => isStopped && page.Intercom?.('shutdown'),
}

/** Tells them at every change; at the start only those that may go on, for an earlier page may have told them to stop. */
export function createStop(services: StopSettings): Extra {
  // By purpose, too: two services may listen to one call.
  const told = new Map<string, boolean>()
  return (isAllowed, _letters, banner) => {
    if (banner) return
    for (const [stop, purposeId] of services) {
      const isStopped = !isAllowed(purposeId)
      const key = `${stop} ${purposeId}`
      if ((told.get(key) ?? true) !== isStopped) WAYS[stop]?.(window as unknown as Page, isStopped)
      told.set(key, isStopped)
    }
  }
}
