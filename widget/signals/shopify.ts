// Shopify's Customer Privacy API: what the shop's own analytics and its apps may do.
// https://shopify.dev/docs/api/customer-privacy
import type { Extra } from '../../core/protocol.ts'
import { SHOPIFY_USES } from '../../core/signal-names.ts'
import type { Signals } from '../../core/signals.ts'
import { isDecided, isMeant, withGlobal } from '../meaning.ts'

interface Shopify {
  loadFeatures: (features: { name: string; version: string }[], done: (error?: unknown) => void) => void
  customerPrivacy?: { setTrackingConsent: (consent: Record<string, boolean>, done: () => void) => void }
}

/** Says it once the shop has loaded the API. */
export function createShopify(meanings: NonNullable<Signals['shopify']>): Extra {
  return (isAllowed, letters, banner) => {
    if (banner || !isDecided(letters)) return
    withGlobal<Shopify>('Shopify', (shopify) => shopify.loadFeatures([{ name: 'consent-tracking-api', version: '0.1' }], (error) => {
      if (error) return console.warn('sayso: Shopify’s consent API cannot be had.', error)
      const consent = Object.fromEntries(SHOPIFY_USES.map((use) => [use, isMeant(meanings, use, isAllowed)]))
      shopify.customerPrivacy!.setTrackingConsent(consent, () => {})
    }))
  }
}
