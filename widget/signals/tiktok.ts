// The TikTok pixel's consent commands; like Meta's.
// https://business-api.tiktok.com/portal/docs?id=1739585600931842
import type { Extra } from '../../core/protocol.ts'
import { isDecided, withGlobal } from '../meaning.ts'

/** Says it to the pixel, where there is one. */
export function createTiktok(purposeId: string): Extra {
  return (isAllowed, letters, banner) => {
    if (!banner && isDecided(letters)) withGlobal<{ grantConsent: () => void; revokeConsent: () => void }>('ttq', (ttq) => isAllowed(purposeId) ? ttq.grantConsent() : ttq.revokeConsent())
  }
}
