// The Meta pixel's consent commands. A parked pixel needs none to start, since it starts only when allowed; a
// withdrawal, and a pixel that the page itself starts with `fbq('consent', 'revoke')`, do.
// https://developers.facebook.com/docs/meta-pixel/implementation/gdpr
import type { Extra } from '../../core/protocol.ts'
import { isDecided, withGlobal } from '../meaning.ts'

/** Says it to the pixel, where there is one. */
export function createMeta(purposeId: string): Extra {
  return (isAllowed, letters, banner) => {
    if (!banner && isDecided(letters)) withGlobal<(...command: string[]) => void>('fbq', (fbq) => fbq('consent', isAllowed(purposeId) ? 'grant' : 'revoke'))
  }
}
