// Which state of the log pages and events name. Refreshed at most once an hour, so that what holds it stays cached.
import { toBase64 } from '../core/bytes.ts'
import { parseCheckpoint } from '../core/checkpoint.ts'
import type { Ledger } from './ledger.ts'
import type { Anchor } from './service.ts'

const ANCHOR_LIFE_MS = 3_600_000

/** Gives a checkpoint that the log of a site published. */
export function createAnchors({ ledger, now }: { ledger: Ledger; now: () => number }): (site: string) => Promise<Anchor> {
  const anchors = new Map<string, { anchor: Anchor; atMs: number }>()
  return async (site) => {
    const known = anchors.get(site)
    if (known && now() - known.atMs < ANCHOR_LIFE_MS) return known.anchor
    const { origin, size, root } = parseCheckpoint(await ledger.checkpoint(site))
    const anchor = { origin, size, root: toBase64(root) }
    anchors.set(site, { anchor, atMs: now() })
    return anchor
  }
}
