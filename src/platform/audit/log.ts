// Appends to the audit log inside a write body, so change and entry commit together or not at all.
// Head, frontier and sequences are read from the database in the body and never cached: a body
// that rolls back takes its entries with it. Each append is one procedure of db/steps.ts, so a
// body's `Promise.all` cannot interleave two of them. The SQL is raw on purpose (the guard walls
// workspaces from each other; the log spans all) and touches only audit tables.

import { randomBytes, type KeyObject } from 'node:crypto'
import { AppError, assert } from '#kernel/error.ts'
import { all, change, first, runSteps, type Steps } from '#platform/db/steps.ts'
import type { Tx } from '#platform/db/tx.ts'
import { canonicalJson, type Json as Canonical } from '#kernel/json.ts'
import { CHAIN_START, commit, entryJson, leafHash, nextChain, sha256, type Entry } from './chain.ts'
import { signCheckpoint } from './checkpoint.ts'
import {
  appendLeaf,
  decodeFrontier,
  EMPTY_FRONTIER,
  encodeFrontier,
  frontierRoot,
  type Frontier,
} from './merkle.ts'
import { walkLog } from './verify.ts'

export interface AuditKeys {
  /** Name of this log in checkpoints, such as `rulewright.example/audit/<installId>`. */
  readonly origin: string
  readonly macKey: KeyObject
  readonly signKey: KeyObject
  readonly verifyKey: KeyObject
}

export interface EntryInput {
  readonly at: number
  readonly actor: string
  readonly action: string
  readonly target: string
  readonly outcome: Entry['outcome']
  readonly requestId: string
  readonly data: Canonical
  /** What a person may ask us to erase: names, addresses. Null when there is none. */
  readonly personal: Canonical | null
}

interface Head {
  readonly seq: number
  readonly chain: Buffer
  readonly frontier: Frontier
}

/** Once, when the instance is made. Opening an existing log never does this. */
export function createLog(tx: Tx): Promise<void> {
  return runSteps(tx, create())
}

function* create(): Steps<void> {
  const row = yield* first<{ count: number }>('select count(*) as count from "auditEntry"')
  assert(row?.count === 0, 'there are entries without a head')
  yield* change(
    'insert into "auditHead" ("id", "seq", "chain", "frontier") values (1, 0, ?, ?)',
    CHAIN_START,
    encodeFrontier(EMPTY_FRONTIER),
  )
}

/** Records one entry in the workspace of the tx. Returns its place. */
export function appendEntry(tx: Tx, keys: AuditKeys, input: EntryInput): Promise<Place> {
  return runSteps(tx, append(tx.scope.workspaceId, keys, input))
}

export interface Place {
  readonly seq: number
  readonly workspaceSeq: number
}

function* append(workspaceId: string, keys: AuditKeys, input: EntryInput): Steps<Place> {
  const head = yield* readHead()
  const { workspaceSeq } = (yield* first<{ workspaceSeq: number }>(
    NEXT_WORKSPACE_SEQ,
    workspaceId,
  ))!
  const personal = input.personal === null ? null : canonicalJson(input.personal)
  const salt = personal === null ? null : newSalt()
  const commitment = personal === null ? null : commit(salt!, personal)
  const { at, actor, action, target, outcome, requestId } = input
  const data = entryJson(input.data)
  const seq = head.seq + 1
  const leaf = leafHash({
    seq,
    workspaceId,
    workspaceSeq,
    at,
    actor,
    action,
    target,
    outcome,
    requestId,
    data,
    commitment,
  })
  const chain = nextChain(keys.macKey, head.chain, leaf)
  yield* change(
    INSERT,
    seq,
    workspaceId,
    workspaceSeq,
    at,
    actor,
    action,
    target,
    outcome,
    requestId,
    data,
    commitment,
    salt,
    personal,
    leaf,
    chain,
  )
  yield* moveHead(head, { seq, chain, frontier: appendLeaf(head.frontier, leaf) })
  return { seq, workspaceSeq }
}

/**
 * Erases the personal data of one entry of the tx's workspace and records who did it. Every hash
 * stays valid. Copies in earlier backups and in streamed sinks are not reached.
 */
export function erasePersonal(
  tx: Tx,
  keys: AuditKeys,
  seq: number,
  input: Pick<EntryInput, 'at' | 'actor' | 'requestId'>,
): Promise<void> {
  return runSteps(tx, erase(tx.scope.workspaceId, keys, seq, input))
}

function* erase(
  workspaceId: string,
  keys: AuditKeys,
  seq: number,
  input: Pick<EntryInput, 'at' | 'actor' | 'requestId'>,
): Steps<void> {
  if ((yield* change(ERASE, seq, workspaceId)) !== 1)
    throw new AppError('forbidden', 'You may not do this.')
  yield* append(workspaceId, keys, {
    ...input,
    action: 'audit.erase',
    target: `audit:${seq}`,
    outcome: 'done',
    data: { seq },
    personal: null,
  })
}

/**
 * Signs the head, after walking the entries since the last checkpoint again: a checkpoint that
 * contradicts an earlier one is never signed. Throws `conflict` when the walk finds a break.
 * Returns the note for the anchors outside the file, or undefined when nothing is new.
 */
export function writeCheckpoint(tx: Tx, keys: AuditKeys, at: number): Promise<string | undefined> {
  return runSteps(tx, signHead(keys, at))
}

function* signHead(keys: AuditKeys, at: number): Steps<string | undefined> {
  const verdict = yield* walkLog(keys, { from: 'checkpoint' })
  if (!verdict.ok)
    throw new AppError(
      'conflict',
      `The audit log is broken at entry ${verdict.seq}: ${verdict.message}`,
    )
  const { seq: size, frontier } = yield* readHead()
  const { last } = (yield* first<{ last: number }>(
    'select coalesce(max("size"), 0) as last from "auditCheckpoint"',
  ))!
  if (size === last) return undefined
  const note = signCheckpoint({ origin: keys.origin, size, root: frontierRoot(frontier) }, keys)
  yield* change(
    'insert into "auditCheckpoint" ("size", "note", "frontier", "at") values (?, ?, ?, ?)',
    size,
    note,
    encodeFrontier(frontier),
    at,
  )
  return note
}

/**
 * Removes the entries up to a signed checkpoint of exactly `lastSeq` entries and keeps what the
 * rest needs: frontier, chain value, sequences, note. Throws `invalid` without such a checkpoint.
 * Deletes in one body: give it one checkpoint's worth at a time, or it holds up every writer.
 */
export function pruneLog(
  tx: Tx,
  keys: AuditKeys,
  lastSeq: number,
  input: Pick<EntryInput, 'at' | 'actor' | 'requestId'>,
): Promise<void> {
  return runSteps(tx, prune(tx.scope.workspaceId, keys, lastSeq, input))
}

function* prune(
  workspaceId: string,
  keys: AuditKeys,
  lastSeq: number,
  input: Pick<EntryInput, 'at' | 'actor' | 'requestId'>,
): Steps<void> {
  const segment = yield* cutSegment(lastSeq)
  yield* change(INSERT_SEGMENT, ...Object.values(segment))
  yield* change('insert into "auditPruning" ("lastSeq") values (?)', lastSeq)
  yield* change('delete from "auditEntry" where "seq" <= ?', lastSeq)
  yield* change('delete from "auditPruning"')
  yield* append(workspaceId, keys, {
    ...input,
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

// Asking the system for 16 bytes costs as much as the insert, so salts are cut from a larger draw.
let salts = Buffer.alloc(0)
function newSalt(): Buffer {
  if (salts.length === 0) salts = randomBytes(16 * 256)
  const salt = salts.subarray(0, 16)
  salts = salts.subarray(16)
  return salt
}

// Throws when the log was never created.
function* readHead(): Steps<Head> {
  const row = yield* first<{ seq: number; chain: Buffer; frontier: Buffer }>(
    'select "seq", "chain", "frontier" from "auditHead" where "id" = 1',
  )
  assert(row, 'the audit log has no head')
  return { seq: row.seq, chain: row.chain, frontier: decodeFrontier(row.seq, row.frontier) }
}

// Compare-and-swap. Inside one writer it cannot fail; if it does, something else wrote.
function* moveHead(from: Head, to: Head): Steps<void> {
  const changes = yield* change(
    'update "auditHead" set "seq" = ?, "chain" = ?, "frontier" = ? where "id" = 1 and "seq" = ?',
    to.seq,
    to.chain,
    encodeFrontier(to.frontier),
    from.seq,
  )
  assert(changes === 1, 'the audit head moved under this write')
}

const NEXT_WORKSPACE_SEQ = `
  insert into "auditWorkspaceHead" ("workspaceId", "seq") values (?, 1)
  on conflict ("workspaceId") do update set "seq" = "auditWorkspaceHead"."seq" + 1
  returning "seq" as "workspaceSeq"`

const INSERT = `
  insert into "auditEntry" ("seq", "workspaceId", "workspaceSeq", "at", "actor", "action", "target",
    "outcome", "requestId", "data", "commitment", "salt", "personal", "leaf", "chain")
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

const ERASE = `
  update "auditEntry" set "personal" = null, "salt" = null
  where "seq" = ? and "workspaceId" = ? and "personal" is not null`

const INSERT_SEGMENT = `
  insert into "auditSegment" ("firstSeq", "lastSeq", "frontier", "chain", "workspaceSeqs", "note")
  values (?, ?, ?, ?, ?, ?)`
