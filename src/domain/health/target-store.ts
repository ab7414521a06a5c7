// SQL of how far each target was looked at, when it was away, and what it holds.

import { z } from 'zod'
import type { TargetId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { Handle } from './rule-store.ts'
import type { Delay, Outage, Source, Watch } from './watch.ts'

export async function findWatch(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
): Promise<Watch | undefined> {
  const row = await db
    .selectFrom('healthTarget')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('targetId', '=', targetId)
    .executeTakeFirst()
  if (!row) return undefined
  const { workspaceId: _, ...watch } = row
  return watch
}

export async function saveWatch(tx: Tx, watch: Watch): Promise<void> {
  await tx
    .insertInto('healthTarget')
    .values({ ...watch, workspaceId: tx.scope.workspaceId })
    .onConflict((conflict) => conflict.columns(['workspaceId', 'targetId']).doUpdateSet(watch))
    .execute()
}

export async function beginOutage(
  tx: Tx,
  { targetId, from, reason }: Omit<Outage, 'targetName' | 'to'>,
): Promise<void> {
  await tx
    .insertInto('healthOutage')
    .values({ workspaceId: tx.scope.workspaceId, targetId, fromAt: from, reason })
    .execute()
}

export async function endOutage(tx: Tx, targetId: TargetId, to: Instant): Promise<void> {
  await tx
    .updateTable('healthOutage')
    .set({ toAt: to })
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('targetId', '=', targetId)
    .where('toAt', 'is', null)
    .execute()
}

/** Those that last, and those that ended since; newest first. */
export async function selectOutages(
  db: Handle,
  scope: WorkspaceScope,
  since: Instant,
): Promise<readonly Outage[]> {
  const rows = await db
    .selectFrom('healthOutage')
    .innerJoin('target', (join) =>
      join
        .onRef('target.workspaceId', '=', 'healthOutage.workspaceId')
        .onRef('target.id', '=', 'healthOutage.targetId')
        .on('target.workspaceId', '=', scope.workspaceId),
    )
    .selectAll('healthOutage')
    .select('target.name as targetName')
    .where('healthOutage.workspaceId', '=', scope.workspaceId)
    .where((eb) => eb.or([eb('toAt', 'is', null), eb('toAt', '>=', since)]))
    .orderBy('fromAt', 'desc')
    .limit(100)
    .execute()
  return rows.map(({ workspaceId: _, fromAt: from, toAt: to, ...row }) => ({ ...row, from, to }))
}

const Columns = z.array(z.string())
const DelayColumn = z.custom<Delay>((value) => typeof value === 'object' && value !== null)

export async function selectSources(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
): Promise<readonly Source[]> {
  const rows = await db
    .selectFrom('healthSource')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('targetId', '=', targetId)
    .orderBy('name')
    .execute()
  return rows.map(({ workspaceId: _, columns, delay, ...row }) => ({
    ...row,
    columns: Columns.parse(JSON.parse(columns)),
    delay: delay === null ? null : DelayColumn.parse(JSON.parse(delay)),
  }))
}

export async function saveSource(tx: Tx, { columns, delay, ...source }: Source): Promise<void> {
  const row = {
    ...source,
    columns: JSON.stringify(columns),
    delay: delay === null ? null : JSON.stringify(delay),
  }
  await tx
    .insertInto('healthSource')
    .values({ ...row, workspaceId: tx.scope.workspaceId })
    .onConflict((conflict) =>
      conflict.columns(['workspaceId', 'targetId', 'name']).doUpdateSet(row),
    )
    .execute()
}

/** Targets on which a rule stands, by name. */
export async function selectTargetsInUse(
  db: Handle,
  scope: WorkspaceScope,
): Promise<readonly { readonly id: TargetId; readonly name: string }[]> {
  return db
    .selectFrom('target')
    .innerJoin('placement', (join) =>
      join
        .onRef('placement.workspaceId', '=', 'target.workspaceId')
        .onRef('placement.targetId', '=', 'target.id')
        .on('placement.workspaceId', '=', scope.workspaceId),
    )
    .select(['target.id', 'target.name'])
    .where('target.workspaceId', '=', scope.workspaceId)
    .groupBy(['target.id', 'target.name'])
    .orderBy('target.name')
    .execute()
}
