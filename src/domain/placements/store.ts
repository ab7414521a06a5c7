// SQL of placements.

import type { Selectable } from 'kysely'
import type { RuleId, TargetId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import type { SiemKind } from '#kernel/siem.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { NamedPlacement, Placement, PlacementState, Standing } from './placement.ts'

type Handle = Pick<Reader, 'selectFrom'>
type Row = Selectable<Tables['placement']>

/** Which ones: everything that is named has to fit. */
export interface Which {
  readonly ruleIds?: readonly RuleId[]
  readonly targetId?: TargetId
  readonly states?: readonly PlacementState[]
}

/** By title and target; an object that is there already is replaced by what `placement` says. */
export async function savePlacement(tx: Tx, placement: Placement): Promise<void> {
  const { body, raw, isSigned, ...rest } = placement
  const row = {
    ...rest,
    body: JSON.stringify(body),
    raw: JSON.stringify(raw),
    isSigned: isSigned ? (1 as const) : (0 as const),
  }
  await tx
    .insertInto('placement')
    .values({ ...row, workspaceId: tx.scope.workspaceId })
    .onConflict((conflict) =>
      conflict.columns(['workspaceId', 'ruleId', 'targetId']).doUpdateSet(row),
    )
    .execute()
}

export async function updatePlacement(
  tx: Tx,
  { ruleId, targetId }: Pick<Placement, 'ruleId' | 'targetId'>,
  change: Partial<Pick<Placement, 'state' | 'soakUntil' | 'checkedAt' | 'etag' | 'ownership'>>,
): Promise<void> {
  await tx
    .updateTable('placement')
    .set(change)
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('ruleId', '=', ruleId)
    .where('targetId', '=', targetId)
    .execute()
}

export async function deletePlacement(
  tx: Tx,
  { ruleId, targetId }: Pick<Placement, 'ruleId' | 'targetId'>,
): Promise<void> {
  await tx
    .deleteFrom('placement')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('ruleId', '=', ruleId)
    .where('targetId', '=', targetId)
    .execute()
}

export async function selectPlacements(
  db: Handle,
  scope: WorkspaceScope,
  { ruleIds, targetId, states }: Which,
): Promise<readonly NamedPlacement[]> {
  let query = db
    .selectFrom('placement')
    .innerJoin('rule', (join) =>
      join
        .onRef('rule.workspaceId', '=', 'placement.workspaceId')
        .onRef('rule.id', '=', 'placement.ruleId')
        .on('rule.workspaceId', '=', scope.workspaceId),
    )
    .innerJoin('target', (join) =>
      join
        .onRef('target.workspaceId', '=', 'placement.workspaceId')
        .onRef('target.id', '=', 'placement.targetId')
        .on('target.workspaceId', '=', scope.workspaceId),
    )
    .selectAll('placement')
    .select(['rule.title as ruleTitle', 'target.name as targetName', 'target.kind'])
    .where('placement.workspaceId', '=', scope.workspaceId)
  if (ruleIds) query = query.where('placement.ruleId', 'in', ruleIds)
  if (targetId) query = query.where('placement.targetId', '=', targetId)
  if (states) query = query.where('placement.state', 'in', states)
  const rows = await query.orderBy('rule.title').orderBy('target.name').execute()
  return rows.map(({ ruleTitle, targetName, kind, ...row }) => ({
    ...toPlacement(row),
    ruleTitle,
    targetName,
    kind: kind as SiemKind,
  }))
}

/** How a rule stands, wherever it does. */
export async function selectStates(tx: Tx, ruleId: RuleId): Promise<readonly PlacementState[]> {
  const rows = await tx
    .selectFrom('placement')
    .select('state')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('ruleId', '=', ruleId)
    .execute()
  return rows.map(({ state }) => state)
}

export interface LastWrite {
  readonly ruleId: RuleId
  readonly targetId: TargetId
  /** Without its mark. */
  readonly body: Placement['body']
}

/** What was written last of these rules, wherever they were not taken away since. */
export async function selectLastWrites(
  db: Handle,
  scope: WorkspaceScope,
  ruleIds: readonly RuleId[],
): Promise<readonly LastWrite[]> {
  const { workspaceId } = scope
  const last = db
    .selectFrom('deploymentItem')
    .select(['ruleId', 'targetId'])
    .select(({ fn }) => fn.max('deploymentId').as('deploymentId'))
    .where('workspaceId', '=', workspaceId)
    .where('ruleId', 'in', ruleIds)
    .where('action', 'in', ['add', 'change', 'remove', 'unmanage'])
    .where('state', 'in', ['done', 'same'])
    .groupBy(['ruleId', 'targetId'])
  const rows = await db
    .selectFrom('deploymentItem')
    .innerJoin(last.as('last'), (join) =>
      join
        .onRef('last.ruleId', '=', 'deploymentItem.ruleId')
        .onRef('last.targetId', '=', 'deploymentItem.targetId')
        .onRef('last.deploymentId', '=', 'deploymentItem.deploymentId'),
    )
    .select(['deploymentItem.ruleId', 'deploymentItem.targetId', 'deploymentItem.body'])
    .where('deploymentItem.workspaceId', '=', workspaceId)
    .where('deploymentItem.ruleId', 'in', ruleIds)
    .execute()
  return rows.flatMap(({ body, ...row }) =>
    body === null ? [] : [{ ...row, body: JSON.parse(body) as Placement['body'] }],
  )
}

/** Without bodies: what a list of rules shows beside each. */
export async function selectWhere(
  db: Handle,
  scope: WorkspaceScope,
  ruleIds: readonly RuleId[],
): Promise<readonly Standing[]> {
  return db
    .selectFrom('placement')
    .innerJoin('target', (join) =>
      join
        .onRef('target.workspaceId', '=', 'placement.workspaceId')
        .onRef('target.id', '=', 'placement.targetId')
        .on('target.workspaceId', '=', scope.workspaceId),
    )
    .select(['placement.ruleId', 'placement.targetId', 'target.name as targetName'])
    .select(['placement.state', 'placement.version'])
    .where('placement.workspaceId', '=', scope.workspaceId)
    .where('placement.ruleId', 'in', ruleIds)
    .orderBy('target.name')
    .execute()
}

function toPlacement({ workspaceId: _, body, raw, isSigned, ...row }: Row): Placement {
  return {
    ...row,
    body: JSON.parse(body) as Placement['body'],
    raw: JSON.parse(raw) as Json,
    isSigned: isSigned === 1,
  }
}
