// All complete subtrees of a growing tree: what the root was at any earlier size. Their hashes stand in a column
// in the order in which they become complete, so that nothing is ever moved:
//
//   leaf 0, leaf 1, node 0-1, leaf 2, leaf 3, node 2-3, node 0-3, leaf 4, …
import type { Bytes } from './bytes.ts'
import { type Column, createMemoryColumn } from './column.ts'
import { computeRoot, hashNode, type Node } from './tree.ts'

const HASH_BYTES = 32

/** How many subtrees are complete in a tree of `size` leaves: 2 × size less the bits set in it. */
function countComplete(size: number): number {
  let bits = 0
  // Plain arithmetic: sizes pass 2^31.
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2
  return 2 * size - bits
}

/** A tree that only grows and remembers: 64 bytes a leaf in its column, and its right edge in memory. */
export class TreeHistory {
  readonly #column: Column
  /** Roots of the complete subtrees that wait for a sibling, the widest first. */
  readonly #edge: Bytes[] = []
  #size = 0

  constructor(column: Column = createMemoryColumn()) {
    this.#column = column
  }

  /** How many leaves were added. */
  get size(): number {
    return this.#size
  }

  /** Adds one leaf hash at the end. */
  add(leaf: Bytes): void {
    let hash = leaf
    this.#column.append(hash)
    for (let index = this.#size; index % 2 === 1; index = Math.floor(index / 2)) {
      hash = hashNode(this.#edge.pop()!, hash)
      this.#column.append(hash)
    }
    this.#edge.push(hash)
    this.#size += 1
  }

  #read({ level, index }: Node): Bytes {
    // Before the subtree's last leaf came, all earlier ones were complete; then its levels follow one another.
    const last = (index + 1) * 2 ** level - 1
    return this.#column.read((countComplete(last) + level) * HASH_BYTES, HASH_BYTES)
  }

  /** Root of the first `size` leaves. */
  rootAt(size: number): Promise<Bytes> {
    return computeRoot(size, async (nodes) => nodes.map((node) => this.#read(node)))
  }
}
