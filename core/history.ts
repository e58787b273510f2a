// All complete subtrees of a growing tree, kept in memory: what the root was at any earlier size.
import { type Bytes, concat } from './bytes.ts'
import { computeRoot, hashNode } from './tree.ts'

const HASH_BYTES = 32

/** A tree that only grows and remembers: 64 bytes a leaf. */
export class TreeHistory {
  readonly #levels: { bytes: Bytes; count: number }[] = []

  /** How many leaves were added. */
  get size(): number {
    return this.#levels[0]?.count ?? 0
  }

  /** Adds one leaf hash at the end. */
  add(leaf: Bytes): void {
    for (let [level, hash] = [0, leaf]; ; level += 1) {
      const row = (this.#levels[level] ??= { bytes: new Uint8Array(HASH_BYTES * 64), count: 0 })
      if (row.count * HASH_BYTES === row.bytes.length) row.bytes = concat(row.bytes, new Uint8Array(row.bytes.length))
      row.bytes.set(hash, row.count * HASH_BYTES)
      row.count += 1
      if (row.count % 2 === 1) return
      hash = hashNode(this.#read(level, row.count - 2), this.#read(level, row.count - 1))
    }
  }

  #read(level: number, index: number): Bytes {
    return this.#levels[level]!.bytes.slice(index * HASH_BYTES, (index + 1) * HASH_BYTES)
  }

  /** Root of the first `size` leaves. */
  rootAt(size: number): Promise<Bytes> {
    return computeRoot(size, async (nodes) => nodes.map(({ level, index }) => this.#read(level, index)))
  }
}
