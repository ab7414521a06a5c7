// Epochs of the log. The log of an instance is one sequence, but a person may break it on purpose:
// restore an older backup, or accept a log that contradicts its checkpoints. Then a new epoch begins.
// Its first entry says why and names the last checkpoint left behind; its checkpoints have a name of
// their own, so that what the abandoned branch signed can never be mistaken for a rollback, nor a
// rollback for a restore: opening an epoch takes the master secret.

import { assert } from '#kernel/error.ts'
import { hmacSha256, isSameBytes, sha256Hex } from '#kernel/hash.ts'
import { canonicalJson } from '#kernel/json.ts'
import { all, change, first, runSteps, type Steps } from '#platform/db/steps.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { Anchor } from './anchors.ts'
import { CHAIN_START } from './chain.ts'
import type { AuditKeys } from './keys.ts'
import { append, type EntryBy, type Place } from './log.ts'
import { appendLeaf, decodeFrontier, EMPTY_FRONTIER, encodeFrontier } from './merkle.ts'
import type { Segment } from './retention.ts'

export type EpochReason = 'restored' | 'accepted'

export interface EpochRow {
  /** From 2: the first epoch has no row. */
  readonly epoch: number
  readonly fromSeq: number
  readonly reason: EpochReason
  /** Chain value, frontier and sequences before its first entry. */
  readonly chain: Buffer
  readonly frontier: Buffer
  readonly workspaceSeqs: string
  /** The last checkpoint known outside that this epoch leaves behind. */
  readonly lastNote: string | null
  /** HMAC over the rest. */
  readonly mac: Buffer
}

export interface OpenEpochInput extends EntryBy {
  readonly reason: EpochReason
  /** What is known outside the database of the branch that is left behind. */
  readonly last: Anchor | undefined
  /** What a person reads in the entry: which backup, or what was broken. */
  readonly data: Readonly<Record<string, string | number>>
}

/** Name of the log in the checkpoints of an epoch. */
export function epochOrigin(origin: string, epoch: number): string {
  return epoch === 1 ? origin : `${origin}/${epoch}`
}

/** The epoch whose name this is; undefined for the name of another log. */
export function epochOf(origin: string, name: string): number | undefined {
  if (name === origin) return 1
  if (!name.startsWith(`${origin}/`)) return undefined
  const number = name.slice(origin.length + 1)
  return /^[1-9]\d{0,8}$/.test(number) && number !== '1' ? Number(number) : undefined
}

/**
 * What notes from outside know of this log, whoever signed them: the largest size, and the highest
 * epoch, which a new one must exceed lest two branches share a name.
 */
export function lastOutside(
  { origin }: Pick<AuditKeys, 'origin'>,
  notes: readonly string[],
): Anchor | undefined {
  let last: Anchor | undefined
  for (const note of notes) {
    const [name = '', text = ''] = note.split('\n', 2)
    const epoch = epochOf(origin, name)
    const size = Number(text)
    if (epoch === undefined || !Number.isSafeInteger(size)) continue
    const isLonger = !last || size > last.size
    const longest = isLonger ? { size, note } : { size: last!.size, note: last!.note }
    last = { epoch: Math.max(epoch, last?.epoch ?? 1), ...longest }
  }
  return last
}

/** Oldest first. */
export function* readEpochs(): Steps<readonly EpochRow[]> {
  return yield* all<EpochRow>('select * from "auditEpoch" order by "epoch"')
}

/** A row that nobody without our keys wrote. */
export function isEpochGenuine(keys: Pick<AuditKeys, 'rowKey'>, row: EpochRow): boolean {
  return isSameBytes(row.mac, macOfEpoch(keys, row))
}

/**
 * Begins a new epoch with an entry in the workspace of the tx, which is the instance's. When a broken
 * log is accepted, its head is made again from the entries that are there.
 */
export function openEpoch(tx: Tx, keys: AuditKeys, input: OpenEpochInput): Promise<Place> {
  return runSteps(tx, begin(tx.scope.workspaceId, keys, input))
}

function* begin(workspaceId: string, keys: AuditKeys, input: OpenEpochInput): Steps<Place> {
  const { reason, last, data, ...by } = input
  if (reason === 'accepted') yield* rebuildHeads()
  const head = (yield* first<{ seq: number; chain: Buffer; frontier: Buffer }>(
    'select "seq", "chain", "frontier" from "auditHead" where "id" = 1',
  ))!
  const known = (yield* readEpochs()).at(-1)?.epoch ?? 1
  const epoch = Math.max(known, last?.epoch ?? 1) + 1
  const row = {
    epoch,
    fromSeq: head.seq + 1,
    reason,
    chain: head.chain,
    frontier: head.frontier,
    workspaceSeqs: yield* readWorkspaceSeqs(),
    lastNote: last?.note ?? null,
  }
  yield* change(INSERT, ...Object.values(row), macOfEpoch(keys, row))
  return yield* append(workspaceId, keys, {
    ...by,
    action: 'audit.epoch',
    target: `audit:${head.seq + 1}`,
    outcome: 'done',
    data: { ...data, ...leftBehind(last, head.seq), epoch, reason },
    personal: null,
  })
}

function leftBehind(last: OpenEpochInput['last'], size: number): Record<string, string | number> {
  if (!last) return {}
  const gap = Math.max(0, last.size - size)
  return { lastSize: last.size, lastNote: sha256Hex(last.note), gap }
}

// Head, frontier and sequences from the entries that are there; checkpoints beyond them go. Where an
// entry is missing, a leaf of zeros stands in its place: sizes stay what they were.
function* rebuildHeads(): Steps<void> {
  const segment = yield* first<Pick<Segment, 'lastSeq' | 'frontier' | 'chain' | 'workspaceSeqs'>>(
    'select * from "auditSegment" order by "lastSeq" desc limit 1',
  )
  let chain = segment?.chain ?? CHAIN_START
  let frontier = segment ? decodeFrontier(segment.lastSeq, segment.frontier) : EMPTY_FRONTIER
  while (true) {
    const rows: readonly LeafRow[] = yield* all<LeafRow>(LEAVES, frontier.size)
    if (rows.length === 0) break
    for (const row of rows) {
      assert(row.seq - frontier.size <= GAP_MAX, 'too many entries are missing to go on')
      while (frontier.size + 1 < row.seq) frontier = appendLeaf(frontier, MISSING_LEAF)
      frontier = appendLeaf(frontier, row.leaf)
      chain = row.chain
    }
  }
  yield* change('delete from "auditHead"')
  yield* change(INSERT_HEAD, frontier.size, chain, encodeFrontier(frontier))
  yield* change('delete from "auditCheckpoint" where "size" > ?', frontier.size)
  yield* rebuildWorkspaceHeads(segment?.workspaceSeqs ?? '{}')
}

interface LeafRow {
  readonly seq: number
  readonly leaf: Buffer
  readonly chain: Buffer
}

function* rebuildWorkspaceHeads(removed: string): Steps<void> {
  const kept = yield* all<{ workspaceId: string; seq: number }>(
    'select "workspaceId", max("workspaceSeq") as seq from "auditEntry" group by "workspaceId"',
  )
  const seqs = {
    ...(JSON.parse(removed) as Record<string, number>),
    ...Object.fromEntries(kept.map((row) => [row.workspaceId, row.seq])),
  }
  yield* change('delete from "auditWorkspaceHead"')
  for (const [workspaceId, seq] of Object.entries(seqs)) {
    const text = 'insert into "auditWorkspaceHead" ("workspaceId", "seq") values (?, ?)'
    yield* change(text, workspaceId, seq)
  }
}

function* readWorkspaceSeqs(): Steps<string> {
  const rows = yield* all<{ workspaceId: string; seq: number }>(
    'select "workspaceId", "seq" from "auditWorkspaceHead"',
  )
  return canonicalJson(Object.fromEntries(rows.map((row) => [row.workspaceId, row.seq])))
}

/** The digest that only our keys give. */
export function macOfEpoch(keys: Pick<AuditKeys, 'rowKey'>, row: Omit<EpochRow, 'mac'>): Buffer {
  const text = canonicalJson({
    epoch: row.epoch,
    fromSeq: row.fromSeq,
    reason: row.reason,
    lastNote: row.lastNote,
    chain: row.chain.toString('hex'),
    frontier: row.frontier.toString('hex'),
    workspaceSeqs: row.workspaceSeqs,
  })
  return hmacSha256(keys.rowKey, 'row|v1|', 'auditEpoch', '\0', text)
}

const MISSING_LEAF = Buffer.alloc(32)
const GAP_MAX = 10_000_000

const LEAVES = `
  select "seq", "leaf", "chain" from "auditEntry" where "seq" > ? order by "seq" limit 250`

const INSERT = `
  insert into "auditEpoch" ("epoch", "fromSeq", "reason", "chain", "frontier", "workspaceSeqs",
    "lastNote", "mac")
  values (?, ?, ?, ?, ?, ?, ?, ?)`

const INSERT_HEAD = `
  insert into "auditHead" ("id", "seq", "chain", "frontier") values (1, ?, ?, ?)`
