// SQL of samples: written again while their hour runs, made one of the day when they are old, forgotten
// at last; and of the hours in which a rule did not run.

import type { RuleId, SearchId, TargetId } from '#kernel/id.ts'
import { DAY, instant, type Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { Gap } from './gaps.ts'
import type { Handle } from './rule-store.ts'
import { dayOf, HOURLY_DAYS, KEPT_DAYS, sumOf, type Sample } from './sample.ts'

export interface SeriesSample extends Sample {
  readonly series: number
}

const ROWS_AT_ONCE = 100

/** Takes the place of what was known of the same time. */
export async function saveSamples(tx: Tx, samples: readonly SeriesSample[]): Promise<void> {
  const { workspaceId } = tx.scope
  for (let at = 0; at < samples.length; at += ROWS_AT_ONCE) {
    const rows = samples.slice(at, at + ROWS_AT_ONCE)
    await tx
      .insertInto('healthSample')
      .values(rows.map((row) => ({ ...row, workspaceId })))
      .onConflict((conflict) =>
        conflict.columns(['workspaceId', 'series', 'hours', 'at']).doUpdateSet((eb) => ({
          ran: eb.ref('excluded.ran'),
          failed: eb.ref('excluded.failed'),
          skipped: eb.ref('excluded.skipped'),
          alerts: eb.ref('excluded.alerts'),
          latencyMs: eb.ref('excluded.latencyMs'),
          lagMs: eb.ref('excluded.lagMs'),
        })),
      )
      .execute()
  }
}

/** Oldest first in each series. */
export async function selectSamples(
  db: Handle,
  scope: WorkspaceScope,
  series: readonly number[],
  from: Instant,
): Promise<readonly SeriesSample[]> {
  if (series.length === 0) return []
  return db
    .selectFrom('healthSample')
    .select(['series', 'hours', 'at', 'ran', 'failed', 'skipped', 'alerts', 'latencyMs', 'lagMs'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('series', 'in', series)
    .where('at', '>=', from)
    .orderBy('series')
    .orderBy('at')
    .execute()
}

/** Makes hours of long ago one of their day, for these series; and forgets what is older than a year. */
export async function rollUp(tx: Tx, series: readonly number[], now: Instant): Promise<number> {
  const { workspaceId } = tx.scope
  const before = dayOf(Math.max(0, now - HOURLY_DAYS * DAY))
  const old = await tx
    .selectFrom('healthSample')
    .select(['series', 'hours', 'at', 'ran', 'failed', 'skipped', 'alerts', 'latencyMs', 'lagMs'])
    .where('workspaceId', '=', workspaceId)
    .where('series', 'in', series)
    .where('hours', '=', 1)
    .where('at', '<', before)
    .execute()
  if (old.length > 0) {
    const days = Map.groupBy(old, ({ series: one, at }) => `${one} ${dayOf(at)}`)
    const rows = [...days.values()].map((own) => {
      const [{ series: one, at }] = own as [SeriesSample]
      return { series: one, hours: 24 as const, at: dayOf(at), ...sumOf(own) }
    })
    await saveSamples(tx, rows)
    await tx
      .deleteFrom('healthSample')
      .where('workspaceId', '=', workspaceId)
      .where('series', 'in', series)
      .where('hours', '=', 1)
      .where('at', '<', before)
      .execute()
  }
  await tx
    .deleteFrom('healthSample')
    .where('workspaceId', '=', workspaceId)
    .where('series', 'in', series)
    .where('at', '<', instant(Math.max(0, now - KEPT_DAYS * DAY)))
    .execute()
  return old.length
}

/** Oldest first in each series. */
export async function selectGaps(
  db: Handle,
  scope: WorkspaceScope,
  series: readonly number[],
): Promise<readonly Gap[]> {
  if (series.length === 0) return []
  const rows = await db
    .selectFrom('healthGap')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('series', 'in', series)
    .orderBy('series')
    .orderBy('fromAt')
    .execute()
  return rows.map(({ workspaceId: _, fromAt: from, toAt: to, ...row }) => ({ ...row, from, to }))
}

/** Makes the plan of a series what is given; what was asked stays. */
export async function replacePlan(
  tx: Tx,
  series: number,
  planned: readonly { readonly from: Instant; readonly to: Instant }[],
): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .deleteFrom('healthGap')
    .where('workspaceId', '=', workspaceId)
    .where('series', '=', series)
    .where('state', '=', 'planned')
    .execute()
  if (planned.length === 0) return
  await tx
    .insertInto('healthGap')
    .values(
      planned.map(({ from, to }) => ({
        workspaceId,
        series,
        fromAt: from,
        toAt: to,
        state: 'planned' as const,
      })),
    )
    .execute()
}

export interface PlannedGap {
  readonly series: number
  readonly ruleId: RuleId
  readonly targetId: TargetId
  readonly from: Instant
  readonly to: Instant
}

interface PlannedWanted {
  readonly ruleId?: RuleId | undefined
  readonly targetId?: TargetId | undefined
  /** What was claimed before and never asked is planned again. */
  readonly stale: Instant
}

const PLANNED_MAX = 10_000

/** Oldest first. */
export async function selectPlanned(
  db: Handle,
  scope: WorkspaceScope,
  { ruleId, targetId, stale }: PlannedWanted,
): Promise<readonly PlannedGap[]> {
  let query = db
    .selectFrom('healthGap')
    .innerJoin('healthRule', (join) =>
      join
        .onRef('healthRule.workspaceId', '=', 'healthGap.workspaceId')
        .onRef('healthRule.series', '=', 'healthGap.series')
        .on('healthRule.workspaceId', '=', scope.workspaceId),
    )
    .select(['healthGap.series', 'healthRule.ruleId', 'healthRule.targetId'])
    .select(['healthGap.fromAt as from', 'healthGap.toAt as to'])
    .where('healthGap.workspaceId', '=', scope.workspaceId)
    .where('healthGap.searchId', 'is', null)
    .where((eb) =>
      eb.or([eb('healthGap.state', '=', 'planned'), eb('healthGap.askedAt', '<', stale)]),
    )
  if (ruleId !== undefined) query = query.where('healthRule.ruleId', '=', ruleId)
  if (targetId !== undefined) query = query.where('healthRule.targetId', '=', targetId)
  return query.orderBy('healthGap.fromAt').orderBy('healthGap.series').limit(PLANNED_MAX).execute()
}

/** Whether nobody else asks for it: of two who want to, one does. */
export async function claimGap(
  tx: Tx,
  { series, from }: Pick<PlannedGap, 'series' | 'from'>,
  at: Instant,
  stale: Instant,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('healthGap')
    .set({ state: 'asked', askedAt: at })
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('series', '=', series)
    .where('fromAt', '=', from)
    .where('searchId', 'is', null)
    .where((eb) => eb.or([eb('state', '=', 'planned'), eb('askedAt', '<', stale)]))
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

/** The search that was asked; null gives it back to the plan. */
export async function settleGap(
  tx: Tx,
  { series, from }: Pick<PlannedGap, 'series' | 'from'>,
  searchId: SearchId | null,
): Promise<void> {
  await tx
    .updateTable('healthGap')
    .set(searchId === null ? { state: 'planned', askedAt: null } : { searchId })
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('series', '=', series)
    .where('fromAt', '=', from)
    .execute()
}
