// SQL of deployments and their items.

import { sql, type Selectable, type Updateable } from 'kysely'
import type { Actor } from '#kernel/actor.ts'
import { forbidden } from '#kernel/error.ts'
import type { ChangeId, DeploymentId, RuleId, TargetId } from '#kernel/id.ts'
import type { SiemKind } from '#kernel/siem.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { hasWord } from '#platform/db/words.ts'
import { ITEM_STATES, type Deployment, type DeploymentState, type ItemState } from './deployment.ts'
import type { Item, ItemWish } from './item.ts'

type Handle = Pick<Reader, 'selectFrom'>
type Row = Selectable<Tables['deployment']>
type ItemRow = Selectable<Tables['deploymentItem']>

export interface NewDeployment {
  readonly id: DeploymentId
  readonly changeId: ChangeId
  readonly changeTitle: string
  readonly changeHash: string
  readonly kind: 'change' | 'rollback'
  readonly rollsBack: DeploymentId | null
  readonly isDryRun: boolean
  readonly startedAt: Instant
  readonly startedBy: Actor
}

/** Of a handful of values each: far below what one statement may hold. */
const ITEMS_A_STATEMENT = 200

export async function insertDeployment(
  tx: Tx,
  { isDryRun, ...deployment }: NewDeployment,
  items: readonly ItemWish[],
): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .insertInto('deployment')
    .values({
      ...deployment,
      workspaceId,
      state: 'queued',
      isDryRun: isDryRun ? 1 : 0,
      isCancelled: 0,
    })
    .execute()
  const rows = items.map(({ body, isSigned, ...item }, index) => ({
    ...item,
    workspaceId,
    deploymentId: deployment.id,
    number: index + 1,
    state: 'waiting',
    body: body && JSON.stringify(body),
    isSigned: isSigned ? (1 as const) : (0 as const),
  }))
  for (let from = 0; from < rows.length; from += ITEMS_A_STATEMENT) {
    const some = rows.slice(from, from + ITEMS_A_STATEMENT)
    await tx.insertInto('deploymentItem').values(some).execute()
  }
}

export type StoredDeployment = Deployment & { readonly changeHash: string }

/** Throws `forbidden` for one that is not of this workspace, or is nowhere. */
export async function getDeploymentRow(
  db: Handle,
  scope: WorkspaceScope,
  id: DeploymentId,
): Promise<StoredDeployment> {
  const [found] = await selectDeployments(db, scope, { id }, { limit: 1, after: null })
  if (!found) throw forbidden()
  return found
}

/** Every part that is there narrows. */
export interface DeploymentFilter {
  readonly id?: DeploymentId | undefined
  readonly changeId?: ChangeId | undefined
  readonly states?: readonly DeploymentState[] | undefined
  /** Each stands somewhere in the title of the change. */
  readonly words?: readonly string[] | undefined
}

/** Newest first. */
export async function selectDeployments(
  db: Handle,
  scope: WorkspaceScope,
  filter: DeploymentFilter,
  page: { readonly limit: number; readonly after: string | null },
): Promise<readonly StoredDeployment[]> {
  let query = narrowed(db, scope, filter).selectAll()
  if (page.after !== null) query = query.where('id', '<', page.after as DeploymentId)
  const rows = await query.orderBy('id', 'desc').limit(page.limit).execute()
  const counts = await countItems(
    db,
    scope,
    rows.map((row) => row.id),
  )
  return rows.map((row) => toDeployment(row, counts.get(row.id) ?? new Map()))
}

export async function countDeployments(
  db: Handle,
  scope: WorkspaceScope,
  filter: DeploymentFilter,
): Promise<number> {
  const { count } = await narrowed(db, scope, filter)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

function narrowed(
  db: Handle,
  scope: WorkspaceScope,
  { id, changeId, states, words }: DeploymentFilter,
) {
  let query = db.selectFrom('deployment').where('workspaceId', '=', scope.workspaceId)
  if (id !== undefined) query = query.where('id', '=', id)
  if (changeId !== undefined) query = query.where('changeId', '=', changeId)
  if (states !== undefined) query = query.where('state', 'in', states)
  for (const word of words ?? []) query = query.where(hasWord('changeTitle', word))
  return query
}

async function countItems(
  db: Handle,
  scope: WorkspaceScope,
  ids: readonly DeploymentId[],
): Promise<ReadonlyMap<DeploymentId, ReadonlyMap<string, number>>> {
  const counts = new Map<DeploymentId, Map<string, number>>()
  if (ids.length === 0) return counts
  const rows = await db
    .selectFrom('deploymentItem')
    .select(['deploymentId', 'state', sql<number>`count(*)`.as('count')])
    .where('workspaceId', '=', scope.workspaceId)
    .where('deploymentId', 'in', ids)
    .groupBy(['deploymentId', 'state'])
    .execute()
  for (const { deploymentId, state, count } of rows) {
    const own = counts.get(deploymentId) ?? new Map<string, number>()
    counts.set(deploymentId, own.set(state, count))
  }
  return counts
}

function toDeployment(
  { workspaceId: _, state, isDryRun, isCancelled, ...row }: Row,
  counts: ReadonlyMap<string, number>,
): StoredDeployment {
  const all = ITEM_STATES.map((one) => [one, counts.get(one) ?? 0] as const)
  return {
    ...row,
    state: state as DeploymentState,
    isDryRun: isDryRun === 1,
    isCancelled: isCancelled === 1,
    counts: Object.fromEntries(all) as Record<ItemState, number>,
  }
}

/** In their order. */
export async function selectItems(
  db: Handle,
  scope: WorkspaceScope,
  deploymentId: DeploymentId,
): Promise<readonly Item[]> {
  const rows = await db
    .selectFrom('deploymentItem')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('deploymentId', '=', deploymentId)
    .orderBy('number')
    .execute()
  return rows.map(toItem)
}

export type Unsettled = Pick<
  ItemRow,
  'deploymentId' | 'number' | 'ruleTitle' | 'targetName' | 'reason'
> & { readonly startedAt: Instant }

/** Items of which nobody knows how they ended, of the newest deployment first. */
export async function selectUnsettled(
  db: Handle,
  scope: WorkspaceScope,
  limit: number,
): Promise<{ readonly items: readonly Unsettled[]; readonly count: number }> {
  const { workspaceId } = scope
  const unsettled = db
    .selectFrom('deployment')
    .innerJoin('deploymentItem', (join) =>
      join
        .onRef('deploymentItem.workspaceId', '=', 'deployment.workspaceId')
        .onRef('deploymentItem.deploymentId', '=', 'deployment.id')
        .on('deploymentItem.workspaceId', '=', workspaceId),
    )
    .where('deployment.workspaceId', '=', workspaceId)
    // What went to its end, and back from it, left nothing open.
    .where('deployment.state', 'not in', ['deployed', 'rolled_back'])
    .where('deploymentItem.state', '=', 'unknown')
  const items = await unsettled
    .select(['deploymentItem.deploymentId', 'deploymentItem.number', 'deployment.startedAt'])
    .select(['deploymentItem.ruleTitle', 'deploymentItem.targetName', 'deploymentItem.reason'])
    .orderBy('deployment.id', 'desc')
    .orderBy('deploymentItem.number')
    .limit(limit)
    .execute()
  const { count } = await unsettled
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return { items, count }
}

/** What was written of a rule at a target and stood there when it was read back, newest first. */
export async function selectWritten(
  db: Handle,
  scope: WorkspaceScope,
  { ruleId, targetId }: { readonly ruleId: RuleId; readonly targetId: TargetId },
  limit: number,
): Promise<readonly Item[]> {
  const rows = await db
    .selectFrom('deploymentItem')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('ruleId', '=', ruleId)
    .where('targetId', '=', targetId)
    .where('state', 'in', ['done', 'same'])
    .where('body', 'is not', null)
    .orderBy('deploymentId', 'desc')
    .limit(limit)
    .execute()
  return rows.map(toItem)
}

/** How it was switched off last from here; undefined where it never was. */
export async function findPause(
  db: Handle,
  scope: WorkspaceScope,
  { ruleId, targetId }: { readonly ruleId: RuleId; readonly targetId: TargetId },
): Promise<Item | undefined> {
  const row = await db
    .selectFrom('deploymentItem')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('ruleId', '=', ruleId)
    .where('targetId', '=', targetId)
    .where('action', '=', 'pause')
    .where('state', '=', 'done')
    .orderBy('deploymentId', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && toItem(row)
}

export type DeploymentChange = Updateable<Tables['deployment']> & {
  readonly state?: DeploymentState
}

export async function updateDeployment(
  tx: Tx,
  id: DeploymentId,
  change: DeploymentChange,
): Promise<void> {
  await tx
    .updateTable('deployment')
    .set(change)
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('id', '=', id)
    .execute()
}

export type ItemChange = Partial<
  Pick<
    Item,
    'state' | 'ref' | 'body' | 'before' | 'after' | 'stood' | 'reason' | 'writtenAt' | 'verifiedAt'
  >
>

export async function updateItem(
  tx: Tx,
  { deploymentId, number }: Pick<Item, 'deploymentId' | 'number'>,
  { body, before, after, stood, ...change }: ItemChange,
): Promise<void> {
  const set: Updateable<Tables['deploymentItem']> = {
    ...change,
    ...(body !== undefined && { body: body && JSON.stringify(body) }),
    ...(before !== undefined && { before: before && JSON.stringify(before) }),
    ...(after !== undefined && { after: after && JSON.stringify(after) }),
    ...(stood !== undefined && { stood: stood && JSON.stringify(stood) }),
  }
  await tx
    .updateTable('deploymentItem')
    .set(set)
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('deploymentId', '=', deploymentId)
    .where('number', '=', number)
    .execute()
}

function toItem({ workspaceId: _, ...row }: ItemRow): Item {
  return {
    ...row,
    kind: row.kind as SiemKind,
    action: row.action as Item['action'],
    state: row.state as ItemState,
    body: parsed(row.body) as Item['body'],
    isSigned: row.isSigned === 1,
    before: parsed(row.before) as Item['before'],
    after: parsed(row.after) as Item['after'],
    stood: parsed(row.stood) as Item['stood'],
  }
}

/** Written by this file alone. */
function parsed(text: string | null): unknown {
  return text === null ? null : JSON.parse(text)
}
