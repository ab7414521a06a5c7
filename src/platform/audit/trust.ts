// What a walk may rely on: signed roots by size, and where it may start. Judges notes from inside
// the database and from outside against the epochs of the log.

import { openCheckpoint, type Checkpoint } from './checkpoint.ts'
import { epochOf, epochOrigin, isEpochGenuine, type EpochRow } from './epoch.ts'
import { keyAt, type AuditKeys, type AuditPublicKeys } from './keys.ts'
import { CHAIN_START } from './chain.ts'
import { decodeFrontier, EMPTY_FRONTIER, frontierRoot, type Frontier } from './merkle.ts'
import type { Segment } from './retention.ts'

export type BreakCode =
  | 'missing'
  | 'sequence'
  | 'leaf'
  | 'personal'
  | 'chain'
  | 'fork'
  | 'short'
  | 'head'
  | 'checkpoint'
  | 'segment'
  | 'epoch'

/** Where a log stops being believable. */
export class Break extends Error {
  readonly seq: number
  readonly code: BreakCode

  constructor(seq: number, code: BreakCode, message: string) {
    super(message)
    this.seq = seq
    this.code = code
  }
}

/** Without our secrets a verifier has no chain keys and believes what signed roots cover. */
export type VerifyKeys = AuditPublicKeys & Partial<Pick<AuditKeys, 'macKeys' | 'rowKey'>>

export interface World {
  readonly head: { readonly seq: number; readonly chain: Buffer; readonly frontier: Buffer }
  readonly workspaceHeads: readonly { readonly workspaceId: string; readonly seq: number }[]
  readonly maxSeq: number
  /** What is left of entries that retention removed; the newest stretch. */
  readonly segment: Segment | undefined
  /** Every removed stretch, oldest first. */
  readonly removed: readonly Pick<Segment, 'firstSeq' | 'lastSeq'>[]
  /** Newest first. */
  readonly notes: readonly StoredNote[]
  readonly epochs: readonly EpochRow[]
  /** Chain value of the entry that the newest checkpoint ends with. */
  readonly checkpointedChain: Buffer | undefined
}

export interface StoredNote {
  readonly size: number
  readonly note: string
  readonly frontier: Buffer
}

/** Where a walk is: everything before has been believed. */
export interface State {
  readonly seq: number
  readonly chain: Buffer
  readonly frontier: Frontier
  readonly workspaceSeqs: Map<string, number>
  /** Began at a checkpoint: a workspace's first entry seen here is trusted to follow. */
  readonly isTail: boolean
}

export interface Trust {
  readonly roots: ReadonlyMap<number, Buffer>
  /** Sizes that a note from outside speaks for. */
  readonly outside: ReadonlySet<number>
  /** Breaks that notes alone show, by where they are. */
  readonly breaks: readonly Break[]
}

/** Judges every note. A note longer than the log, or two that differ, is a break by itself. */
export function judgeNotes(world: World, keys: VerifyKeys, outside: readonly string[]): Trust {
  const roots = new Map<number, Buffer>()
  const sizes = new Set<number>()
  const breaks: Break[] = []
  const judge = (note: string, isInside: boolean) => {
    try {
      const checkpoint = believe(world, keys, note, isInside)
      if (!checkpoint) return
      const { size, root } = checkpoint
      if (!(roots.get(size) ?? root).equals(root))
        throw new Break(size, 'fork', 'two signed checkpoints disagree')
      roots.set(size, root)
      if (!isInside) sizes.add(size)
    } catch (error) {
      if (!(error instanceof Break)) throw error
      breaks.push(error)
    }
  }
  for (const { note } of world.notes) judge(note, true)
  for (const note of outside) judge(note, false)
  if (outside.length > 0 && !outside.some((note) => isOfLog(keys, note))) breaks.push(replaced())
  return { roots, outside: sizes, breaks: breaks.toSorted((a, b) => a.seq - b.seq) }
}

// The checkpoint to compare with; undefined for notes that say nothing about this log as it is: those
// of other logs, and those of a branch that a later epoch left behind on purpose.
function believe(
  world: World,
  keys: VerifyKeys,
  note: string,
  isInside: boolean,
): Checkpoint | undefined {
  const [name = '', sizeText = ''] = note.split('\n', 2)
  const epoch = epochOf(keys.origin, name)
  const size = Number(sizeText)
  if (epoch === undefined && !isInside) return undefined
  if (epoch === undefined || !Number.isSafeInteger(size) || size < 1) throw unsigned(1)
  if (!isInside && isLeftBehind(world.epochs, epoch, size)) return undefined
  if (epoch !== 1 && !world.epochs.some((row) => row.epoch === epoch))
    throw otherCopy(world.head.seq + 1, size)
  const checkpoint = openCheckpoint(note, name, keyAt(keys.verifyKeys, size))
  if (!checkpoint) throw unsigned(Math.max(1, Math.min(size, world.head.seq)))
  if (size > world.head.seq)
    throw new Break(world.head.seq + 1, 'short', `a checkpoint was signed over ${size} entries`)
  return checkpoint
}

// True for what a later epoch left behind on purpose, up to the size it names.
function isLeftBehind(epochs: readonly EpochRow[], epoch: number, size: number): boolean {
  const next = epochs.find((row) => row.epoch > epoch)
  if (!next) return false
  const isOurHistory = epoch === 1 || epochs.some((row) => row.epoch === epoch)
  if (isOurHistory && size < next.fromSeq) return false
  const known = Math.max(...epochs.filter((row) => row.epoch > epoch).map(lastSizeOf))
  if (size <= known) return true
  throw otherCopy(next.fromSeq, size)
}

function lastSizeOf({ lastNote }: EpochRow): number {
  return lastNote === null ? 0 : Number(lastNote.split('\n', 2)[1])
}

function otherCopy(seq: number, size: number): Break {
  return new Break(seq, 'fork', `another copy of this log went on to ${size} entries`)
}

/** The genuine epochs; throws a `Break` for a row that we did not write. */
export function judgeEpochs(world: World, keys: VerifyKeys): void {
  const { rowKey } = keys
  if (!rowKey) return // the walk compares each with its entry
  for (const row of world.epochs) {
    if (!isEpochGenuine({ rowKey }, row))
      throw new Break(row.fromSeq, 'epoch', 'an epoch was written by somebody else')
  }
}

/** Where a full walk starts: at the first entry, or behind what retention removed. */
export function startOfKept({ segment, epochs, removed }: World, keys: VerifyKeys): State {
  checkRemoved(removed)
  if (!segment) {
    const workspaceSeqs = new Map<string, number>()
    return { seq: 0, chain: CHAIN_START, frontier: EMPTY_FRONTIER, workspaceSeqs, isTail: false }
  }
  const { lastSeq, chain } = segment
  const epoch = epochs.findLast(({ fromSeq }) => fromSeq <= lastSeq)?.epoch ?? 1
  const origin = epochOrigin(keys.origin, epoch)
  const signed = openCheckpoint(segment.note, origin, keyAt(keys.verifyKeys, lastSeq))
  const frontier = frontierAt(lastSeq, segment.frontier)
  if (signed?.size !== lastSeq || !signed.root.equals(frontierRoot(frontier)))
    throw new Break(lastSeq, 'segment', 'the removed segment does not match its signed checkpoint')
  const workspaceSeqs = seqsOf(segment.workspaceSeqs)
  return { seq: lastSeq, chain, frontier, workspaceSeqs, isTail: false }
}

function checkRemoved(removed: World['removed']): void {
  let next = 1
  for (const { firstSeq, lastSeq } of removed) {
    if (firstSeq !== next) throw new Break(next, 'segment', 'what retention kept has a gap')
    next = lastSeq + 1
  }
}

/** Where a quick walk starts: at the last checkpoint, or where an epoch began after it. */
export function startOfTail(world: World, keys: VerifyKeys): State {
  const { segment, epochs, checkpointedChain: chain } = world
  const [last] = world.notes
  const epoch = epochs.at(-1)
  if (keys.rowKey && epoch && epoch.fromSeq > (last?.size ?? 0)) return startOfEpoch(epoch)
  if (!last || last.size <= (segment?.lastSeq ?? 0)) return startOfKept(world, keys)
  if (!chain) throw new Break(last.size, 'missing', 'the entry of the last checkpoint is missing')
  const frontier = frontierAt(last.size, last.frontier)
  return { seq: last.size, chain, frontier, workspaceSeqs: new Map(), isTail: true }
}

export function startOfEpoch(row: EpochRow): State {
  const seq = row.fromSeq - 1
  const frontier = frontierAt(seq, row.frontier)
  return {
    seq,
    chain: row.chain,
    frontier,
    workspaceSeqs: seqsOf(row.workspaceSeqs),
    isTail: false,
  }
}

function frontierAt(size: number, bytes: Buffer): Frontier {
  try {
    return decodeFrontier(size, bytes)
  } catch {
    throw new Break(size, 'checkpoint', 'a stored frontier does not fit its size')
  }
}

function seqsOf(text: string): Map<string, number> {
  return new Map(Object.entries(JSON.parse(text) as Record<string, number>))
}

// A folder may keep notes of another log beside ours, as after a restore into an instance that was
// in use. Of another log alone, it says that this file took the place of one that had our anchors.
function isOfLog({ origin }: VerifyKeys, note: string): boolean {
  return epochOf(origin, note.split('\n', 1)[0]!) !== undefined
}

function replaced(): Break {
  return new Break(1, 'fork', 'every checkpoint from outside is of another log than this file')
}

function unsigned(seq: number): Break {
  return new Break(seq, 'checkpoint', 'a checkpoint is not signed by this log')
}
