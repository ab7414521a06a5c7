// Appends to the audit log inside a write body, so change and entry commit together or not at all.
// Head, frontier and sequences are read from the database in the body and never cached: a body
// that rolls back takes its entries with it. Each append is one procedure of db/steps.ts, so a
// body's `Promise.all` cannot interleave two of them. The SQL is raw on purpose (the guard walls
// workspaces from each other; the log spans all) and touches only audit tables.

import { randomBytes } from 'node:crypto'
import { assert } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import type { Caller } from '#platform/caller.ts'
import {
  all,
  change,
  first,
  runSteps,
  type Statement,
  type StepResult,
  type Steps,
} from '#platform/db/steps.ts'
import type { Tx } from '#platform/db/tx.ts'
import { CHAIN_START, commit, entryJson, leafHash, nextChain, type Entry } from './chain.ts'
import { keyAt, type AuditKeys } from './keys.ts'
import {
  appendLeaf,
  decodeFrontier,
  EMPTY_FRONTIER,
  encodeFrontier,
  type Frontier,
} from './merkle.ts'

export interface EntryInput {
  readonly at: number
  readonly actor: string
  readonly action: string
  readonly target: string
  readonly outcome: Entry['outcome']
  readonly requestId: string
  readonly data: Json
  /** What a person may ask us to erase: names, addresses. Null when there is none. */
  readonly personal: Json | null
}

/** Who does it, when, in which request: the part of an entry that its cause gives. */
export type EntryBy = Pick<EntryInput, 'at' | 'actor' | 'requestId'>

export interface Head {
  readonly seq: number
  readonly chain: Buffer
  readonly frontier: Frontier
}

/** Its target is whose personal data went; it explains every earlier entry of its workspace. */
export const ERASE_ACTION = 'audit.erase'

/** Once, when the instance is made. Opening an existing log never does this. */
export function createLog(tx: Tx): Promise<void> {
  return runSteps(tx, create())
}

/** The same with the entry that says so: the first of every log. */
export async function beginLog(tx: Tx, keys: AuditKeys, caller: Caller): Promise<void> {
  await createLog(tx)
  await appendEntry(tx, keys, {
    at: caller.now,
    actor: caller.actor,
    requestId: caller.requestId,
    action: 'instance.create',
    target: 'instance',
    outcome: 'done',
    data: {},
    personal: null,
  })
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

/** Records one entry, in the workspace of the tx unless another is named. Returns its place. */
export function appendEntry(
  tx: Tx,
  keys: AuditKeys,
  input: EntryInput,
  workspaceId: string = tx.scope.workspaceId,
): Promise<Place> {
  return runSteps(tx, append(workspaceId, keys, input))
}

export interface Place {
  readonly seq: number
  readonly workspaceSeq: number
}

/** The same inside another procedure. */
// Every write of the product ends here, so statements are yielded as they are: each generator
// between this one and the engine costs as much as a hash.
export function* append(workspaceId: string, keys: AuditKeys, input: EntryInput): Steps<Place> {
  const head = headOf(yield HEAD)
  const numbered = yield { text: NEXT_WORKSPACE_SEQ, values: [workspaceId], isFirst: true }
  const { workspaceSeq } = numbered.rows[0] as { workspaceSeq: number }
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
  const chain = nextChain(keyAt(keys.macKeys, seq), head.chain, leaf)
  const what = [at, actor, action, target, outcome, requestId, data]
  yield {
    text: INSERT,
    values: [seq, workspaceId, workspaceSeq, ...what, commitment, salt, personal, leaf, chain],
  }
  const frontier = encodeFrontier(appendLeaf(head.frontier, leaf))
  const { changes } = yield { text: MOVE_HEAD, values: [seq, chain, frontier, head.seq] }
  // A compare-and-swap. Inside one writer it cannot fail; if it does, something else wrote.
  assert(changes === 1, 'the audit head moved under this write')
  return { seq, workspaceSeq }
}

/**
 * Erases what the log keeps of one person: names and addresses in the entries that are by `subject` or
 * about it, in every workspace. Each workspace it touches gets an entry that says so, and every hash
 * stays valid. Returns how many entries lost something. Copies in earlier backups are not reached.
 */
export function erasePersonal(
  tx: Tx,
  keys: AuditKeys,
  subject: string,
  by: EntryBy,
): Promise<number> {
  return runSteps(tx, erase(keys, subject, by))
}

function* erase(keys: AuditKeys, subject: string, by: EntryBy): Steps<number> {
  let erased = 0
  const heads = yield* all<{ workspaceId: string }>(WORKSPACES)
  for (const { workspaceId } of heads) {
    const own = yield* change(eraseWhere('actor'), workspaceId, subject)
    const count = own + (yield* change(eraseWhere('target'), workspaceId, subject))
    if (count === 0) continue
    erased += count
    yield* append(workspaceId, keys, {
      ...by,
      action: ERASE_ACTION,
      target: subject,
      outcome: 'done',
      data: { count },
      personal: null,
    })
  }
  return erased
}

// Asking the system for 16 bytes costs as much as the insert, so salts are cut from a larger draw.
let salts = Buffer.alloc(0)
function newSalt(): Buffer {
  if (salts.length === 0) salts = randomBytes(16 * 256)
  const salt = salts.subarray(0, 16)
  salts = salts.subarray(16)
  return salt
}

/** Throws when the log was never created. */
export function* readHead(): Steps<Head> {
  return headOf(yield HEAD)
}

function headOf({ rows }: StepResult): Head {
  const row = rows[0] as { seq: number; chain: Buffer; frontier: Buffer } | undefined
  assert(row, 'the audit log has no head')
  return { seq: row.seq, chain: row.chain, frontier: decodeFrontier(row.seq, row.frontier) }
}

const HEAD: Statement = {
  text: 'select "seq", "chain", "frontier" from "auditHead" where "id" = 1',
  values: [],
  isFirst: true,
}

const MOVE_HEAD =
  'update "auditHead" set "seq" = ?, "chain" = ?, "frontier" = ? where "id" = 1 and "seq" = ?'

const NEXT_WORKSPACE_SEQ = `
  insert into "auditWorkspaceHead" ("workspaceId", "seq") values (?, 1)
  on conflict ("workspaceId") do update set "seq" = "auditWorkspaceHead"."seq" + 1
  returning "seq" as "workspaceSeq"`

const INSERT = `
  insert into "auditEntry" ("seq", "workspaceId", "workspaceSeq", "at", "actor", "action", "target",
    "outcome", "requestId", "data", "commitment", "salt", "personal", "leaf", "chain")
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

const WORKSPACES = 'select "workspaceId" from "auditWorkspaceHead" order by "workspaceId"'

function eraseWhere(column: 'actor' | 'target'): string {
  return `
    update "auditEntry" set "personal" = null, "salt" = null
    where "workspaceId" = ? and "${column}" = ? and "personal" is not null`
}
