// Appends to the audit log inside a write body, so change and entry commit together or not at all.
// Head, frontier and sequences are read from the database in the body and never cached: a body
// that rolls back takes its entries with it. Every function here is synchronous, so a body's
// `Promise.all` cannot interleave two appends. The SQL is raw on purpose (the guard walls
// workspaces from each other; the log spans all) and touches only audit tables.

import { randomBytes, type KeyObject } from 'node:crypto'
import { AppError, assert } from '#kernel/error.ts'
import { bodySql, type BodySql } from '#platform/db/engine/sqlite/body.ts'
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
import { verifyLog } from './verify.ts'

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
export function createLog(tx: Tx): void {
  const sql = bodySql(tx)
  const { count } = sql.get('select count(*) as count from auditEntry') as { count: number }
  assert(count === 0, 'there are entries without a head')
  sql.run(
    'insert into auditHead (id, seq, chain, frontier) values (1, 0, ?, ?)',
    CHAIN_START,
    encodeFrontier(EMPTY_FRONTIER),
  )
}

/** Records one entry in the workspace of the tx. Returns its place. */
export function appendEntry(
  tx: Tx,
  keys: AuditKeys,
  input: EntryInput,
): { seq: number; workspaceSeq: number } {
  const sql = bodySql(tx)
  const { workspaceId } = tx.scope
  const head = readHead(sql)
  const { workspaceSeq } = sql.get(NEXT_WORKSPACE_SEQ, workspaceId) as { workspaceSeq: number }
  const personal = input.personal === null ? null : entryJson(input.personal)
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
  sql.run(
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
  moveHead(sql, head, { seq, chain, frontier: appendLeaf(head.frontier, leaf) })
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
): void {
  const { changes } = bodySql(tx).run(ERASE, seq, tx.scope.workspaceId)
  if (changes !== 1) throw new AppError('forbidden', 'You may not do this.')
  appendEntry(tx, keys, {
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
export function writeCheckpoint(tx: Tx, keys: AuditKeys, at: number): string | undefined {
  const sql = bodySql(tx)
  const verdict = verifyLog(sql.connection, keys, { from: 'checkpoint' })
  if (!verdict.ok)
    throw new AppError(
      'conflict',
      `The audit log is broken at entry ${verdict.seq}: ${verdict.message}`,
    )
  const { seq: size, frontier } = readHead(sql)
  const { last } = sql.get('select coalesce(max(size), 0) as last from auditCheckpoint') as {
    last: number
  }
  if (size === last) return undefined
  const note = signCheckpoint({ origin: keys.origin, size, root: frontierRoot(frontier) }, keys)
  sql.run(
    'insert into auditCheckpoint (size, note, frontier, at) values (?, ?, ?, ?)',
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
): void {
  const sql = bodySql(tx)
  const checkpoint = sql.get(
    'select note, frontier from auditCheckpoint where size = ?',
    lastSeq,
  ) as Pick<Segment, 'note' | 'frontier'> | undefined
  const kept = sql.get('select chain from auditEntry where seq = ?', lastSeq) as
    { chain: Buffer } | undefined
  if (!checkpoint || !kept)
    throw new AppError('invalid', 'Audit entries are removed only up to a signed checkpoint.')
  const before = sql.get(
    'select lastSeq, workspaceSeqs from auditSegment order by lastSeq desc limit 1',
  ) as { lastSeq: number; workspaceSeqs: string } | undefined
  const gone = sql.all(
    'select workspaceId, max(workspaceSeq) as seq from auditEntry where seq <= ? group by workspaceId',
    lastSeq,
  ) as { workspaceId: string; seq: number }[]
  const segment = {
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
  sql.run(
    'insert into auditSegment (firstSeq, lastSeq, frontier, chain, workspaceSeqs, note) values (?, ?, ?, ?, ?, ?)',
    ...Object.values(segment),
  )
  sql.run('insert into auditPruning (lastSeq) values (?)', lastSeq)
  sql.run('delete from auditEntry where seq <= ?', lastSeq)
  sql.run('delete from auditPruning')
  const data = { firstSeq: segment.firstSeq, lastSeq, segment: segmentDigest(segment) }
  appendEntry(tx, keys, {
    ...input,
    action: 'audit.retention',
    target: `audit:${lastSeq}`,
    outcome: 'done',
    data,
    personal: null,
  })
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
function readHead(sql: BodySql): Head {
  const row = sql.get('select seq, chain, frontier from auditHead where id = 1') as
    { seq: number; chain: Buffer; frontier: Buffer } | undefined
  assert(row, 'the audit log has no head')
  return { seq: row.seq, chain: row.chain, frontier: decodeFrontier(row.seq, row.frontier) }
}

// Compare-and-swap. Inside one writer it cannot fail; if it does, something else wrote.
function moveHead(sql: BodySql, from: Head, to: Head): void {
  const { changes } = sql.run(MOVE_HEAD, to.seq, to.chain, encodeFrontier(to.frontier), from.seq)
  assert(changes === 1, 'the audit head moved under this write')
}

const NEXT_WORKSPACE_SEQ = `
  insert into auditWorkspaceHead (workspaceId, seq) values (?, 1)
  on conflict (workspaceId) do update set seq = seq + 1 returning seq as workspaceSeq`

const INSERT = `
  insert into auditEntry (seq, workspaceId, workspaceSeq, at, actor, action, target, outcome,
    requestId, data, commitment, salt, personal, leaf, chain)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

const ERASE = `
  update auditEntry set personal = null, salt = null
  where seq = ? and workspaceId = ? and personal is not null`

const MOVE_HEAD = 'update auditHead set seq = ?, chain = ?, frontier = ? where id = 1 and seq = ?'
