import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Bytes } from '../../core/bytes.ts'
import { TreeHistory } from '../../core/history.ts'
import {
  computeRoot, hashLeaf, hashNode, isConsistent, isIncluded, type Node, proveConsistency, proveInclusion, proveInclusions, type ReadNodes,
} from '../../core/tree.ts'
import vectors from '../vectors/rfc6962.json' with { type: 'json' }

const fromHex = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** Nodes computed the plain way, from all leaf hashes. */
function readerOf(leaves: readonly Bytes[]): ReadNodes {
  const hashOf = ({ level, index }: Node): Bytes =>
    level === 0 ? leaves[index]! : hashNode(hashOf({ level: level - 1, index: index * 2 }), hashOf({ level: level - 1, index: index * 2 + 1 }))
  return async (nodes) => nodes.map(hashOf)
}

const published = vectors.leafInputs.map((input) => hashLeaf(fromHex(input)))

describe('the tree of RFC 6962, against published vectors', () => {
  it('hashes leaves as published', () => {
    expect(published.map(toHex)).toEqual(vectors.leafHashes)
  })

  it.each(vectors.rootHashesBySize.map((root, size) => ({ size, root })))('has the published root at size $size', async ({ size, root }) => {
    expect(toHex(await computeRoot(size, readerOf(published)))).toBe(root)
  })

  it.each(vectors.inclusion)('proves leaf $leafIndex of $treeSize as published', async ({ leafIndex, treeSize, leafHash, rootHash, auditPath }) => {
    const path = await proveInclusion(leafIndex, treeSize, readerOf(published))
    expect(path.map(toHex)).toEqual(auditPath)
    expect(isIncluded(fromHex(leafHash), leafIndex, treeSize, path, fromHex(rootHash))).toBe(true)
  })

  it.each(vectors.consistency)('proves $firstSize to be a prefix of $secondSize as published', async ({ firstSize, secondSize, firstRoot, secondRoot, consistencyPath }) => {
    const path = await proveConsistency(firstSize, secondSize, readerOf(published))
    expect(path.map(toHex)).toEqual(consistencyPath)
    expect(isConsistent(firstSize, secondSize, fromHex(firstRoot), fromHex(secondRoot), path)).toBe(true)
  })
})

const tree = fc.integer({ min: 1, max: 70 }).map((size) => Array.from({ length: size }, (_, i) => hashLeaf(Uint8Array.of(i))))

describe('any tree', () => {
  it('accepts each leaf at its own index only', async () => {
    await fc.assert(fc.asyncProperty(tree, fc.nat(), fc.nat(), async (leaves, a, b) => {
      const [index, other] = [a % leaves.length, b % leaves.length]
      const read = readerOf(leaves)
      const root = await computeRoot(leaves.length, read)
      const path = await proveInclusion(index, leaves.length, read)
      expect(isIncluded(leaves[index]!, index, leaves.length, path, root)).toBe(true)
      expect(isIncluded(leaves[other]!, index, leaves.length, path, root)).toBe(other === index)
      expect(isIncluded(leaves[index]!, other, leaves.length, path, root)).toBe(other === index)
      expect(isIncluded(leaves[index]!, index, leaves.length, [...path, root], root)).toBe(false)
      expect(isIncluded(leaves[index]!, index, leaves.length, path.slice(1), root)).toBe(path.length === 0)
    }))
  })

  it('proves several leaves at once as it proves each', async () => {
    await fc.assert(fc.asyncProperty(tree, fc.array(fc.nat(), { maxLength: 20 }), async (leaves, picks) => {
      const indices = picks.map((pick) => pick % leaves.length)
      const read = readerOf(leaves)
      const paths = await proveInclusions(indices, leaves.length, read)
      expect(paths).toEqual(await Promise.all(indices.map((index) => proveInclusion(index, leaves.length, read))))
      const root = await computeRoot(leaves.length, read)
      for (const [i, index] of indices.entries()) expect(isIncluded(leaves[index]!, index, leaves.length, paths[i]!, root)).toBe(true)
    }))
  })

  it('accepts its own past and no other', async () => {
    await fc.assert(fc.asyncProperty(tree, fc.nat(), fc.boolean(), async (leaves, a, isForged) => {
      const oldSize = a % (leaves.length + 1)
      const read = readerOf(leaves)
      const past = isForged && oldSize > 0 ? [hashLeaf(Uint8Array.of(255)), ...leaves.slice(1)] : leaves
      const oldRoot = await computeRoot(oldSize, readerOf(past))
      const root = await computeRoot(leaves.length, read)
      const path = await proveConsistency(oldSize, leaves.length, read)
      expect(isConsistent(oldSize, leaves.length, oldRoot, root, path)).toBe(past === leaves)
    }))
  })

  it('remembers the root at every earlier size', async () => {
    const leaves = Array.from({ length: 130 }, (_, i) => hashLeaf(Uint8Array.of(i)))
    const history = new TreeHistory()
    for (const leaf of leaves) history.add(leaf)
    for (let size = 0; size <= leaves.length; size += 1) {
      expect(toHex(await history.rootAt(size))).toBe(toHex(await computeRoot(size, readerOf(leaves))))
    }
  })
})
