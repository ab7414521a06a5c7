// Walks the log again and names the first bad entry. Reads in pages by key, so it never holds a
// read transaction that lets the WAL grow, and runs beside a live writer: entries up to the head
// read at the start never change.
//
// Known gap, and no scheme closes it: entries newer than the last checkpoint kept elsewhere can be
// cut off together with the head, unseen.

import type { KeyObject } from 'node:crypto'
import type { Database } from '#platform/db/database.ts'
import { all, first, inSnapshot, type Steps } from '#platform/db/steps.ts'
import { CHAIN_START, commit, leafHash, nextChain, type Entry } from './chain.ts'
import { openCheckpoint } from './checkpoint.ts'
import { segmentDigest, type Segment } from './log.ts'
import {
  appendLeaf,
  decodeFrontier,
  EMPTY_FRONTIER,
  encodeFrontier,
  frontierRoot,
  type Frontier,
} from './merkle.ts'

export type Verdict =
  | { readonly ok: true; readonly rows: number; readonly size: number; readonly root: Buffer }
  | { readonly ok: false; readonly seq: number; readonly code: BreakCode; readonly message: string }

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

export interface VerifyKeys {
  readonly origin: string
  readonly macKey: KeyObject
  readonly verifyKey: KeyObject
}

export interface VerifyOptions {
  /** Walk everything kept, or only what follows the last checkpoint in the file (start-up). */
  readonly from?: 'start' | 'checkpoint'
  /** Notes kept outside the file. */
  readonly notes?: readonly string[]
}

// Small enough that a page keeps the event loop for a few milliseconds.
const PAGE_ROWS = 250

/** Walks beside live writers and gives way to other work between pages. */
export function verifyLog(
  db: Pick<Database, 'inspect'>,
  keys: VerifyKeys,
  options: VerifyOptions = {},
): Promise<Verdict> {
  return db.inspect(walkLog(keys, options))
}

/** The walk as a procedure: for a write body, or a connection of a worker's own. */
export function* walkLog(keys: VerifyKeys, options: VerifyOptions = {}): Steps<Verdict> {
  try {
    return yield* walk(keys, options)
  } catch (error) {
    if (error instanceof Break)
      return { ok: false, seq: error.seq, code: error.code, message: error.message }
    throw error
  }
}

function* walk(keys: VerifyKeys, options: VerifyOptions): Steps<Verdict> {
  const world = yield* inSnapshot(readWorld(options.from === 'checkpoint'))
  const roots = trustedRoots(world, keys, options.notes ?? [])
  let state = startOf(world, keys, options.from ?? 'start')
  checkRoot(state, roots)
  const first = state.seq
  const erased = new Set<number>()
  let isSegmentNamed = world.segment === undefined || options.from === 'checkpoint'
  while (state.seq < world.head.seq) {
    const rows: readonly Row[] = yield* all<Row>(PAGE, state.seq, world.head.seq, PAGE_ROWS)
    if (rows.length === 0)
      throw new Break(state.seq + 1, 'missing', 'entries up to the head are missing')
    for (const row of rows) {
      state = checkRow(state, row, keys.macKey)
      checkRoot(state, roots)
      if (row.commitment && row.personal === null) erased.add(row.seq)
      if (row.action === 'audit.erase') erased.delete(JSON.parse(row.data).seq)
      if (row.action === 'audit.retention')
        isSegmentNamed ||= JSON.parse(row.data).segment === segmentDigest(world.segment!)
    }
  }
  // From a checkpoint on, the entries that record an erasure may lie before it or after it.
  const [unexplained] = options.from === 'checkpoint' ? [] : erased
  if (unexplained !== undefined)
    throw new Break(
      unexplained,
      'personal',
      'personal data is gone and no entry says who erased it',
    )
  if (!isSegmentNamed) throw new Break(first, 'segment', 'no entry names the removed segment')
  checkHead(state, world)
  return { ok: true, rows: state.seq - first, size: state.seq, root: frontierRoot(state.frontier) }
}

const PAGE = 'select * from "auditEntry" where "seq" > ? and "seq" <= ? order by "seq" limit ?'

interface State {
  readonly seq: number
  readonly chain: Buffer
  readonly frontier: Frontier
  readonly workspaceSeqs: Map<string, number>
  /** Began at a checkpoint: a workspace's first entry seen here is trusted to follow. */
  readonly isTail: boolean
}

interface Row extends Entry {
  readonly salt: Buffer | null
  readonly personal: string | null
  readonly leaf: Buffer
  readonly chain: Buffer
}

function checkRow(state: State, row: Row, macKey: KeyObject): State {
  const seq = state.seq + 1
  if (row.seq !== seq) throw new Break(seq, 'missing', `entry ${seq} is missing`)
  const before =
    state.workspaceSeqs.get(row.workspaceId) ?? (state.isTail ? row.workspaceSeq - 1 : 0)
  const workspaceSeq = before + 1
  if (row.workspaceSeq !== workspaceSeq)
    throw new Break(seq, 'sequence', 'the sequence of its workspace has a gap')
  if (!leafHash(row).equals(row.leaf)) throw new Break(seq, 'leaf', 'the entry was changed')
  if (
    row.personal !== null &&
    !(row.commitment && row.salt && commit(row.salt, row.personal).equals(row.commitment))
  ) {
    throw new Break(seq, 'personal', 'its personal data was changed')
  }
  const chain = nextChain(macKey, state.chain, row.leaf)
  if (!chain.equals(row.chain))
    throw new Break(seq, 'chain', 'it does not follow from the entry before')
  state.workspaceSeqs.set(row.workspaceId, workspaceSeq)
  return { ...state, seq, chain, frontier: appendLeaf(state.frontier, row.leaf) }
}

function checkRoot({ seq, frontier }: State, roots: ReadonlyMap<number, Buffer>): void {
  const root = roots.get(seq)
  if (root && !root.equals(frontierRoot(frontier)))
    throw new Break(seq, 'fork', 'a signed checkpoint says otherwise')
}

function checkHead(state: State, { head, workspaceHeads, maxSeq }: World): void {
  const isSame =
    head.chain.equals(state.chain) && head.frontier.equals(encodeFrontier(state.frontier))
  if (!isSame || maxSeq > head.seq)
    throw new Break(head.seq + 1, 'head', 'the head does not match the entries')
  for (const { workspaceId, seq } of workspaceHeads) {
    const walked = state.workspaceSeqs.get(workspaceId)
    if (walked === undefined && state.isTail) continue
    if (walked !== seq)
      throw new Break(head.seq + 1, 'head', 'the head of a workspace does not match its entries')
  }
  if (workspaceHeads.length !== state.workspaceSeqs.size && !state.isTail)
    throw new Break(head.seq + 1, 'head', 'a workspace has no head')
}

interface World {
  readonly head: { readonly seq: number; readonly chain: Buffer; readonly frontier: Buffer }
  readonly workspaceHeads: readonly { readonly workspaceId: string; readonly seq: number }[]
  readonly maxSeq: number
  readonly segment: Segment | undefined
  readonly notes: readonly {
    readonly size: number
    readonly note: string
    readonly frontier: Buffer
  }[]
  /** Chain value of the entry that the newest checkpoint ends with. */
  readonly checkpointedChain: Buffer | undefined
}

function* readWorld(isTail: boolean): Steps<World> {
  const head = yield* first<World['head']>(
    'select "seq", "chain", "frontier" from "auditHead" where "id" = 1',
  )
  if (!head) throw new Break(1, 'missing', 'the log has no head')
  const notes = yield* all<World['notes'][number]>(
    `select "size", "note", "frontier" from "auditCheckpoint" order by "size" desc ${isTail ? 'limit 1' : ''}`,
  )
  const newest = yield* first<{ maxSeq: number }>(
    'select coalesce(max("seq"), 0) as "maxSeq" from "auditEntry"',
  )
  const checkpointed = yield* first<{ chain: Buffer }>(
    'select "chain" from "auditEntry" where "seq" = ?',
    notes[0]?.size ?? 0,
  )
  return {
    head,
    notes,
    maxSeq: newest!.maxSeq,
    checkpointedChain: checkpointed?.chain,
    segment: yield* first<Segment>('select * from "auditSegment" order by "lastSeq" desc limit 1'),
    workspaceHeads: yield* all<World['workspaceHeads'][number]>(
      'select "workspaceId", "seq" from "auditWorkspaceHead"',
    ),
  }
}

// Signed roots by size. A note longer than the log, or two that differ, is a break by itself.
function trustedRoots(
  world: World,
  keys: VerifyKeys,
  outside: readonly string[],
): Map<number, Buffer> {
  const roots = new Map<number, Buffer>()
  for (const note of [...world.notes.map((row) => row.note), ...outside]) {
    const checkpoint = openCheckpoint(note, keys.origin, keys.verifyKey)
    if (!checkpoint) throw new Break(1, 'checkpoint', 'a checkpoint is not signed by this log')
    const { size, root } = checkpoint
    if (size > world.head.seq)
      throw new Break(world.head.seq + 1, 'short', `a checkpoint was signed over ${size} entries`)
    if (!(roots.get(size) ?? root).equals(root))
      throw new Break(size, 'fork', 'two signed checkpoints disagree')
    roots.set(size, root)
  }
  return roots
}

function startOf(world: World, keys: VerifyKeys, from: 'start' | 'checkpoint'): State {
  const { segment } = world
  const last = world.notes[0]
  if (from === 'checkpoint' && last && last.size > (segment?.lastSeq ?? 0)) {
    const chain = world.checkpointedChain
    if (!chain) throw new Break(last.size, 'missing', 'the entry of the last checkpoint is missing')
    return {
      seq: last.size,
      chain,
      frontier: frontierAt(last.size, last.frontier),
      workspaceSeqs: new Map(),
      isTail: true,
    }
  }
  if (!segment)
    return {
      seq: 0,
      chain: CHAIN_START,
      frontier: EMPTY_FRONTIER,
      workspaceSeqs: new Map(),
      isTail: false,
    }
  const signed = openCheckpoint(segment.note, keys.origin, keys.verifyKey)
  const frontier = frontierAt(segment.lastSeq, segment.frontier)
  if (signed?.size !== segment.lastSeq || !signed.root.equals(frontierRoot(frontier))) {
    throw new Break(
      segment.lastSeq,
      'segment',
      'the removed segment does not match its signed checkpoint',
    )
  }
  const workspaceSeqs = new Map(
    Object.entries(JSON.parse(segment.workspaceSeqs) as Record<string, number>),
  )
  return { seq: segment.lastSeq, chain: segment.chain, frontier, workspaceSeqs, isTail: false }
}

function frontierAt(size: number, bytes: Buffer): Frontier {
  try {
    return decodeFrontier(size, bytes)
  } catch {
    throw new Break(size, 'checkpoint', 'a stored frontier does not fit its size')
  }
}

class Break extends Error {
  readonly seq: number
  readonly code: BreakCode

  constructor(seq: number, code: BreakCode, message: string) {
    super(message)
    this.seq = seq
    this.code = code
  }
}
