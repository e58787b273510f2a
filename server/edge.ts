// What the ledger remembers of a log's right edge, so that adding to it neither reads nor hashes again what the last
// batch left. Forgotten, it is read from the store; it is used only where the log still has the size it was kept at, and a batch
// that is put together on it is written only where that is so: the store sees to it.
import type { Bytes } from '../core/bytes.ts'
import type { NoteSigner } from '../core/checkpoint.ts'
import type { LogHead, Tile } from './store.ts'
import { type KnownNodes, type ReadTiles, TILE_WIDTH } from './tiles.ts'

const SITES_KEPT = 64
const NODES_KEPT = 2 * TILE_WIDTH

interface Edge {
  head: LogHead
  /** Whether the log had not moved when it was read last: others do not seem to write to it. */
  isOurs: boolean
  /** Signs the log's checkpoints; undefined: its keys have to be read. */
  signer: NoteSigner | undefined
  /** The last tile of each level. */
  tiles: Map<number, Tile>
  nodes: KnownNodes
}

/** The edges of many logs. */
export interface Edges {
  /** The log's head without reading it; undefined where nothing is kept, or where others write to the log as well. */
  guessHead(site: string): LogHead | undefined
  /** What signs the log of this size. */
  signerOf(site: string, size: number): NoteSigner | undefined
  /** Hashes known in the log of this size; what is added to them counts once `keep` was called. */
  nodesOf(site: string, size: number): KnownNodes
  /** Reads tiles of the log of this size, the last ones from memory. */
  readTiles(site: string, size: number, read: ReadTiles): ReadTiles
  /** After a commit that began at the size `before`: this is the log's head now, and these tiles changed. */
  keep(site: string, before: number, left: { head: LogHead; signer: NoteSigner | undefined; changed: readonly Tile[]; nodes: KnownNodes }): void
  /** After a failure: nothing that was found meanwhile counts. */
  drop(site: string): void
}

/** Edges, none known yet. */
export function createEdges(): Edges {
  const edges = new Map<string, Edge>()

  function find(site: string, size: number): Edge | undefined {
    const edge = edges.get(site)
    return edge?.head.size === size ? edge : undefined
  }

  return {
    guessHead(site) {
      const edge = edges.get(site)
      return edge?.isOurs ? edge.head : undefined
    },
    signerOf: (site, size) => find(site, size)?.signer,

    nodesOf: (site, size) => find(site, size)?.nodes ?? new Map<string, Bytes>(),

    readTiles(site, size, read) {
      const edge = find(site, size)
      if (!edge) return read
      return async (wanted) => {
        const kept = wanted.map(({ level, index }) => {
          const tile = edge.tiles.get(level)
          return tile?.index === index ? tile.hashes : undefined
        })
        const missing = wanted.filter((_, i) => kept[i] === undefined)
        const found = missing.length > 0 ? await read(missing) : []
        return kept.map((hashes) => hashes ?? found.shift())
      }
    },

    keep(site, before, { head, signer, changed, nodes }) {
      const known = find(site, before)
      const tiles = known?.tiles ?? new Map<number, Tile>()
      for (const tile of changed) if (tile.index >= (tiles.get(tile.level)?.index ?? 0)) tiles.set(tile.level, tile)
      edges.delete(site)
      if (edges.size >= SITES_KEPT) edges.delete(edges.keys().next().value!)
      edges.set(site, { head, isOurs: known !== undefined, signer, tiles, nodes: nodes.size > NODES_KEPT ? new Map() : nodes })
    },

    drop: (site) => void edges.delete(site),
  }
}
