// The WP Consent API: plugins of a WordPress site ask it what they may do.
// https://wordpress.org/plugins/wp-consent-api/
import type { Extra } from '../../core/protocol.ts'
import { WORDPRESS_CATEGORIES } from '../../core/signal-names.ts'
import type { Signals } from '../../core/signals.ts'
import { isDecided, isMeant, withGlobal } from '../meaning.ts'

/** Says that this site asks first, and then each category. */
export function createWordpress(meanings: NonNullable<Signals['wordpress']>): Extra {
  Object.assign(window, { wp_consent_type: 'optin' })
  document.dispatchEvent(new CustomEvent('wp_consent_type_defined'))
  return (isAllowed, letters, banner) => {
    if (banner || !isDecided(letters)) return
    withGlobal<(category: string, value: string) => void>('wp_set_consent', (setConsent) => {
      for (const category of WORDPRESS_CATEGORIES) setConsent(category, isMeant(meanings, category, isAllowed) ? 'allow' : 'deny')
    })
  }
}
