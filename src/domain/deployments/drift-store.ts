// SQL of findings of drift, and of what they are found in: places beside what was seen of them.

import type { Selectable } from 'kysely'
import { forbidden } from '#kernel/error.ts'
import type { DependencyId, DriftId, RuleId, TargetId } from '#kernel/id.ts'
import type { SiemKind } from '#kernel/siem.ts'
import type { Instant } from '#kernel/time.ts'
import { hasWord } from '#platform/db/words.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { Drift, StandingBefore } from './drift.ts'
import type { DriftFilter } from './drift-input.ts'

type Handle = Pick<Reader, 'selectFrom'>
type Row = Selectable<Tables['drift']>
export type NewDrift = Omit<Row, 'workspaceId'>

export async function insertDrift(tx: Tx, row: NewDrift): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .insertInto('drift')
    .values({ ...row, workspaceId })
    .execute()
}

export async function updateDrift(
  tx: Tx,
  id: DriftId,
  change: Partial<Omit<NewDrift, 'id' | 'targetId' | 'ruleId'>>,
): Promise<void> {
  await tx
    .updateTable('drift')
    .set(change)
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('id', '=', id)
    .execute()
}

/** Of these rules, or of all dependencies, at a target: the newest finding of each, open or ended. */
export async function selectNewest(
  tx: Tx,
  targetId: TargetId,
  ruleIds: readonly RuleId[] | null,
): Promise<ReadonlyMap<string, NewDrift>> {
  const query = tx
    .selectFrom('drift')
    .selectAll()
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('targetId', '=', targetId)
  const rows = await (
    ruleIds === null
      ? query.where('dependencyId', 'is not', null)
      : query.where('ruleId', 'in', ruleIds)
  )
    .orderBy('id')
    .execute()
  return new Map(
    rows.map(({ workspaceId: _, ...row }) => [row.ruleId ?? row.dependencyId ?? '', row]),
  )
}

/** Open findings of rules that have no place there any more. */
export async function selectUnplaced(tx: Tx, targetId: TargetId): Promise<readonly NewDrift[]> {
  const { workspaceId } = tx.scope
  const rows = await tx
    .selectFrom('drift')
    .selectAll()
    .where('workspaceId', '=', workspaceId)
    .where('targetId', '=', targetId)
    .where('state', '=', 'found')
    .where('ruleId', 'is not', null)
    .where('ruleId', 'not in', (eb) =>
      eb
        .selectFrom('placement')
        .select('placement.ruleId')
        .where('placement.workspaceId', '=', workspaceId)
        .where('placement.targetId', '=', targetId),
    )
    .execute()
  return rows.map(({ workspaceId: _, ...row }) => row)
}

/** Which rules stand on a target, in the order of their ids. */
export async function selectPlacedRules(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
): Promise<readonly RuleId[]> {
  const rows = await db
    .selectFrom('placement')
    .select('ruleId')
    .where('workspaceId', '=', scope.workspaceId)
    .where('targetId', '=', targetId)
    .orderBy('ruleId')
    .execute()
  return rows.map(({ ruleId }) => ruleId)
}

/** Targets on which something of ours stands. */
export async function selectPlacedTargets(
  db: Handle,
  scope: WorkspaceScope,
): Promise<readonly TargetId[]> {
  const rows = await db
    .selectFrom('placement')
    .select('targetId')
    .distinct()
    .where('workspaceId', '=', scope.workspaceId)
    .orderBy('targetId')
    .execute()
  return rows.map(({ targetId }) => targetId)
}

/** When what these places say now began, by rule: a write of ours may be newer than what was read. */
export async function selectBegun(
  tx: Tx,
  targetId: TargetId,
  ruleIds: readonly RuleId[],
): Promise<ReadonlyMap<RuleId, Instant>> {
  const rows = await tx
    .selectFrom('placementHistory')
    .select(['ruleId', 'fromAt'])
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('targetId', '=', targetId)
    .where('ruleId', 'in', ruleIds)
    .where('toAt', 'is', null)
    .execute()
  return new Map(rows.map(({ ruleId, fromAt }) => [ruleId, fromAt]))
}

/** Rules that a deployment is writing there, or wrote so that a person has to tell what became of it. */
export async function selectBeingWritten(
  tx: Tx,
  targetId: TargetId,
  ruleIds: readonly RuleId[],
): Promise<ReadonlySet<RuleId>> {
  const rows = await tx
    .selectFrom('deploymentItem')
    .innerJoin('deployment', (join) =>
      join
        .onRef('deployment.workspaceId', '=', 'deploymentItem.workspaceId')
        .onRef('deployment.id', '=', 'deploymentItem.deploymentId')
        .on('deployment.workspaceId', '=', tx.scope.workspaceId),
    )
    .innerJoin('placement', (join) =>
      join
        .onRef('placement.workspaceId', '=', 'deploymentItem.workspaceId')
        .onRef('placement.ruleId', '=', 'deploymentItem.ruleId')
        .onRef('placement.targetId', '=', 'deploymentItem.targetId')
        .on('placement.workspaceId', '=', tx.scope.workspaceId),
    )
    .select('deploymentItem.ruleId')
    .distinct()
    .where('deploymentItem.workspaceId', '=', tx.scope.workspaceId)
    .where('deploymentItem.targetId', '=', targetId)
    .where('deploymentItem.ruleId', 'in', ruleIds)
    .where('deployment.isDryRun', '=', 0)
    .where((eb) =>
      eb.or([
        eb('deployment.state', 'in', ['deploying', 'verifying', 'rolling_back']),
        eb.and([
          eb('deploymentItem.state', '=', 'unknown'),
          eb('placement.state', '=', 'unknown'),
          // A later deployment may have settled it.
          eb.or([
            eb('placement.deploymentId', 'is', null),
            eb('placement.deploymentId', '<=', eb.ref('deploymentItem.deploymentId')),
          ]),
        ]),
      ]),
    )
    .execute()
  return new Set(rows.map(({ ruleId }) => ruleId))
}

/** How places stood last when that was known and as it should be. */
export async function selectStoodBefore(
  tx: Tx,
  targetId: TargetId,
  ruleIds: readonly RuleId[],
): Promise<ReadonlyMap<RuleId, StandingBefore>> {
  const rows = await tx
    .selectFrom('placementHistory')
    .select(['ruleId', 'state'])
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('targetId', '=', targetId)
    .where('ruleId', 'in', ruleIds)
    .where('state', 'in', ['soaking', 'live', 'paused'])
    .orderBy('number')
    .execute()
  return new Map(rows.map(({ ruleId, state }) => [ruleId, state as StandingBefore]))
}

export type SeenRow = Pick<
  Selectable<Tables['observedRule']>,
  | 'ref'
  | 'name'
  | 'hash'
  | 'body'
  | 'isEnabled'
  | 'notices'
  | 'missingSince'
  | 'lastSeenAt'
  | 'remoteChangedAt'
  | 'remoteChangedBy'
>

/** What was seen of these objects, by their refs. */
export async function selectSeen(
  tx: Tx,
  targetId: TargetId,
  refs: readonly string[],
): Promise<ReadonlyMap<string, SeenRow>> {
  const rows = await tx
    .selectFrom('observedRule')
    .select(['ref', 'name', 'hash', 'body', 'isEnabled', 'notices'])
    .select(['missingSince', 'lastSeenAt', 'remoteChangedAt', 'remoteChangedBy'])
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('targetId', '=', targetId)
    .where('ref', 'in', refs)
    .execute()
  return new Map(rows.map((row) => [row.ref, row]))
}

export interface MovedDependency {
  readonly id: DependencyId
  readonly kind: string
  readonly name: string
  readonly version: number
  readonly hash: string
  readonly definition: string
  /** What it was when the first of those rules was put there; null: it was not told then. */
  readonly before: string | null
  /** How many rules that stand there build on it. */
  readonly rules: number
}

/** What rules of ours build on, and is another since they were put there. */
export async function selectMovedDependencies(
  tx: Tx,
  targetId: TargetId,
): Promise<readonly MovedDependency[]> {
  const { workspaceId } = tx.scope
  const rows = await tx
    .selectFrom('dependency')
    .innerJoin('observedDependency', (join) =>
      join
        .onRef('observedDependency.workspaceId', '=', 'dependency.workspaceId')
        .onRef('observedDependency.dependencyId', '=', 'dependency.id')
        .on('observedDependency.workspaceId', '=', workspaceId),
    )
    .innerJoin('observedRule', (join) =>
      join
        .onRef('observedRule.workspaceId', '=', 'observedDependency.workspaceId')
        .onRef('observedRule.id', '=', 'observedDependency.observedId')
        .on('observedRule.workspaceId', '=', workspaceId),
    )
    .innerJoin('placement', (join) =>
      join
        .onRef('placement.workspaceId', '=', 'observedRule.workspaceId')
        .onRef('placement.targetId', '=', 'observedRule.targetId')
        .onRef('placement.ref', '=', 'observedRule.ref')
        .on('placement.workspaceId', '=', workspaceId),
    )
    .select(['dependency.id', 'dependency.kind', 'dependency.name', 'dependency.version'])
    .select(['dependency.hash', 'dependency.definition'])
    .select(({ fn }) => [fn.countAll<number>().as('rules'), fn.min('placement.since').as('since')])
    .where('dependency.workspaceId', '=', workspaceId)
    .where('dependency.targetId', '=', targetId)
    .where('dependency.version', '>', 1)
    .whereRef('dependency.changedAt', '>', 'placement.since')
    .groupBy('dependency.id')
    .execute()
  const moved: MovedDependency[] = []
  for (const { since, hash, definition, ...row } of rows) {
    if (hash === null || definition === null) continue
    const before = await tx
      .selectFrom('dependencyVersion')
      .select('definition')
      .where('workspaceId', '=', workspaceId)
      .where('dependencyId', '=', row.id)
      .where('at', '<=', since)
      .orderBy('number', 'desc')
      .limit(1)
      .executeTakeFirst()
    moved.push({ ...row, hash, definition, before: before?.definition ?? null })
  }
  return moved
}

export async function touchPlaces(
  tx: Tx,
  targetId: TargetId,
  ruleIds: readonly RuleId[],
  checkedAt: Instant,
): Promise<void> {
  if (ruleIds.length === 0) return
  await tx
    .updateTable('placement')
    .set({ checkedAt })
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('targetId', '=', targetId)
    .where('ruleId', 'in', ruleIds)
    .execute()
}

// ── Looking ──────────────────────────────────────────────────────────────────────────────────────

function findings(db: Handle, { workspaceId }: WorkspaceScope) {
  return db
    .selectFrom('drift')
    .innerJoin('target', (join) =>
      join
        .onRef('target.workspaceId', '=', 'drift.workspaceId')
        .onRef('target.id', '=', 'drift.targetId')
        .on('target.workspaceId', '=', workspaceId),
    )
    .leftJoin('rule', (join) =>
      join
        .onRef('rule.workspaceId', '=', 'drift.workspaceId')
        .onRef('rule.id', '=', 'drift.ruleId')
        .on('rule.workspaceId', '=', workspaceId),
    )
    .leftJoin('placement', (join) =>
      join
        .onRef('placement.workspaceId', '=', 'drift.workspaceId')
        .onRef('placement.ruleId', '=', 'drift.ruleId')
        .onRef('placement.targetId', '=', 'drift.targetId')
        .on('placement.workspaceId', '=', workspaceId),
    )
    .where('drift.workspaceId', '=', workspaceId)
}

const SHOWN = [
  'target.name as targetName',
  'target.kind as targetKind',
  'rule.title as ruleTitle',
  'placement.ownership',
] as const

/** What is asked of the list: the filter of every door, and words of a name or title. */
export interface FindingsWanted extends DriftFilter {
  readonly words?: readonly string[]
}

function narrowed(db: Handle, scope: WorkspaceScope, filter: FindingsWanted) {
  const { state, target, rule, kind, words = [] } = filter
  let query = findings(db, scope)
  if (state === 'found') query = query.where('drift.state', '=', 'found')
  if (state === 'ended') query = query.where('drift.state', '!=', 'found')
  if (target !== undefined) query = query.where('drift.targetId', '=', target)
  if (rule !== undefined) query = query.where('drift.ruleId', '=', rule)
  if (kind !== undefined) query = query.where('drift.kind', '=', kind)
  for (const word of words) {
    query = query.where((eb) =>
      eb.or([
        hasWord('drift.name', word),
        hasWord('rule.title', word),
        hasWord('target.name', word),
      ]),
    )
  }
  return query
}

/** Newest first. */
export async function selectDrift(
  db: Handle,
  scope: WorkspaceScope,
  filter: FindingsWanted,
  { limit, after }: { readonly limit: number; readonly after: DriftId | null },
): Promise<readonly Drift[]> {
  const query = narrowed(db, scope, filter)
  const rows = await (after === null ? query : query.where('drift.id', '<', after))
    .selectAll('drift')
    .select(SHOWN)
    .orderBy('drift.id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(toDrift)
}

export async function countDrift(
  db: Handle,
  scope: WorkspaceScope,
  filter: FindingsWanted,
): Promise<number> {
  const { count } = await narrowed(db, scope, filter)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** Throws `forbidden` for one that is not here. */
export async function getDrift(db: Handle, scope: WorkspaceScope, id: DriftId): Promise<Drift> {
  const row = await findings(db, scope)
    .selectAll('drift')
    .select(SHOWN)
    .where('drift.id', '=', id)
    .executeTakeFirst()
  if (!row) throw forbidden()
  return toDrift(row)
}

type ShownRow = Row & {
  readonly targetName: string
  readonly targetKind: string
  readonly ruleTitle: string | null
  readonly ownership: Drift['ownership']
}

function toDrift({ workspaceId: _, observed: _body, ...row }: ShownRow): Drift {
  return {
    ...row,
    targetKind: row.targetKind as SiemKind,
    fields: JSON.parse(row.fields) as Drift['fields'],
    notices: JSON.parse(row.notices) as Drift['notices'],
  }
}
