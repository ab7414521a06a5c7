// Cuts the oldest entries off the log, up to a signed checkpoint, and keeps what the rest needs to be
// verified and proven: the frontier, the chain value, the sequences and the note. The cut is itself
// an entry, so that what was kept of the removed part cannot be edited afterwards.

import { AppError } from '#kernel/error.ts'
import { canonicalJson } from '#kernel/json.ts'
import type { Caller } from '#platform/caller.ts'
import { all, change, first, runSteps, type Steps } from '#platform/db/steps.ts'
import type { Database } from '#platform/db/database.ts'
import type { Tx } from '#platform/db/tx.ts'
import { sha256 } from './chain.ts'
import type { AuditKeys } from './keys.ts'
import { append, type EntryBy } from './log.ts'

/**
 * Removes the entries up to a signed checkpoint of exactly `lastSeq` entries and keeps what the
 * rest needs: frontier, chain value, sequences, note. Throws `invalid` without such a checkpoint.
 * Deletes in one body: give it one checkpoint's worth at a time, or it holds up every writer.
 */
export function pruneLog(tx: Tx, keys: AuditKeys, lastSeq: number, by: EntryBy): Promise<void> {
  return runSteps(tx, prune(tx.scope.workspaceId, keys, lastSeq, by))
}

/** One body's worth: more would hold up every writer. */
const CUT_ENTRIES_MAX = 5_000

/**
 * Removes what is older than `before`, whole signed stretches, a few thousand entries a body. Returns
 * how many went. The caller has just verified the log: of a broken one nothing may go.
 */
export async function removeOlder(
  { db, keys }: { readonly db: Database; readonly keys: { readonly audit: AuditKeys } },
  caller: Caller,
  before: number,
  signal: AbortSignal,
): Promise<number> {
  const by = { at: caller.now, actor: caller.actor, requestId: caller.requestId }
  let removed = 0
  while (true) {
    signal.throwIfAborted()
    const cut = await db.inspect(nextCut(before))
    if (!cut) return removed
    await db.write(caller, (tx) => pruneLog(tx, keys.audit, cut.lastSeq, by))
    removed += cut.lastSeq - cut.keptSeq
  }
}

function* nextCut(before: number): Steps<{ lastSeq: number; keptSeq: number } | undefined> {
  const kept = yield* first<{ lastSeq: number }>(
    'select coalesce(max("lastSeq"), 0) as "lastSeq" from "auditSegment"',
  )
  const keptSeq = kept?.lastSeq ?? 0
  const young = yield* first<{ seq: number | null }>(
    'select min("seq") as "seq" from "auditEntry" where "at" >= ?',
    before,
  )
  const youngest = young?.seq ?? Number.MAX_SAFE_INTEGER
  const most = keptSeq + CUT_ENTRIES_MAX
  const large = yield* first<{ size: number }>(LARGEST_CUT, keptSeq, youngest, most)
  const found = large ?? (yield* first<{ size: number }>(SMALLEST_CUT, keptSeq, youngest))
  return found && { lastSeq: found.size, keptSeq }
}

function* prune(workspaceId: string, keys: AuditKeys, lastSeq: number, by: EntryBy): Steps<void> {
  const segment = yield* cutSegment(lastSeq)
  yield* change(INSERT_SEGMENT, ...Object.values(segment))
  yield* change('insert into "auditPruning" ("lastSeq") values (?)', lastSeq)
  yield* change('delete from "auditEntry" where "seq" <= ?', lastSeq)
  yield* change('delete from "auditPruning"')
  yield* change('delete from "auditCheckpoint" where "size" < ?', lastSeq)
  yield* append(workspaceId, keys, {
    ...by,
    action: 'audit.retention',
    target: `audit:${lastSeq}`,
    outcome: 'done',
    data: { firstSeq: segment.firstSeq, lastSeq, segment: segmentDigest(segment) },
    personal: null,
  })
}

// What is kept of the entries up to `lastSeq`. The order of members is INSERT_SEGMENT's.
function* cutSegment(lastSeq: number): Steps<Segment> {
  const checkpoint = yield* first<Pick<Segment, 'note' | 'frontier'>>(
    'select "note", "frontier" from "auditCheckpoint" where "size" = ?',
    lastSeq,
  )
  const kept = yield* first<{ chain: Buffer }>(
    'select "chain" from "auditEntry" where "seq" = ?',
    lastSeq,
  )
  if (!checkpoint || !kept)
    throw new AppError('invalid', 'Audit entries are removed only up to a signed checkpoint.')
  const before = yield* first<{ lastSeq: number; workspaceSeqs: string }>(
    'select "lastSeq", "workspaceSeqs" from "auditSegment" order by "lastSeq" desc limit 1',
  )
  const gone = yield* all<{ workspaceId: string; seq: number }>(
    `select "workspaceId", max("workspaceSeq") as seq from "auditEntry"
     where "seq" <= ? group by "workspaceId"`,
    lastSeq,
  )
  return {
    firstSeq: (before?.lastSeq ?? 0) + 1,
    lastSeq,
    frontier: checkpoint.frontier,
    chain: kept.chain,
    workspaceSeqs: canonicalJson({
      ...JSON.parse(before?.workspaceSeqs ?? '{}'),
      ...Object.fromEntries(gone.map((row) => [row.workspaceId, row.seq])),
    }),
    note: checkpoint.note,
  }
}

export interface Segment {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly frontier: Buffer
  readonly chain: Buffer
  readonly workspaceSeqs: string
  readonly note: string
}

/** Hex. Recorded in the chain, so a kept segment cannot be edited afterwards. */
export function segmentDigest({
  firstSeq,
  lastSeq,
  frontier,
  chain,
  workspaceSeqs,
  note,
}: Segment): string {
  const text = canonicalJson({
    firstSeq,
    lastSeq,
    frontier: frontier.toString('hex'),
    chain: chain.toString('hex'),
    workspaceSeqs,
    note,
  })
  return sha256(Buffer.from(text)).toString('hex')
}

const INSERT_SEGMENT = `
  insert into "auditSegment" ("firstSeq", "lastSeq", "frontier", "chain", "workspaceSeqs", "note")
  values (?, ?, ?, ?, ?, ?)`

const LARGEST_CUT = `
  select "size" from "auditCheckpoint" where "size" > ? and "size" < ? and "size" <= ?
  order by "size" desc limit 1`

const SMALLEST_CUT = `
  select "size" from "auditCheckpoint" where "size" > ? and "size" < ? order by "size" limit 1`
