// Writes the banner in the direction of its language, whatever the page's is. For sites that ask in a language that is
// written from right to left.
import type { Extra } from '../../core/protocol.ts'

/** `rightToLeft` are the site's languages that are. */
export function createDirection(rightToLeft: readonly string[]): Extra {
  return (_isAllowed, _letters, banner) => {
    if (banner) banner.dir = rightToLeft.includes(banner.lang) ? 'rtl' : 'ltr'
  }
}
