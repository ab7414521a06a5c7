// SQL of coverage: what each deployed rule is worth where it stands, and techniques by the day.

import { z } from 'zod'
import type { Selectable } from 'kysely'
import type { TargetId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { CoverageState, CoveringRule, Proof, Why } from './coverage.ts'
import type { CoverageFilter } from './input.ts'
import type { Handle } from './rule-store.ts'

const Ids = z.array(z.string())
type Row = Selectable<Tables['coverageProof']>

/** Of rules that stand somewhere, by name. */
export async function selectCovering(
  db: Handle,
  scope: WorkspaceScope,
  { target, group, product }: CoverageFilter,
): Promise<readonly CoveringRule[]> {
  let query = db
    .selectFrom('coverageProof')
    .innerJoin('healthRule', (join) =>
      join
        .onRef('healthRule.workspaceId', '=', 'coverageProof.workspaceId')
        .onRef('healthRule.series', '=', 'coverageProof.series')
        .on('healthRule.workspaceId', '=', scope.workspaceId),
    )
    .innerJoin('placement', (join) =>
      join
        .onRef('placement.workspaceId', '=', 'healthRule.workspaceId')
        .onRef('placement.ruleId', '=', 'healthRule.ruleId')
        .onRef('placement.targetId', '=', 'healthRule.targetId')
        .on('placement.workspaceId', '=', scope.workspaceId),
    )
    .innerJoin('rule', (join) =>
      join
        .onRef('rule.workspaceId', '=', 'healthRule.workspaceId')
        .onRef('rule.id', '=', 'healthRule.ruleId')
        .on('rule.workspaceId', '=', scope.workspaceId),
    )
    .innerJoin('target', (join) =>
      join
        .onRef('target.workspaceId', '=', 'healthRule.workspaceId')
        .onRef('target.id', '=', 'healthRule.targetId')
        .on('target.workspaceId', '=', scope.workspaceId),
    )
    .selectAll('coverageProof')
    .select(['healthRule.ruleId', 'healthRule.targetId', 'rule.title', 'target.name as targetName'])
    .where('coverageProof.workspaceId', '=', scope.workspaceId)
    .orderBy('rule.sortTitle')
    .orderBy('coverageProof.series')
  if (target !== undefined) query = query.where('healthRule.targetId', '=', target)
  if (group !== undefined) query = query.where('rule.group', '=', group)
  if (product !== undefined) query = query.where('rule.product', '=', product)
  const rows = await query.execute()
  return rows.map(({ ruleId, targetId, title, targetName, ...row }) => ({
    ...toProof(row),
    ruleId,
    targetId,
    title,
    targetName,
  }))
}

/** Products of log sources that rules which stand somewhere read. */
export async function selectProducts(
  db: Handle,
  scope: WorkspaceScope,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('placement')
    .innerJoin('rule', (join) =>
      join
        .onRef('rule.workspaceId', '=', 'placement.workspaceId')
        .onRef('rule.id', '=', 'placement.ruleId')
        .on('rule.workspaceId', '=', scope.workspaceId),
    )
    .select('rule.product')
    .distinct()
    .where('placement.workspaceId', '=', scope.workspaceId)
    .orderBy('rule.product')
    .execute()
  return rows.flatMap(({ product }) => product ?? [])
}

export async function selectProofs(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
): Promise<readonly Proof[]> {
  const rows = await db
    .selectFrom('coverageProof')
    .innerJoin('healthRule', (join) =>
      join
        .onRef('healthRule.workspaceId', '=', 'coverageProof.workspaceId')
        .onRef('healthRule.series', '=', 'coverageProof.series')
        .on('healthRule.workspaceId', '=', scope.workspaceId),
    )
    .selectAll('coverageProof')
    .where('coverageProof.workspaceId', '=', scope.workspaceId)
    .where('healthRule.targetId', '=', targetId)
    .execute()
  return rows.map(toProof)
}

export async function saveProof(tx: Tx, { techniques, proved, why, ...rest }: Proof) {
  const row = {
    ...rest,
    why: why ?? '',
    techniques: JSON.stringify(techniques),
    proved: JSON.stringify(proved),
  }
  await tx
    .insertInto('coverageProof')
    .values({ ...row, workspaceId: tx.scope.workspaceId })
    .onConflict((conflict) => conflict.columns(['workspaceId', 'series']).doUpdateSet(row))
    .execute()
}

function toProof({ workspaceId: _, techniques, proved, why, ...row }: Row): Proof {
  return {
    ...row,
    why: why === '' ? null : (why as Why),
    techniques: Ids.parse(JSON.parse(techniques)),
    proved: Ids.parse(JSON.parse(proved)),
  }
}

interface TechniqueDay {
  readonly technique: string
  readonly state: Exclude<CoverageState, 'none'>
}

const ROWS_AT_ONCE = 200

/** Takes the place of what was known of the day. */
export async function saveDay(tx: Tx, day: Instant, cells: readonly TechniqueDay[]): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .deleteFrom('coverageDay')
    .where('workspaceId', '=', workspaceId)
    .where('day', '=', day)
    .execute()
  for (let at = 0; at < cells.length; at += ROWS_AT_ONCE) {
    const rows = cells
      .slice(at, at + ROWS_AT_ONCE)
      .map(({ technique, state }) => ({ technique, state, day, workspaceId }))
    await tx.insertInto('coverageDay').values(rows).execute()
  }
}

export async function deleteDaysBefore(tx: Tx, day: Instant): Promise<void> {
  await tx
    .deleteFrom('coverageDay')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('day', '<', day)
    .execute()
}

/** How many techniques were in each state, oldest first. */
export async function countDays(
  db: Handle,
  scope: WorkspaceScope,
  from: Instant,
): Promise<
  readonly { readonly day: Instant; readonly state: CoverageState; readonly count: number }[]
> {
  return db
    .selectFrom('coverageDay')
    .select(['day', 'state', ({ fn }) => fn.countAll<number>().as('count')])
    .where('workspaceId', '=', scope.workspaceId)
    .where('day', '>=', from)
    .groupBy(['day', 'state'])
    .orderBy('day')
    .execute()
}
