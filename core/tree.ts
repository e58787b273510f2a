// The Merkle tree of RFC 6962 section 2.1: roots, inclusion and consistency proofs. Pure mathematics over
// hashes that the caller holds; nothing here knows what a leaf says or where hashes are kept.
//
//   leaf = SHA-256(0x00 || data)      node = SHA-256(0x01 || left || right)      empty root = SHA-256("")
import { type Bytes, concat, isEqual } from './bytes.ts'
import { hashText, sha256 } from './hash.ts'

/** A complete subtree: it spans the leaves [index * 2^level, (index + 1) * 2^level). */
export interface Node {
  level: number
  index: number
}

/** Gives the hashes of complete subtrees, in the order asked for. */
export type ReadNodes = (nodes: readonly Node[]) => Promise<Bytes[]>

/** Hash of one leaf's data: 32 bytes. */
export function hashLeaf(data: Uint8Array): Bytes {
  return sha256(concat(Uint8Array.of(0), data))
}

/** The same of a leaf that is text, as base64url: 43 characters. */
export function hashLeafText(text: string): string {
  // In UTF-8 the character 0 is the byte 0.
  return hashText(`\0${text}`)
}

const HASH_BYTES = 32
/** Written again for every node: an audit hashes one for each leaf. */
const node = Uint8Array.of(1, ...new Uint8Array(2 * HASH_BYTES))

/** Hash of an inner node: 32 bytes. */
export function hashNode(left: Uint8Array, right: Uint8Array): Bytes {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) return sha256(concat(Uint8Array.of(1), left, right))
  node.set(left, 1)
  node.set(right, 1 + HASH_BYTES)
  return sha256(node)
}

/** Root of the tree that has no leaf. */
export const EMPTY_ROOT: Bytes = sha256(new Uint8Array())

/** Nodes of the maximal complete subtrees that cover [start, end), from left to right. */
function coverRange(start: number, end: number): Node[] {
  const nodes: Node[] = []
  let at = start
  while (at < end) {
    let level = 0
    // Grow while the subtree stays aligned at `at` and inside the range. Plain arithmetic: sizes pass 2^31.
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= end) level += 1
    nodes.push({ level, index: at / 2 ** level })
    at += 2 ** level
  }
  return nodes
}

/** Largest power of two smaller than n (n > 1): the split of RFC 6962. */
function splitPoint(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

/** Folds the hashes of a cover into the hash of the whole range: right to left, as the ranges nest. */
function foldCover(hashes: readonly Bytes[]): Bytes {
  return hashes.reduceRight((right, left) => hashNode(left, right))
}

/** Root of the first `size` leaves. */
export async function computeRoot(size: number, read: ReadNodes): Promise<Bytes> {
  return size === 0 ? EMPTY_ROOT : foldCover(await read(coverRange(0, size)))
}

/** Hashes of several ranges, read in one go. */
async function readRanges(ranges: readonly (readonly [number, number])[], read: ReadNodes): Promise<Bytes[]> {
  const covers = ranges.map(([start, end]) => coverRange(start, end))
  const hashes = await read(covers.flat())
  let at = 0
  return covers.map((cover) => foldCover(hashes.slice(at, (at += cover.length))))
}

/** What stands beside a leaf on its way to the root of a tree of `size` leaves, from the leaf on: a range of leaves each. */
function listSiblings(index: number, size: number): [number, number][] {
  if (!(index >= 0 && index < size)) throw new RangeError(`leaf ${index} is not in a tree of ${size}`)
  const siblings: [number, number][] = []
  let [start, end] = [0, size]
  while (end - start > 1) {
    const split = start + splitPoint(end - start)
    if (index < split) {
      siblings.push([split, end])
      end = split
    } else {
      siblings.push([start, split])
      start = split
    }
  }
  return siblings.reverse()
}

/** Audit paths of several leaves in the tree of `size` leaves. They share most of their hashes: each is read and computed once. */
export async function proveInclusions(indices: readonly number[], size: number, read: ReadNodes): Promise<Bytes[][]> {
  const paths = indices.map((index) => listSiblings(index, size))
  const places = new Map<number, Map<number, number>>()
  const ranges: [number, number][] = []
  const located = paths.map((path) => path.map(([start, end]) => {
    const ends = places.get(start) ?? new Map<number, number>()
    const place = ends.get(end) ?? ranges.push([start, end]) - 1
    places.set(start, ends.set(end, place))
    return place
  }))
  const hashes = await readRanges(ranges, read)
  return located.map((path) => path.map((place) => hashes[place]!))
}

/** Audit path of leaf `index` in the tree of `size` leaves (RFC 6962 section 2.1.1), leaf to root. */
export async function proveInclusion(index: number, size: number, read: ReadNodes): Promise<Bytes[]> {
  return (await proveInclusions([index], size, read))[0]!
}

/** Proof that the tree of `oldSize` leaves is a prefix of the tree of `size` (RFC 6962 section 2.1.2). */
export async function proveConsistency(oldSize: number, size: number, read: ReadNodes): Promise<Bytes[]> {
  if (!(oldSize >= 0 && oldSize <= size)) throw new RangeError(`a tree of ${oldSize} is not a prefix of one of ${size}`)
  if (oldSize === 0 || oldSize === size) return []
  const ranges: [number, number][] = []
  let [start, end] = [0, size]
  let isWhole = true
  while (oldSize !== end) {
    const split = start + splitPoint(end - start)
    if (oldSize <= split) {
      ranges.push([split, end])
      end = split
    } else {
      ranges.push([start, split])
      start = split
      isWhole = false
    }
  }
  // The old root itself is known to whoever asks, so it is left out where it is one subtree.
  if (!isWhole) ranges.push([start, end])
  return readRanges(ranges.reverse(), read)
}

/** Root that an audit path leads to; undefined where the path has the wrong length (RFC 9162 section 2.1.3.2). */
export function rootFromInclusion(leaf: Uint8Array, index: number, size: number, path: readonly Uint8Array[]): Bytes | undefined {
  if (!(index >= 0 && index < size)) return undefined
  let [fn, sn] = [index, size - 1]
  let hash = leaf as Bytes
  for (const sibling of path) {
    if (sn === 0) return undefined
    if (fn % 2 === 1 || fn === sn) {
      hash = hashNode(sibling, hash)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)]
    } else {
      hash = hashNode(hash, sibling)
    }
    ;[fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]
  }
  return sn === 0 ? hash : undefined
}

/** Whether the leaf hash stands at `index` under `root`. */
export function isIncluded(leaf: Uint8Array, index: number, size: number, path: readonly Uint8Array[], root: Uint8Array): boolean {
  const computed = rootFromInclusion(leaf, index, size, path)
  return computed !== undefined && isEqual(computed, root)
}

/** Whether `oldRoot` (of `oldSize` leaves) is a prefix of `root` (of `size`), RFC 9162 section 2.1.4.2. */
export function isConsistent(
  oldSize: number, size: number, oldRoot: Uint8Array, root: Uint8Array, path: readonly Uint8Array[],
): boolean {
  if (oldSize < 0 || oldSize > size) return false
  if (oldSize === size) return path.length === 0 && isEqual(oldRoot, root)
  if (oldSize === 0) return path.length === 0 && isEqual(oldRoot, EMPTY_ROOT)
  let [fn, sn] = [oldSize - 1, size - 1]
  while (fn % 2 === 1) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]
  const rest = [...path]
  const first = fn === 0 ? oldRoot : rest.shift()
  if (!first) return false
  let [oldHash, newHash] = [first as Bytes, first as Bytes]
  for (const sibling of rest) {
    if (sn === 0) return false
    if (fn % 2 === 1 || fn === sn) {
      oldHash = hashNode(sibling, oldHash)
      newHash = hashNode(sibling, newHash)
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)]
    } else {
      newHash = hashNode(newHash, sibling)
    }
    ;[fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)]
  }
  return sn === 0 && isEqual(oldHash, oldRoot) && isEqual(newHash, root)
}
