// What the ledger remembers of a log's right edge, so that adding to it neither reads nor hashes again what the last
// batch left. Forgotten, it is read from the store; it is used only where the log still has the size it was kept at, and a batch
// that is put together on it is written only where that is so: the store sees to it.
import type { Bytes } from '../core/bytes.ts'
import type { NoteSigner } from '../core/checkpoint.ts'
import type { LogHead, Tile } from './store.ts'
import { type KnownNodes, type ReadTiles, TILE_WIDTH } from './tiles.ts'

const SITES_KEPT = 64
const NODES_KEPT = 4 * TILE_WIDTH

/** A log at some size. Not changed once it is made. */
export interface Edge {
  head: LogHead
  /** Whether the log had not moved since the batch before: others do not seem to write to it. */
  isOurs: boolean
  /** Signs the log's checkpoints; undefined: its keys have to be read. */
  signer: NoteSigner | undefined
  /** The last tile of each level, as far as known. */
  tiles: ReadonlyMap<number, Tile>
  /** Hashes in the tree, as far as known. */
  nodes: ReadonlyMap<string, Bytes>
}

/** The log with this head, nothing else of it known. */
function createEdge(head: LogHead): Edge {
  return { head, isOurs: false, signer: undefined, tiles: new Map(), nodes: new Map() }
}

/** The log after a batch: its head now, what signs it, the tiles that changed, and hashes that are known. */
export function moveEdge(edge: Edge, { head, signer, changed, nodes }: { head: LogHead; signer: NoteSigner | undefined; changed: readonly Tile[]; nodes: KnownNodes }): Edge {
  const tiles = new Map(edge.tiles)
  for (const tile of changed) if (tile.index >= (tiles.get(tile.level)?.index ?? 0)) tiles.set(tile.level, tile)
  return { head, isOurs: edge.isOurs, signer, tiles, nodes: nodes.size > NODES_KEPT ? new Map() : nodes }
}

/** Reads tiles of the log, the last ones from memory. */
export function readTilesOf({ tiles }: Edge, read: ReadTiles): ReadTiles {
  return async (wanted) => {
    const kept = wanted.map(({ level, index }) => {
      const tile = tiles.get(level)
      return tile?.index === index ? tile.hashes : undefined
    })
    const missing = wanted.filter((_, i) => kept[i] === undefined)
    const found = missing.length > 0 ? await read(missing) : []
    return kept.map((hashes) => hashes ?? found.shift())
  }
}

/** The edges of many logs, each as it was when it was written last. */
export interface Edges {
  /** The log without asking the store; undefined where nothing is kept, or where others write to it as well. */
  guess(site: string): Edge | undefined
  /** The log with this head. */
  find(site: string, head: LogHead): Edge
  keep(site: string, edge: Edge): void
  drop(site: string): void
}

/** Edges, none known yet. */
export function createEdges(): Edges {
  const edges = new Map<string, Edge>()
  return {
    guess(site) {
      const edge = edges.get(site)
      return edge?.isOurs ? edge : undefined
    },
    find(site, head) {
      const edge = edges.get(site)
      return edge?.head.size === head.size ? { ...edge, isOurs: true } : createEdge(head)
    },
    keep(site, edge) {
      edges.delete(site)
      if (edges.size >= SITES_KEPT) edges.delete(edges.keys().next().value!)
      edges.set(site, edge)
    },
    drop: (site) => void edges.delete(site),
  }
}
