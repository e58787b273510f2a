// Any other protocol: an entry on a global array for each decision, as tag managers read them. What needs more than
// that listens to `sayso:change` on the document.
import type { Extra } from '../../core/protocol.ts'
import { isDecided } from '../meaning.ts'

/** `ids` are the purposes that people are asked about. */
export interface GenericSettings {
  queue: string
  event: string
  ids: readonly string[]
}

/** Says every purpose by name. */
export function createGeneric({ queue, event, ids }: GenericSettings): Extra {
  const page = window as unknown as Record<string, unknown[] | undefined>
  return (isAllowed, letters, banner) => {
    if (banner || !isDecided(letters)) return
    (page[queue] ??= []).push({ event, consent: Object.fromEntries(ids.map((id) => [id, isAllowed(id)])) })
  }
}
