// Walks the log again and names the first bad entry. Reads in pages by key, so it never holds a
// read transaction that lets the WAL grow, and runs beside a live writer: entries up to the head
// read at the start never change.
//
// Known gap, and no scheme closes it: entries newer than the last checkpoint kept elsewhere can be
// cut off together with the head, unseen. Each verdict says what it cannot exclude.

import { assert } from '#kernel/error.ts'
import type { Database } from '#platform/db/database.ts'
import { all, inSnapshot, type Steps } from '#platform/db/steps.ts'
import { commit, leafHash, nextChain, type Entry } from './chain.ts'
import type { EpochRow } from './epoch.ts'
import { Erasures } from './erasures.ts'
import { keyAt } from './keys.ts'
import { openAttacks, type OpenAttack } from './open-attacks.ts'
import { appendLeaf, encodeFrontier, frontierRoot } from './merkle.ts'
import { segmentDigest } from './retention.ts'
import {
  Break,
  judgeEpochs,
  judgeNotes,
  startOfEpoch,
  startOfKept,
  startOfTail,
  type BreakCode,
  type State,
  type Trust,
  type VerifyKeys,
  type World,
} from './trust.ts'
import { readWorld } from './world.ts'

export type Verdict =
  | {
      readonly ok: true
      /** Entries walked; `size` is the sequence of the last one. */
      readonly rows: number
      readonly size: number
      readonly root: Buffer
      /** The largest size whose root a signed checkpoint confirms. */
      readonly checkpointed: number
      /** The same for checkpoints kept outside the file, and how many of them were compared. */
      readonly anchored: number
      readonly anchors: number
      /** What may have been done all the same. */
      readonly open: readonly OpenAttack[]
      /** What was broken and accepted by a person; the walk went on behind it. */
      readonly accepted: readonly Finding[]
    }
  | ({ readonly ok: false } & Finding)

export interface Finding {
  readonly seq: number
  readonly code: BreakCode
  readonly message: string
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

/** For storage that was opened again: throws `Bug` unless what follows the last checkpoint holds. */
export function* assertTail(keys: VerifyKeys): Steps<void> {
  const verdict = yield* walkLog(keys, { from: 'checkpoint' })
  assert(verdict.ok, 'the audit log does not continue as it was')
}

/** The walk as a procedure: for a write body, or a connection of a worker's own. */
export function* walkLog(keys: VerifyKeys, options: VerifyOptions = {}): Steps<Verdict> {
  try {
    const walk = new Walk(
      yield* inSnapshot(readWorld(options.from === 'checkpoint')),
      keys,
      options,
    )
    return yield* walk.run()
  } catch (error) {
    if (error instanceof Break) return { ok: false, ...findingOf(error) }
    throw error
  }
}

const PAGE = 'select * from "auditEntry" where "seq" > ? and "seq" <= ? order by "seq" limit ?'

interface Row extends Entry {
  readonly salt: Buffer | null
  readonly personal: string | null
  readonly leaf: Buffer
  readonly chain: Buffer
}

class Walk {
  readonly #world: World
  readonly #keys: VerifyKeys
  readonly #isTail: boolean
  readonly #trust: Trust
  readonly #accepted: Finding[] = []
  readonly #erasures = new Erasures()
  #isSegmentNamed: boolean
  readonly #frontiers: ReadonlyMap<number, Buffer>
  #checkpointed = 0
  #anchored = 0
  #anchors = 0

  constructor(world: World, keys: VerifyKeys, options: VerifyOptions) {
    judgeEpochs(world, keys)
    this.#world = world
    this.#keys = keys
    this.#isTail = options.from === 'checkpoint'
    this.#trust = judgeNotes(world, keys, options.notes ?? [])
    this.#isSegmentNamed = world.segment === undefined || this.#isTail
    this.#frontiers = new Map(world.notes.map(({ size, frontier }) => [size, frontier]))
  }

  // What notes show and what the entries show are both looked for: the first entry that does not hold
  // is the one a person must look at.
  *run(): Steps<Verdict> {
    const [shown] = this.#trust.breaks.filter((found) => !this.#isAccepted(found))
    try {
      const verdict = yield* this.#walk()
      if (shown) throw shown
      return verdict
    } catch (error) {
      if (!(error instanceof Break) || !shown) throw error
      throw shown.seq < error.seq ? shown : error
    }
  }

  *#walk(): Steps<Verdict> {
    const start = this.#isTail ? startOfTail : startOfKept
    let state = start(this.#world, this.#keys)
    const begun = state.seq
    this.#checkRoot(state)
    while (true) {
      try {
        state = yield* this.#walkFrom(state)
        break
      } catch (error) {
        if (!(error instanceof Break)) throw error
        state = startOfEpoch(this.#accept(error))
      }
    }
    this.#checkEnd(state, begun)
    const known = { size: state.seq, checkpointed: this.#checkpointed, anchored: this.#anchored }
    return {
      ok: true,
      rows: state.seq - begun,
      root: frontierRoot(state.frontier),
      ...known,
      anchors: this.#anchors,
      open: openAttacks({ ...known, isKeyed: this.#keys.macKeys !== undefined }),
      accepted: this.#accepted,
    }
  }

  #isAccepted(found: Break): boolean {
    const epoch = this.#epochBehind(found)
    if (epoch) this.#accepted.push(findingOf(found))
    return epoch !== undefined
  }

  // The epoch behind which the walk may go on; throws the break itself when there is none.
  #accept(found: Break): EpochRow {
    const epoch = this.#epochBehind(found)
    if (!epoch) throw found
    this.#accepted.push(findingOf(found))
    return epoch
  }

  #epochBehind({ seq }: Break): EpochRow | undefined {
    if (!this.#keys.rowKey) return undefined
    return this.#world.epochs.find(({ reason, fromSeq }) => reason === 'accepted' && fromSeq > seq)
  }

  *#walkFrom(from: State): Steps<State> {
    let state = from
    const { head } = this.#world
    while (state.seq < head.seq) {
      const rows: readonly Row[] = yield* all<Row>(PAGE, state.seq, head.seq, PAGE_ROWS)
      if (rows.length === 0)
        throw new Break(state.seq + 1, 'missing', 'entries up to the head are missing')
      for (const row of rows) {
        state = checkRow(state, row, this.#keys)
        this.#checkRoot(state)
        this.#readEntry(row)
      }
    }
    return state
  }

  #checkRoot({ seq, frontier }: State): void {
    const root = this.#trust.roots.get(seq)
    if (!root) return
    if (!root.equals(frontierRoot(frontier)))
      throw new Break(seq, 'fork', 'a signed checkpoint says otherwise')
    if (this.#frontiers.get(seq)?.equals(encodeFrontier(frontier)) === false)
      throw new Break(seq, 'checkpoint', 'a stored frontier is not that of its checkpoint')
    this.#checkpointed = Math.max(this.#checkpointed, seq)
    if (!this.#trust.outside.has(seq)) return
    this.#anchored = Math.max(this.#anchored, seq)
    this.#anchors += 1
  }

  // What entries say about the log itself.
  #readEntry(row: Row): void {
    this.#erasures.read(row)
    if (row.action === 'audit.retention')
      this.#isSegmentNamed ||= dataOf(row).segment === segmentDigest(this.#world.segment!)
    const epoch = this.#world.epochs.find(({ fromSeq }) => fromSeq === row.seq)
    const opens = row.action === 'audit.epoch' ? dataOf(row).epoch : undefined
    if (opens !== epoch?.epoch)
      throw new Break(row.seq, 'epoch', 'epochs and the entries that open them differ')
  }

  #checkEnd(state: State, begun: number): void {
    // From a checkpoint on, the entries that record an erasure may lie before it or after it.
    const unexplained = this.#isTail ? undefined : this.#erasures.unexplained()
    if (unexplained !== undefined)
      throw new Break(
        unexplained,
        'personal',
        'personal data is gone and no entry says who erased it',
      )
    if (!this.#isSegmentNamed)
      throw new Break(begun, 'segment', 'no entry names the removed segment')
    checkHead(state, this.#world)
  }
}

function checkRow(state: State, row: Row, { macKeys }: VerifyKeys): State {
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
  const chain = macKeys ? nextChain(keyAt(macKeys, seq), state.chain, row.leaf) : row.chain
  if (!chain.equals(row.chain))
    throw new Break(seq, 'chain', 'it does not follow from the entry before')
  state.workspaceSeqs.set(row.workspaceId, workspaceSeq)
  return { ...state, seq, chain, frontier: appendLeaf(state.frontier, row.leaf) }
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

function dataOf(row: Row): Record<string, unknown> {
  return JSON.parse(row.data) as Record<string, unknown>
}

function findingOf({ seq, code, message }: Break): Finding {
  return { seq, code, message }
}
