// RFC 6962 Merkle tree, pure: a frontier to append with O(log n) state, roots, and inclusion and
// consistency proofs with their verifiers (RFC 9162 sections 2.1.3.2 and 2.1.4.2).

import { assert } from '#kernel/error.ts'
import { sha256 } from './chain.ts'

/** Roots of the perfect subtrees, largest first: one for each 1 bit of `size`. */
export interface Frontier {
  readonly size: number
  readonly nodes: readonly Buffer[]
}

/** Root of leaves [from, to), 0-based. The caller decides where subtrees come from. */
export type SubtreeRoot = (from: number, to: number) => Buffer

export const EMPTY_FRONTIER: Frontier = { size: 0, nodes: [] }
const HASH_BYTES = 32
const NODE_PREFIX = Buffer.from([1])

export function appendLeaf({ size, nodes }: Frontier, leaf: Buffer): Frontier {
  const grown = nodes.slice()
  let merged = leaf
  for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2)
    merged = nodeHash(grown.pop()!, merged)
  grown.push(merged)
  return { size: size + 1, nodes: grown }
}

export function frontierRoot({ nodes }: Frontier): Buffer {
  if (nodes.length === 0) return sha256(Buffer.alloc(0))
  return nodes.reduceRight((right, left) => nodeHash(left, right))
}

export function encodeFrontier({ nodes }: Frontier): Buffer {
  return Buffer.concat(nodes)
}

/** Throws when the bytes do not fit the size. */
export function decodeFrontier(size: number, bytes: Buffer): Frontier {
  assert(bytes.length === HASH_BYTES * ones(size), 'the frontier does not fit its size')
  const nodes: Buffer[] = []
  for (let at = 0; at < bytes.length; at += HASH_BYTES)
    nodes.push(bytes.subarray(at, at + HASH_BYTES))
  return { size, nodes }
}

/** Siblings of leaf `index`, leaf to root. */
export function inclusionProof(index: number, size: number, root: SubtreeRoot): Buffer[] {
  assert(index >= 0 && index < size, 'no such leaf')
  const walk = (from: number, to: number): Buffer[] => {
    if (to - from === 1) return []
    const middle = from + split(to - from)
    return index < middle
      ? [...walk(from, middle), root(middle, to)]
      : [...walk(middle, to), root(from, middle)]
  }
  return walk(0, size)
}

/** Proves that the tree of `oldSize` is the beginning of the tree of `size`. */
export function consistencyProof(oldSize: number, size: number, root: SubtreeRoot): Buffer[] {
  assert(oldSize > 0 && oldSize <= size, 'no such tree')
  const walk = (from: number, to: number, isWhole: boolean): Buffer[] => {
    if (to === oldSize) return isWhole ? [] : [root(from, to)]
    const middle = from + split(to - from)
    return oldSize <= middle
      ? [...walk(from, middle, isWhole), root(middle, to)]
      : [...walk(middle, to, false), root(from, middle)]
  }
  return walk(0, size, true)
}

export function isIncluded(claim: {
  index: number
  size: number
  leaf: Buffer
  proof: readonly Buffer[]
  root: Buffer
}): boolean {
  if (claim.index < 0 || claim.index >= claim.size) return false
  let node = claim.index
  let last = claim.size - 1
  let hash = claim.leaf
  for (const sibling of claim.proof) {
    if (last === 0) return false
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash)
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)]
    } else {
      hash = nodeHash(hash, sibling)
    }
    ;[node, last] = [half(node), half(last)]
  }
  return last === 0 && hash.equals(claim.root)
}

export function isConsistent(claim: {
  oldSize: number
  oldRoot: Buffer
  size: number
  root: Buffer
  proof: readonly Buffer[]
}): boolean {
  const { oldSize, oldRoot, size, root } = claim
  if (oldSize <= 0 || oldSize > size) return false
  if (oldSize === size) return claim.proof.length === 0 && oldRoot.equals(root)
  // When the old tree is perfect its root is itself a node of the new tree, and left out.
  const proof = ones(oldSize) === 1 ? [oldRoot, ...claim.proof] : claim.proof
  let [node, last] = [oldSize - 1, size - 1]
  while (node % 2 === 1) [node, last] = [half(node), half(last)]
  if (proof.length === 0) return false
  let [old, fresh] = [proof[0]!, proof[0]!]
  for (const sibling of proof.slice(1)) {
    if (last === 0) return false
    if (node % 2 === 1 || node === last) {
      old = nodeHash(sibling, old)
      fresh = nodeHash(sibling, fresh)
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)]
    } else {
      fresh = nodeHash(fresh, sibling)
    }
    ;[node, last] = [half(node), half(last)]
  }
  return last === 0 && old.equals(oldRoot) && fresh.equals(root)
}

/** Wider subtrees are hashed once, so that many proofs of one log stay cheap. */
const REMEMBERED_WIDTH = 64

/**
 * Subtree roots from a kept frontier plus the leaves after it, so proofs outlive retention: the
 * left siblings of whatever is kept are exactly the frontier's nodes.
 */
export function subtreesAfter(kept: Frontier, leaf: (index: number) => Buffer): SubtreeRoot {
  const known = new Map<string, Buffer>()
  let from = 0
  for (const node of kept.nodes) {
    const width = 2 ** Math.floor(Math.log2(kept.size - from))
    known.set(`${from}:${from + width}`, node)
    from += width
  }
  const root = (a: number, b: number): Buffer => {
    const node = known.get(`${a}:${b}`)
    if (node) return node
    if (b - a === 1) {
      assert(a >= kept.size, 'this part of the log was removed by retention')
      return leaf(a)
    }
    const middle = a + split(b - a)
    const hash = nodeHash(root(a, middle), root(middle, b))
    if (b - a >= REMEMBERED_WIDTH) known.set(`${a}:${b}`, hash)
    return hash
  }
  return root
}

function nodeHash(left: Buffer, right: Buffer): Buffer {
  return sha256(Buffer.concat([NODE_PREFIX, left, right]))
}

// The largest power of two below `count` (RFC 6962 section 2.1).
function split(count: number): number {
  return 2 ** Math.floor(Math.log2(count - 1))
}

// Not `>> 1`: sizes may pass 2^31.
function half(value: number): number {
  return Math.floor(value / 2)
}

function ones(value: number): number {
  let count = 0
  for (let rest = value; rest > 0; rest = half(rest)) count += rest % 2
  return count
}
