// SQL of how rules fare: what was judged of each at each target, as lists and pages show it.

import { sql, type Selectable } from 'kysely'
import { z } from 'zod'
import type { RuleId, TargetId } from '#kernel/id.ts'
import type { SiemKind } from '#kernel/siem.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { Figures, RuleHealth } from './figures.ts'
import { rankOf, type HealthState } from './health.ts'
import type { HealthFilter } from './input.ts'
import type { Outline } from './outline.ts'
import type { Loud } from './pausing.ts'

export type Handle = Pick<Reader, 'selectFrom'>
type Row = Selectable<Tables['healthRule']>

/** Of a rule at a target, as sampling keeps it. */
export interface Known {
  readonly series: number
  readonly ruleId: RuleId
  readonly targetId: TargetId
  readonly state: HealthState
  readonly reason: string
  readonly since: Instant
  readonly judgedAt: Instant
  readonly watchedFrom: Instant
  readonly figures: Figures
  readonly outline: Outline
}

const FiguresColumn = z.custom<Figures>((value) => typeof value === 'object' && value !== null)
const OutlineColumn = z.custom<Outline>((value) => typeof value === 'object' && value !== null)

export async function selectKnown(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
): Promise<readonly Known[]> {
  const rows = await db
    .selectFrom('healthRule')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('targetId', '=', targetId)
    .execute()
  return rows.map(toKnown)
}

/** The number that the next pair of rule and target gets. */
export async function nextSeries(tx: Tx): Promise<number> {
  const { last } = await tx
    .selectFrom('healthRule')
    .select(({ fn }) => fn.max('series').as('last'))
    .where('workspaceId', '=', tx.scope.workspaceId)
    .executeTakeFirstOrThrow()
  return (last ?? 0) + 1
}

export async function saveKnown(tx: Tx, known: Known): Promise<void> {
  const { figures, outline, ...rest } = known
  const row = {
    ...rest,
    rank: rankOf(known.state),
    figures: JSON.stringify(figures),
    outline: JSON.stringify(outline),
  }
  await tx
    .insertInto('healthRule')
    .values({ ...row, workspaceId: tx.scope.workspaceId })
    .onConflict((conflict) => conflict.columns(['workspaceId', 'series']).doUpdateSet(row))
    .execute()
}

/** Where a page of the list begins: after the rank and the series of the last. */
export type HealthPlace = readonly [rank: number, series: number]

interface Wanted {
  readonly limit: number
  readonly after: HealthPlace | null
}

/** What stands somewhere, the worst first. */
export async function selectRuleHealth(
  db: Handle,
  scope: WorkspaceScope,
  filter: HealthFilter & { readonly rule?: RuleId | undefined },
  { limit, after }: Wanted,
): Promise<readonly RuleHealth[]> {
  let query = narrowed(db, scope, filter)
    .selectAll('healthRule')
    .select([
      'rule.title',
      'rule.level',
      'rule.group',
      'target.name as targetName',
      'target.kind',
      'placement.state as placement',
      'placement.version',
    ])
    // Of one rule these are a few rows: in the order of an index all the others would be walked for them.
    .orderBy(
      filter.rule === undefined
        ? sql.ref('healthRule.rank')
        : sql`${sql.ref('healthRule.rank')} + 0`,
    )
    .orderBy('healthRule.series')
    .limit(limit)
  if (after !== null) {
    const place = sql<boolean>`(${sql.ref('healthRule.rank')}, ${sql.ref('healthRule.series')}) > (${after[0]}, ${after[1]})`
    query = query.where(place)
  }
  const rows = await query.execute()
  return rows.map(({ title, level, group, targetName, kind, placement, version, ...row }) => ({
    ...toKnown(row),
    title,
    level,
    group,
    targetName,
    kind: kind as SiemKind,
    placement,
    version,
  }))
}

/** How many are in each state, whatever state the filter names. */
export async function countStates(
  db: Handle,
  scope: WorkspaceScope,
  filter: HealthFilter,
): Promise<ReadonlyMap<HealthState, number>> {
  const ofAnyState = { ...filter, state: undefined }
  // By itself an index holds what is counted; only what a rule says must be looked up with each.
  const isByRule = filter.group !== undefined || (filter.q ?? '') !== ''
  const query = isByRule
    ? narrowed(db, scope, ofAnyState).select('healthRule.state')
    : standing(db, scope, ofAnyState).select('healthRule.state')
  const rows = await query
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .groupBy('healthRule.state')
    .execute()
  return new Map(rows.map(({ state, count }) => [state as HealthState, count]))
}

type Narrowing = HealthFilter & { readonly rule?: RuleId | undefined }

/** What was judged of rules that still stand there. */
function standing(db: Handle, scope: WorkspaceScope, { state, target, rule }: Narrowing) {
  let query = db
    .selectFrom('healthRule')
    .innerJoin('placement', (join) =>
      join
        .onRef('placement.workspaceId', '=', 'healthRule.workspaceId')
        .onRef('placement.ruleId', '=', 'healthRule.ruleId')
        .onRef('placement.targetId', '=', 'healthRule.targetId')
        .on('placement.workspaceId', '=', scope.workspaceId),
    )
    .where('healthRule.workspaceId', '=', scope.workspaceId)
  if (state !== undefined) query = query.where('healthRule.state', '=', state)
  if (target !== undefined) query = query.where('healthRule.targetId', '=', target)
  if (rule !== undefined) query = query.where('healthRule.ruleId', '=', rule)
  return query
}

function narrowed(db: Handle, scope: WorkspaceScope, filter: Narrowing) {
  const { q, group } = filter
  let query = standing(db, scope, filter)
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
  if (group !== undefined) query = query.where('rule.group', '=', group)
  if (q !== undefined && q !== '') {
    const words = `%${q.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
    query = query.where(sql<boolean>`${sql.ref('rule.sortTitle')} like ${words} escape '\\'`)
  }
  return query
}

function toKnown({ workspaceId: _, rank: __, figures, outline, ...row }: Row): Known {
  return {
    ...row,
    state: row.state as HealthState,
    figures: FiguresColumn.parse(JSON.parse(figures)),
    outline: OutlineColumn.parse(JSON.parse(outline)),
  }
}

/** Alerts a day of each rule at each target; null where the target does not tell. */
export async function selectRates(
  db: Handle,
  scope: WorkspaceScope,
): Promise<
  readonly {
    readonly ruleId: RuleId
    readonly group: string | null
    readonly perDay: number | null
  }[]
> {
  const rows = await narrowed(db, scope, {})
    .select(['healthRule.ruleId', 'healthRule.figures', 'rule.group'])
    .execute()
  return rows.map(({ ruleId, group, figures }) => {
    const { perDay } = FiguresColumn.parse(JSON.parse(figures))
    return { ruleId, group, perDay }
  })
}

/** All that runs anywhere, with what decides whether it may be paused. */
export async function selectLoud(db: Handle, scope: WorkspaceScope): Promise<readonly Loud[]> {
  const rows = await narrowed(db, scope, {})
    .select(['healthRule.ruleId', 'healthRule.targetId', 'healthRule.figures'])
    .select(['healthRule.outline', 'rule.title', 'rule.level', 'rule.group', 'rule.tags'])
    .select('placement.ownership')
    .where('placement.state', 'in', ['live', 'drifted'])
    .execute()
  const outlines = rows.map(({ outline }) => OutlineColumn.parse(JSON.parse(outline)))
  const referred = new Set(outlines.flatMap(({ refersTo }) => refersTo))
  return rows.map(({ figures, outline: _, tags, ownership, ...row }, at) => ({
    ...row,
    tags: Tags.parse(JSON.parse(tags)),
    isManaged: ownership === 'managed',
    perDay: FiguresColumn.parse(JSON.parse(figures)).perDay,
    isFeed:
      outlines[at]!.output !== 'alert' || outlines[at]!.names.some((name) => referred.has(name)),
  }))
}

const Tags = z.array(z.string())

const RUNNING = ['live', 'drifted', 'unknown'] as const

/** Tags of a rule as written; none of one that runs nowhere. */
export async function selectRunningTags(
  db: Handle,
  scope: WorkspaceScope,
  ruleId: RuleId,
): Promise<readonly string[]> {
  const row = await db
    .selectFrom('placement')
    .innerJoin('rule', (join) =>
      join
        .onRef('rule.workspaceId', '=', 'placement.workspaceId')
        .onRef('rule.id', '=', 'placement.ruleId')
        .on('rule.workspaceId', '=', scope.workspaceId),
    )
    .select('rule.tags')
    .where('placement.workspaceId', '=', scope.workspaceId)
    .where('placement.ruleId', '=', ruleId)
    .where('placement.state', 'in', RUNNING)
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? [] : Tags.parse(JSON.parse(row.tags))
}

/** Of these tags, in lower case, those that another rule bears which runs somewhere. */
export async function selectSharedTags(
  db: Handle,
  scope: WorkspaceScope,
  ruleId: RuleId,
  tags: readonly string[],
): Promise<ReadonlySet<string>> {
  if (tags.length === 0) return new Set()
  const rows = await db
    .selectFrom('ruleTag')
    .innerJoin('placement', (join) =>
      join
        .onRef('placement.workspaceId', '=', 'ruleTag.workspaceId')
        .onRef('placement.ruleId', '=', 'ruleTag.ruleId')
        .on('placement.workspaceId', '=', scope.workspaceId),
    )
    .select('ruleTag.tag')
    .distinct()
    .where('ruleTag.workspaceId', '=', scope.workspaceId)
    .where('ruleTag.tag', 'in', tags)
    .where('ruleTag.ruleId', '!=', ruleId)
    .where('placement.state', 'in', RUNNING)
    .execute()
  return new Set(rows.map(({ tag }) => tag))
}
