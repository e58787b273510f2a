// What every store checks of a batch before it writes any of it. A batch that fails here was put together
// wrongly, which is a defect of ours and no answer to anybody's input. Signatures, hashes of bodies, roots and
// the order of times are not checked: they are the ledger's.
import { hasPlace, isAccessLog } from '../core/access.ts'
import { parseLeaf } from '../core/leaf.ts'
import type { Append, LeafBody } from './store.ts'

const HASH_BYTES = 32
const TILE_BYTES = 256 * HASH_BYTES

/** The second part of a compact JWS, as it stands there. */
export function payloadPartOf(jws: string): string {
  return jws.split('.')[1] ?? ''
}

function requireThat(isSo: boolean, what: string): asserts isSo {
  if (!isSo) throw new Error(`A batch for the log is not in order: ${what}.`)
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function checkBody(body: LeafBody): void {
  if (body.type !== 'event') return
  requireThat(body.payloadPart === payloadPartOf(body.jws), 'payloadPart is not the second part of the JWS')
}

/** Throws where leaves, bodies, tiles and checkpoint of a batch do not belong together. */
export function checkAppend({ site, expectedSize, leaves, tiles, checkpoint, erasure }: Append): void {
  requireThat(isWhole(expectedSize), 'the expected size is not a size')
  requireThat(checkpoint.size === expectedSize + leaves.length, 'the checkpoint is of another size than the log will have')
  for (const { type, text, hash, body } of leaves) {
    const leaf = parseLeaf(text)
    requireThat(leaf.type === type && body.type === type && leaf.hash === hash, 'a leaf says something else than its text')
    requireThat(hasPlace(type, isAccessLog(site)), 'a leaf has no place in this log')
    checkBody(body)
  }
  for (const { level, index, hashes } of tiles) {
    const isTile = hashes.length > 0 && hashes.length <= TILE_BYTES && hashes.length % HASH_BYTES === 0
    requireThat(isWhole(level) && isWhole(index) && isTile, 'a tile is not 1 to 256 hashes of 32 bytes')
  }
  requireThat(new Set(tiles.map(({ level, index }) => `${level}/${index}`)).size === tiles.length, 'a tile stands twice')
  requireThat((erasure?.indices ?? []).every((index) => isWhole(index) && index < expectedSize), 'what is to be erased is not in the log yet')
}
