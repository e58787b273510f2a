// Reloads the page when something that ran is withdrawn, for sites with tags that cannot be stopped otherwise. The
// decision stands in the cookie by then; the page that comes records it.
import type { Extra } from '../../core/protocol.ts'

/** `ids` are the purposes that people are asked about. */
export function createReload(ids: readonly string[]): Extra {
  let ran: string[] = []
  return (isAllowed, _letters, banner) => {
    if (banner) return
    // Where cookies are blocked a reload would forget the withdrawal.
    if (ran.some((id) => !isAllowed(id)) && document.cookie.includes('sayso=')) location.reload()
    ran = ids.filter(isAllowed)
  }
}
