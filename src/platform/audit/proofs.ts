// Proofs for whoever holds no key: that an entry is in a signed tree, and that one signed tree is the
// beginning of another. No hash of the tree's inside is kept; the frontier stored with each checkpoint
// gives every subtree but its last few hundred leaves, so a proof costs some thousand small reads in a
// log of any size. What was read is proven again before it is handed out.

import { AppError } from '#kernel/error.ts'
import { all, first, inSnapshot, type Steps } from '#platform/db/steps.ts'
import {
  consistencyProof,
  decodeFrontier,
  EMPTY_FRONTIER,
  inclusionProof,
  isConsistent,
  isIncluded,
  subtreesAfter,
  type Frontier,
  type SubtreeRoot,
} from './merkle.ts'

/** A signed head of the log. */
export interface SignedHead {
  /** Entries it covers: it speaks for the log up to this sequence. */
  readonly size: number
  readonly at: number
  /** C2SP checkpoint as a signed note. */
  readonly note: string
}

export interface InclusionProof {
  readonly seq: number
  readonly leaf: Buffer
  readonly head: SignedHead
  /** Siblings from the leaf to the root. */
  readonly path: readonly Buffer[]
}

export interface ConsistencyProof {
  readonly old: SignedHead
  readonly head: SignedHead
  readonly path: readonly Buffer[]
}

/**
 * That entry `seq` is in the newest signed tree; undefined while none covers it, or when it is not
 * there. Throws `conflict` when what is stored does not lead to the signed root.
 */
export function* proveInclusion(seq: number): Steps<InclusionProof | undefined> {
  return yield* inSnapshot(inclusion(seq))
}

/**
 * That the signed tree of `oldSize` is the beginning of the newest one; undefined when no checkpoint
 * of that size is kept. Throws `conflict` as proveInclusion.
 */
export function* proveConsistency(oldSize: number): Steps<ConsistencyProof | undefined> {
  return yield* inSnapshot(consistency(oldSize))
}

/** Newest first, those of fewer entries than `before`. */
export function* listSignedHeads(limit: number, before?: number): Steps<readonly SignedHead[]> {
  return yield* all<SignedHead>(
    `select "size", "at", "note" from "auditCheckpoint" where "size" < ?
     order by "size" desc limit ?`,
    before ?? Number.MAX_SAFE_INTEGER,
    limit,
  )
}

/** The root that a note signs. */
export function rootOf({ note }: SignedHead): Buffer {
  return Buffer.from(note.split('\n', 3)[2] ?? '', 'base64')
}

function* inclusion(seq: number): Steps<InclusionProof | undefined> {
  const [head] = yield* listSignedHeads(1)
  const entry = yield* first<{ leaf: Buffer }>(LEAF, seq)
  if (!head || !entry || seq > head.size) return undefined
  const { leaf } = entry
  const index = seq - 1
  const path = yield* resolve((root) => inclusionProof(index, head.size, root))
  const claim = { index, size: head.size, leaf, proof: path, root: rootOf(head) }
  if (!isIncluded(claim)) throw unproven()
  return { seq, leaf, head, path }
}

function* consistency(oldSize: number): Steps<ConsistencyProof | undefined> {
  const [head] = yield* listSignedHeads(1)
  const [old] = yield* listSignedHeads(1, oldSize + 1)
  if (!head || old?.size !== oldSize) return undefined
  const path = yield* resolve((root) => consistencyProof(oldSize, head.size, root))
  const { size } = head
  const claim = { oldSize, oldRoot: rootOf(old), size, root: rootOf(head), proof: path }
  if (!isConsistent(claim)) throw unproven()
  return { old, head, path }
}

// A proof is a list of subtrees: first which ones, then their hashes.
function* resolve(proof: (root: SubtreeRoot) => readonly Buffer[]): Steps<readonly Buffer[]> {
  const ranges: (readonly [from: number, to: number])[] = []
  proof((from, to) => {
    ranges.push([from, to])
    return Buffer.alloc(0)
  })
  const path: Buffer[] = []
  for (const [from, to] of ranges) path.push(yield* subtreeRoot(from, to))
  return path
}

// Leaves [from, to), 0-based: what a frontier inside the range or at its edge knows, and the leaves
// behind that frontier.
function* subtreeRoot(from: number, to: number): Steps<Buffer> {
  const known = yield* frontierWithin(from, to)
  const rows = yield* all<{ seq: number; leaf: Buffer }>(LEAVES, Math.max(from, known.size), to)
  const leaves = new Map(rows.map(({ seq, leaf }) => [seq - 1, leaf]))
  return subtreesAfter(known, (index) => {
    const leaf = leaves.get(index)
    if (!leaf) throw unproven()
    return leaf
  })(from, to)
}

function* frontierWithin(from: number, to: number): Steps<Frontier> {
  const signed = yield* first<{ size: number; frontier: Buffer }>(WITHIN, from, to)
  if (signed) return decodeFrontier(signed.size, signed.frontier)
  const removed = yield* first<{ size: number; frontier: Buffer }>(REMOVED, from)
  return removed ? decodeFrontier(removed.size, removed.frontier) : EMPTY_FRONTIER
}

function unproven(): AppError {
  return new AppError(
    'conflict',
    'What is stored of the log does not lead to its signed root. Run rulewright audit verify.',
  )
}

const LEAF = 'select "leaf" from "auditEntry" where "seq" = ?'

const LEAVES = `
  select "seq", "leaf" from "auditEntry" where "seq" > ? and "seq" <= ? order by "seq"`

// The largest one strictly inside: at the end itself, an odd subtree is already merged into a larger.
const WITHIN = `
  select "size", "frontier" from "auditCheckpoint" where "size" > ? and "size" < ?
  order by "size" desc limit 1`

const REMOVED = `
  select "lastSeq" as "size", "frontier" from "auditSegment" where "lastSeq" > ?
  order by "lastSeq" desc limit 1`
