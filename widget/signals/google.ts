// Google Consent Mode v2. The default, all denied, precedes every tag that the gate frees; tags that a page runs before
// a choice (advanced mode) need it earlier still, from consent-default.js. Then one update for each decision.
// https://developers.google.com/tag-platform/security/guides/consent
import type { Extra } from '../../core/protocol.ts'
import { GOOGLE_TYPES } from '../../core/signal-names.ts'
import type { Signals } from '../../core/signals.ts'
import { type IsAllowed, isDecided, isMeant } from '../meaning.ts'

type Call = ArrayLike<unknown>

/** Says it to the data layer of the page. */
export function createGoogle({ types, ads_data_redaction, url_passthrough, wait_for_update }: NonNullable<Signals['google']>): Extra {
  const layer = (window as unknown as { dataLayer?: Call[] }).dataLayer ??= []
  // Google's tags take commands only as an arguments object.
  function gtag(..._command: unknown[]): void {
    // oxlint-disable-next-line prefer-rest-params
    layer.push(arguments)
  }
  const states = (isAllowed: IsAllowed) => Object.fromEntries(GOOGLE_TYPES.map((type) => [type, isMeant(types, type, isAllowed) ? 'granted' : 'denied']))

  if (![...layer].some((call) => call[0] === 'consent' && call[1] === 'default')) {
    gtag('consent', 'default', { ...states(() => false), ...(wait_for_update && { wait_for_update }) })
    if (ads_data_redaction) gtag('set', 'ads_data_redaction', true)
    if (url_passthrough) gtag('set', 'url_passthrough', true)
  }
  return (isAllowed, letters, banner) => {
    if (!banner && isDecided(letters)) gtag('consent', 'update', states(isAllowed))
  }
}
