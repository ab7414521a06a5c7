// SQL of alerts and of what people made of them.

import type { Selectable } from 'kysely'
import { forbidden } from '#kernel/error.ts'
import type { AlertId, RuleId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Tx } from '#platform/db/tx.ts'
import { NO_DISPOSITIONS, type AlertRef, type DispositionCounts } from './alert.ts'
import type { Handle } from './rule-store.ts'

type Row = Selectable<Tables['alertRef']>
export type NewAlert = Omit<AlertRef, 'targetName' | 'disposedBy' | 'note'>

const ROWS_AT_ONCE = 100

/** Those that are known stay as they are; what the target decided meanwhile is taken where nobody here did. */
export async function saveAlerts(tx: Tx, alerts: readonly NewAlert[]): Promise<void> {
  const { workspaceId } = tx.scope
  for (let at = 0; at < alerts.length; at += ROWS_AT_ONCE) {
    const rows = alerts.slice(at, at + ROWS_AT_ONCE)
    await tx
      .insertInto('alertRef')
      .values(rows.map((row) => ({ ...row, workspaceId, disposedBy: null, note: '' })))
      .onConflict((conflict) =>
        conflict.columns(['workspaceId', 'targetId', 'remoteId', 'ruleId']).doNothing(),
      )
      .execute()
  }
  for (const { targetId, remoteId, ruleId, disposition, disposedAt } of alerts) {
    if (disposition === null) continue
    await tx
      .updateTable('alertRef')
      .set({ disposition, disposedAt })
      .where('workspaceId', '=', workspaceId)
      .where('targetId', '=', targetId)
      .where('remoteId', '=', remoteId)
      .where('ruleId', '=', ruleId)
      .where('disposedBy', 'is', null)
      .where((eb) => eb.or([eb('disposition', 'is', null), eb('disposition', '!=', disposition)]))
      .execute()
  }
}

export async function deleteAlertsBefore(tx: Tx, before: Instant): Promise<void> {
  await tx
    .deleteFrom('alertRef')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('at', '<', before)
    .execute()
}

/** Newest first. */
export async function selectAlerts(
  db: Handle,
  scope: WorkspaceScope,
  ruleId: RuleId,
  limit: number,
): Promise<readonly AlertRef[]> {
  const rows = await withTarget(db, scope)
    .where('alertRef.ruleId', '=', ruleId)
    .orderBy('alertRef.at', 'desc')
    .orderBy('alertRef.id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(toAlert)
}

/** Throws `forbidden` for one that is not here. */
export async function getAlert(db: Handle, scope: WorkspaceScope, id: AlertId): Promise<AlertRef> {
  const row = await withTarget(db, scope).where('alertRef.id', '=', id).executeTakeFirst()
  if (!row) throw forbidden()
  return toAlert(row)
}

function withTarget(db: Handle, scope: WorkspaceScope) {
  return db
    .selectFrom('alertRef')
    .innerJoin('target', (join) =>
      join
        .onRef('target.workspaceId', '=', 'alertRef.workspaceId')
        .onRef('target.id', '=', 'alertRef.targetId')
        .on('target.workspaceId', '=', scope.workspaceId),
    )
    .selectAll('alertRef')
    .select('target.name as targetName')
    .where('alertRef.workspaceId', '=', scope.workspaceId)
}

export async function updateDisposition(
  tx: Tx,
  id: AlertId,
  change: Pick<Row, 'disposition' | 'disposedAt' | 'disposedBy' | 'note'>,
): Promise<void> {
  await tx
    .updateTable('alertRef')
    .set(change)
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('id', '=', id)
    .execute()
}

export async function countDispositions(
  db: Handle,
  scope: WorkspaceScope,
  ruleId: RuleId,
): Promise<DispositionCounts> {
  const rows = await db
    .selectFrom('alertRef')
    .select(['disposition', ({ fn }) => fn.countAll<number>().as('count')])
    .where('workspaceId', '=', scope.workspaceId)
    .where('ruleId', '=', ruleId)
    .where('disposition', 'is not', null)
    .groupBy('disposition')
    .execute()
  const counted = rows.map(
    ({ disposition, count }) => [disposition as keyof DispositionCounts, count] as const,
  )
  return { ...NO_DISPOSITIONS, ...Object.fromEntries(counted) }
}

function toAlert({ workspaceId: _, ...row }: Row & { targetName: string }): AlertRef {
  return { ...row, disposition: row.disposition as AlertRef['disposition'] }
}
