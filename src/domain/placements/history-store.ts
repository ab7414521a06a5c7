// SQL of where rules stood, and of the times at which somebody looked.

import { sql, type Selectable } from 'kysely'
import type { TargetId } from '#kernel/id.ts'
import type { SiemKind } from '#kernel/siem.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { NamedPlacement, Placement, PlacementSpan, SpanWithBody } from './placement.ts'

type Handle = Pick<Reader, 'selectFrom'>
type Row = Selectable<Tables['placementHistory']>
type At = Pick<Placement, 'ruleId' | 'targetId'>

export async function findLastSpan(
  tx: Tx,
  { ruleId, targetId }: At,
): Promise<PlacementSpan | undefined> {
  const row = await tx
    .selectFrom('placementHistory')
    .selectAll()
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('ruleId', '=', ruleId)
    .where('targetId', '=', targetId)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && toSpan(row)
}

export async function endSpan(
  tx: Tx,
  { ruleId, targetId, number }: At & Pick<PlacementSpan, 'number'>,
  toAt: Instant,
): Promise<void> {
  await tx
    .updateTable('placementHistory')
    .set({ toAt })
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('ruleId', '=', ruleId)
    .where('targetId', '=', targetId)
    .where('number', '=', number)
    .where('toAt', 'is', null)
    .execute()
}

/** With its body, which is kept once however often it stands somewhere. */
export async function insertSpan(
  tx: Tx,
  now: NamedPlacement,
  { number, fromAt }: Pick<PlacementSpan, 'number' | 'fromAt'>,
): Promise<void> {
  const { workspaceId } = tx.scope
  const { ruleId, targetId, targetName, kind, ref, ownership, state, version, hash } = now
  const { origin, deploymentId, isSigned, body } = now
  await tx
    .insertInto('placementHistory')
    .values({
      workspaceId,
      ruleId,
      targetId,
      number,
      targetName,
      kind,
      ref,
      ownership,
      state,
      version,
      hash,
      origin,
      deploymentId,
      isSigned: isSigned ? 1 : 0,
      fromAt,
      toAt: null,
    })
    .execute()
  await tx
    .insertInto('placementBody')
    .values({ workspaceId, hash, body: JSON.stringify(body) })
    .onConflict((conflict) => conflict.columns(['workspaceId', 'hash']).doNothing())
    .execute()
}

export interface SpansWanted {
  readonly at: Instant
  readonly targetId?: TargetId | undefined
  readonly limit: number
  readonly after: readonly [sortTitle: string, ruleId: string, targetId: string] | null
}

/** By title of the rule. */
export async function selectSpansAt(
  db: Handle,
  scope: WorkspaceScope,
  { at, targetId, limit, after }: SpansWanted,
): Promise<readonly SpanWithBody[]> {
  let query = db
    .selectFrom('placementHistory')
    .innerJoin('placementBody', (join) =>
      join
        .onRef('placementBody.workspaceId', '=', 'placementHistory.workspaceId')
        .onRef('placementBody.hash', '=', 'placementHistory.hash')
        .on('placementBody.workspaceId', '=', scope.workspaceId),
    )
    .innerJoin('rule', (join) =>
      join
        .onRef('rule.workspaceId', '=', 'placementHistory.workspaceId')
        .onRef('rule.id', '=', 'placementHistory.ruleId')
        .on('rule.workspaceId', '=', scope.workspaceId),
    )
    .selectAll('placementHistory')
    .select(['placementBody.body', 'rule.title as ruleTitle', 'rule.sortTitle'])
    .where('placementHistory.workspaceId', '=', scope.workspaceId)
    .where('placementHistory.fromAt', '<=', at)
    .where((eb) =>
      eb.or([eb('placementHistory.toAt', 'is', null), eb('placementHistory.toAt', '>', at)]),
    )
  if (targetId !== undefined) query = query.where('placementHistory.targetId', '=', targetId)
  if (after !== null) {
    query = query.where(
      sql<boolean>`(${sql.ref('rule.sortTitle')}, ${sql.ref('placementHistory.ruleId')}, ${sql.ref('placementHistory.targetId')}) > (${after[0]}, ${after[1]}, ${after[2]})`,
    )
  }
  const rows = await query
    .orderBy('rule.sortTitle')
    .orderBy('placementHistory.ruleId')
    .orderBy('placementHistory.targetId')
    .limit(limit)
    .execute()
  return rows.map(({ body, ruleTitle, sortTitle, ...row }) => ({
    ...toSpan(row),
    ruleTitle,
    sortTitle,
    body: JSON.parse(body) as Placement['body'],
  }))
}

function toSpan({ workspaceId: _, kind, isSigned, ...row }: Row): PlacementSpan {
  return { ...row, kind: kind as SiemKind, isSigned: isSigned === 1 }
}

// ── Looks ────────────────────────────────────────────────────────────────────────────────────────

/** Of a target that is here; it may be gone when somebody asks for the times. */
export async function insertLook(
  tx: Tx,
  { targetId, at, isComplete }: { targetId: TargetId; at: Instant; isComplete: boolean },
): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .insertInto('targetLook')
    .columns(['workspaceId', 'targetId', 'at', 'isComplete'])
    .expression((eb) =>
      eb
        .selectFrom('target')
        .select((inner) => [
          inner.val(workspaceId).as('workspaceId'),
          'target.id',
          inner.val(at).as('at'),
          inner.val(isComplete ? (1 as const) : (0 as const)).as('isComplete'),
        ])
        .where('target.workspaceId', '=', workspaceId)
        .where('target.id', '=', targetId),
    )
    .onConflict((conflict) => conflict.columns(['workspaceId', 'targetId', 'at']).doNothing())
    .execute()
}

export interface Looks {
  /** Null: nobody had looked yet. */
  readonly lastAt: Instant | null
  /** Null: nobody has looked since. */
  readonly nextAt: Instant | null
}

export async function selectLooks(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
  at: Instant,
): Promise<Looks> {
  const looks = () =>
    db
      .selectFrom('targetLook')
      .select('at')
      .where('workspaceId', '=', scope.workspaceId)
      .where('targetId', '=', targetId)
      .limit(1)
  const last = await looks().where('at', '<=', at).orderBy('at', 'desc').executeTakeFirst()
  const next = await looks().where('at', '>', at).orderBy('at').executeTakeFirst()
  return { lastAt: last?.at ?? null, nextAt: next?.at ?? null }
}
