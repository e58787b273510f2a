// The log's hashes as C2SP tiles: 256 hashes a tile, level 0 the leaf hashes, each next level the roots of the
// full tiles below. Growing the tree touches only its right edge; every proof is computed from a few tiles.
import { type Bytes, concat } from '../core/bytes.ts'
import { hashNode, type Node, type ReadNodes } from '../core/tree.ts'
import type { Tile, TileId } from './store.ts'

/** Hashes of a full tile. */
export const TILE_WIDTH = 256
const TILE_HEIGHT = 8
const HASH_BYTES = 32

/** Reads tiles, undefined where there is none. */
export type ReadTiles = (tiles: readonly TileId[]) => Promise<(Bytes | undefined)[]>

function rootOf(hashes: Bytes): Bytes {
  if (hashes.length === HASH_BYTES) return hashes
  const middle = hashes.length / 2
  return hashNode(rootOf(hashes.slice(0, middle)), rootOf(hashes.slice(middle)))
}

/** The tiles that change when leaf hashes are added to a tree of `size` leaves, with their whole new content. */
export async function growTiles(size: number, leafHashes: readonly Bytes[], read: ReadTiles): Promise<Tile[]> {
  const changed: Tile[] = []
  let added: readonly Bytes[] = leafHashes
  for (let level = 0, before = size; added.length > 0; level += 1, before = Math.floor(before / TILE_WIDTH)) {
    const first = Math.floor(before / TILE_WIDTH)
    const kept = (before % TILE_WIDTH) * HASH_BYTES
    const [old] = kept > 0 ? await read([{ level, index: first }]) : []
    if (kept > 0 && (old?.length ?? 0) < kept) throw new Error(`tile ${level}/${first} is missing from the store`)
    const hashes = concat(old?.slice(0, kept) ?? new Uint8Array(), ...added)
    const roots: Bytes[] = []
    for (let at = 0, index = first; at < hashes.length; at += TILE_WIDTH * HASH_BYTES, index += 1) {
      const tile = { level, index, hashes: hashes.slice(at, at + TILE_WIDTH * HASH_BYTES) }
      changed.push(tile)
      if (tile.hashes.length === TILE_WIDTH * HASH_BYTES) roots.push(rootOf(tile.hashes))
    }
    added = roots
  }
  return changed
}

/** Of a tile, or of a node of the tree. */
const nameOf = ({ level, index }: TileId | Node) => `${level}/${index}`

/** Hashes of complete subtrees by `level/index`. Whatever is added to a log, they stay. */
export type KnownNodes = Map<string, Bytes>

/** Reads tree nodes out of tiles, each tile and node once. `changed` tiles stand for those in the store; what is found goes into `nodes`. */
export function createNodeReader(read: ReadTiles, changed: readonly Tile[] = [], nodes: KnownNodes = new Map()): ReadNodes {
  const tiles = new Map<string, Bytes>(changed.map((tile) => [nameOf(tile), tile.hashes]))

  /** The tile that a node is computed from, and where in it the node begins. */
  function locate({ level, index }: Node): { id: TileId; start: number } {
    const first = index * 2 ** (level % TILE_HEIGHT)
    return { id: { level: Math.floor(level / TILE_HEIGHT), index: Math.floor(first / TILE_WIDTH) }, start: first % TILE_WIDTH }
  }

  function hashOf(node: Node): Bytes {
    const name = nameOf(node)
    const known = nodes.get(name)
    if (known) return known
    const { level, index } = node
    const { id, start } = locate(node)
    let hash: Bytes | undefined
    if (level % TILE_HEIGHT === 0) {
      hash = tiles.get(nameOf(id))?.slice(start * HASH_BYTES, (start + 1) * HASH_BYTES)
      if (hash?.length !== HASH_BYTES) throw new Error(`tile ${nameOf(id)} is too short in the store`)
    } else {
      hash = hashNode(hashOf({ level: level - 1, index: 2 * index }), hashOf({ level: level - 1, index: 2 * index + 1 }))
    }
    nodes.set(name, hash)
    return hash
  }

  return async (wanted) => {
    const missing = new Map<string, TileId>()
    for (const node of wanted) {
      if (nodes.has(nameOf(node))) continue
      const { id } = locate(node)
      if (!tiles.has(nameOf(id))) missing.set(nameOf(id), id)
    }
    const found = missing.size > 0 ? await read([...missing.values()]) : []
    for (const [i, name] of [...missing.keys()].entries()) if (found[i]) tiles.set(name, found[i])
    return wanted.map(hashOf)
  }
}
