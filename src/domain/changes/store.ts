// SQL of changes, their items and what people said about them.

import type { ExpressionBuilder, Selectable } from 'kysely'
import { z } from 'zod'
import type { Actor } from '#kernel/actor.ts'
import { forbidden } from '#kernel/error.ts'
import type { ChangeId, RuleId, TargetId, UserId } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import type { SiemKind } from '#kernel/siem.ts'
import type { Instant } from '#kernel/time.ts'
import type { StatementSignature } from '#platform/audit/statement.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { hasWord } from '#platform/db/words.ts'
import type {
  ChangeAction,
  ChangeComment,
  ChangeEvent,
  ChangeItem,
  ChangeOrigin,
  ChangePolicy,
  ChangeSignature,
  ChangeState,
  Replaced,
  SignatureProof,
  Switch,
  Waiver,
} from './change.ts'
import { OPEN_STATES } from './moves.ts'

type Handle = Pick<Reader, 'selectFrom'>
type Row = Selectable<Tables['change']>
type ItemRow = Selectable<Tables['changeItem']>

/** A change as it is kept; what follows from its signatures is counted beside it. */
export interface StoredChange extends Omit<Row, 'workspaceId' | 'editors' | 'policy' | 'origin'> {
  readonly origin: ChangeOrigin
  readonly editors: readonly UserId[]
  readonly policy: ChangePolicy
}

/** With what only the making of it needs. */
export interface StoredItem extends ChangeItem {
  readonly wantedVersion: number | null
  readonly madeFrom: string
}

export interface StoredSignature extends ChangeSignature, StatementSignature, SignatureProof {}

const EARLIER: Pick<ChangePolicy, 'budgetGate' | 'strictGroups'> = {
  budgetGate: false,
  strictGroups: [],
}

const Ids = z.array(z.custom<UserId>((one) => typeof one === 'string'))
const Kept = <T>() => z.custom<T>((one) => typeof one === 'object' && one !== null)
const Digests = z.record(z.string(), z.string())

// ── Changes ──────────────────────────────────────────────────────────────────────────────────────

export async function insertChange(tx: Tx, change: StoredChange): Promise<void> {
  await tx
    .insertInto('change')
    .values({ ...columnsOf(change), workspaceId: tx.scope.workspaceId })
    .execute()
}

export async function updateChange(
  tx: Tx,
  id: ChangeId,
  change: Partial<Omit<StoredChange, 'id'>>,
): Promise<void> {
  await tx
    .updateTable('change')
    .set(columnsOf(change))
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('id', '=', id)
    .execute()
}

function columnsOf<C extends Partial<StoredChange>>({ editors, policy, ...rest }: C) {
  return {
    ...rest,
    ...(editors && { editors: JSON.stringify(editors) }),
    ...(policy && { policy: JSON.stringify(policy) }),
  } as Omit<C, 'editors' | 'policy'> & { editors: string; policy: string }
}

/** Throws `forbidden` for one that is not of this workspace, or is nowhere. */
export async function getChangeRow(
  db: Handle,
  scope: WorkspaceScope,
  id: ChangeId,
): Promise<StoredChange> {
  const found = await findChangeRow(db, scope, id)
  if (!found) throw forbidden()
  return found
}

export async function findChangeRow(
  db: Handle,
  scope: WorkspaceScope,
  id: ChangeId,
): Promise<StoredChange | undefined> {
  const row = await db
    .selectFrom('change')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && toChange(row)
}

function toChange({ workspaceId: _, editors, policy, origin, ...row }: Row): StoredChange {
  return {
    ...row,
    origin: origin as ChangeOrigin,
    editors: Ids.parse(JSON.parse(editors)),
    // Those of an earlier release know nothing of noise and groups.
    policy: {
      ...EARLIER,
      ...Kept<Partial<ChangePolicy>>().parse(JSON.parse(policy)),
    } as ChangePolicy,
  }
}

export interface ChangeFilter {
  readonly states?: readonly ChangeState[] | undefined
  readonly rule?: RuleId | undefined
  readonly target?: TargetId | undefined
  /** Each stands somewhere in the title. */
  readonly words?: readonly string[] | undefined
}

/** Newest first; those after `after`. */
export async function selectChanges(
  db: Handle,
  scope: WorkspaceScope,
  filter: ChangeFilter,
  { limit, after }: { readonly limit: number; readonly after: ChangeId | null },
): Promise<readonly StoredChange[]> {
  let query = narrow(db, scope, filter).selectAll('change').orderBy('id', 'desc').limit(limit)
  if (after !== null) query = query.where('id', '<', after)
  return (await query.execute()).map(toChange)
}

export async function countChanges(
  db: Handle,
  scope: WorkspaceScope,
  filter: ChangeFilter,
): Promise<number> {
  const { count } = await narrow(db, scope, filter)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

function narrow(db: Handle, scope: WorkspaceScope, { states, rule, target, words }: ChangeFilter) {
  let query = db.selectFrom('change').where('workspaceId', '=', scope.workspaceId)
  if (states) query = query.where('state', 'in', states)
  const holding = (eb: ExpressionBuilder<Tables, 'change'>) =>
    eb
      .selectFrom('changeItem')
      .select('changeItem.changeId')
      .where('changeItem.workspaceId', '=', scope.workspaceId)
  if (rule) query = query.where('id', 'in', (eb) => holding(eb).where('ruleId', '=', rule))
  if (target) query = query.where('id', 'in', (eb) => holding(eb).where('targetId', '=', target))
  for (const word of words ?? []) query = query.where(hasWord('title', word))
  return query
}

/** Those that can still be decided or deployed, oldest first. */
export async function selectOpen(
  db: Handle,
  scope: WorkspaceScope,
): Promise<readonly StoredChange[]> {
  const rows = await db
    .selectFrom('change')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('state', 'in', OPEN_STATES)
    .orderBy('id')
    .execute()
  return rows.map(toChange)
}

/** Those opened at ends of this one's exclusions that are not settled, oldest first. */
export async function selectFollowing(
  db: Handle,
  scope: WorkspaceScope,
  id: ChangeId,
): Promise<readonly StoredChange[]> {
  const rows = await db
    .selectFrom('change')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('follows', '=', id)
    .where('state', 'in', [...OPEN_STATES, 'deploying'])
    .orderBy('id')
    .execute()
  return rows.map(toChange)
}

// ── Items ────────────────────────────────────────────────────────────────────────────────────────

const ROWS_AT_ONCE = 100

/** In the place of those it has. */
export async function putItems(tx: Tx, id: ChangeId, items: readonly StoredItem[]): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .deleteFrom('changeItem')
    .where('workspaceId', '=', workspaceId)
    .where('changeId', '=', id)
    .execute()
  for (let at = 0; at < items.length; at += ROWS_AT_ONCE) {
    const rows = items.slice(at, at + ROWS_AT_ONCE).map((item) => ({
      ...item,
      workspaceId,
      changeId: id,
      body: jsonOrNull(item.body),
      becomes: jsonOrNull(item.becomes),
      replaces: jsonOrNull(item.replaces),
      switches: item.switches.length === 0 ? null : JSON.stringify(item.switches),
      switchesAt: item.switches[0]?.at ?? null,
      inputs: JSON.stringify(item.inputs),
      problems: JSON.stringify(item.problems),
      waivers: JSON.stringify(item.waivers),
    }))
    await tx.insertInto('changeItem').values(rows).execute()
  }
}

export async function updateItem(
  tx: Tx,
  id: ChangeId,
  number: number,
  { waivers }: Pick<ChangeItem, 'waivers'>,
): Promise<void> {
  await tx
    .updateTable('changeItem')
    .set({ waivers: JSON.stringify(waivers) })
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('changeId', '=', id)
    .where('number', '=', number)
    .execute()
}

const jsonOrNull = (value: object | null) => (value === null ? null : JSON.stringify(value))

/** By number. */
export async function selectItems(
  db: Handle,
  scope: WorkspaceScope,
  id: ChangeId,
): Promise<readonly StoredItem[]> {
  const rows = await db
    .selectFrom('changeItem')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('changeId', '=', id)
    .orderBy('number')
    .execute()
  return rows.map(toItem)
}

const Body = Kept<NonNullable<ChangeItem['body']>>()
const Standing = Kept<Replaced>()
const Switches = Kept<readonly Switch[]>()
const Problems = Kept<readonly Problem[]>()
const Waivers = Kept<readonly Waiver[]>()

function toItem({ workspaceId: _, switchesAt: _at, ...row }: ItemRow): StoredItem {
  return {
    ...row,
    kind: row.kind as SiemKind,
    action: row.action as ChangeAction,
    body: row.body === null ? null : Body.parse(JSON.parse(row.body)),
    becomes: row.becomes === null ? null : Body.parse(JSON.parse(row.becomes)),
    replaces: row.replaces === null ? null : Standing.parse(JSON.parse(row.replaces)),
    switches: row.switches === null ? [] : Switches.parse(JSON.parse(row.switches)),
    inputs: Digests.parse(JSON.parse(row.inputs)),
    problems: Problems.parse(JSON.parse(row.problems)),
    waivers: Waivers.parse(JSON.parse(row.waivers)),
  }
}

// ── Signatures and talk ──────────────────────────────────────────────────────────────────────────

export async function insertSignature(
  tx: Tx,
  changeId: ChangeId,
  { isPasskey: _, passkey, ...signature }: StoredSignature,
): Promise<void> {
  const number = (await selectSignatures(tx, tx.scope, changeId)).length + 1
  await tx
    .insertInto('changeSignature')
    .values({
      ...signature,
      workspaceId: tx.scope.workspaceId,
      changeId,
      number,
      passkey: jsonOrNull(passkey),
    })
    .execute()
}

/** In the order in which they were given, with those that count no longer. */
export async function selectSignatures(
  db: Handle,
  scope: WorkspaceScope,
  changeId: ChangeId,
): Promise<readonly StoredSignature[]> {
  const rows = await db
    .selectFrom('changeSignature')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('changeId', '=', changeId)
    .orderBy('number')
    .execute()
  return rows.map(({ workspaceId: _, changeId: _c, number: _n, passkey, ...row }) => ({
    ...row,
    isPasskey: passkey !== null,
    passkey:
      passkey === null
        ? null
        : Kept<NonNullable<SignatureProof['passkey']>>().parse(JSON.parse(passkey)),
  }))
}

/** All that count still, or those of one person; they stay to be read. */
export async function voidSignatures(
  tx: Tx,
  changeId: ChangeId,
  because: string,
  userId?: UserId,
): Promise<void> {
  let query = tx
    .updateTable('changeSignature')
    .set({ voidedBecause: because })
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('changeId', '=', changeId)
    .where('voidedBecause', 'is', null)
  if (userId !== undefined) query = query.where('userId', '=', userId)
  await query.execute()
}

export async function insertComment(
  tx: Tx,
  changeId: ChangeId,
  comment: Omit<ChangeComment, 'number'>,
): Promise<ChangeComment> {
  const number = (await selectComments(tx, tx.scope, changeId)).length + 1
  const { workspaceId } = tx.scope
  await tx
    .insertInto('changeComment')
    .values({ ...comment, workspaceId, changeId, number })
    .execute()
  return { ...comment, number }
}

/** Oldest first. */
export async function selectComments(
  db: Handle,
  scope: WorkspaceScope,
  changeId: ChangeId,
): Promise<readonly ChangeComment[]> {
  return db
    .selectFrom('changeComment')
    .select(['number', 'by', 'text', 'at'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('changeId', '=', changeId)
    .orderBy('number')
    .execute()
}

export async function insertEvent(
  tx: Tx,
  changeId: ChangeId,
  event: { what: string; reason: string; by: Actor; at: Instant },
): Promise<void> {
  const { workspaceId } = tx.scope
  const last = await tx
    .selectFrom('changeEvent')
    .select('number')
    .where('workspaceId', '=', workspaceId)
    .where('changeId', '=', changeId)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  const number = (last?.number ?? 0) + 1
  await tx
    .insertInto('changeEvent')
    .values({ ...event, workspaceId, changeId, number })
    .execute()
}

/** Oldest first. */
export async function selectEvents(
  db: Handle,
  scope: WorkspaceScope,
  changeId: ChangeId,
): Promise<readonly ChangeEvent[]> {
  return db
    .selectFrom('changeEvent')
    .select(['number', 'what', 'reason', 'by', 'at'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('changeId', '=', changeId)
    .orderBy('number')
    .execute()
}
