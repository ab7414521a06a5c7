// SQL of exclusions: a row over the newest text, its versions, and the rules each is bound to.

import type { Selectable, Updateable } from 'kysely'
import { forbidden } from '#kernel/error.ts'
import type { ExclusionId, RuleId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import {
  stateOf,
  type Exclusion,
  type ExclusionState,
  type ExclusionVersion,
  type NamedRule,
} from './exclusion.ts'
import { readHidden } from './hidden.ts'

type Handle = Pick<Reader, 'selectFrom'>
export type ExclusionRow = Selectable<Tables['exclusion']>

export async function insertExclusion(
  tx: Tx,
  row: Omit<ExclusionRow, 'workspaceId'>,
): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .insertInto('exclusion')
    .values({ ...row, workspaceId })
    .execute()
}

export async function updateExclusion(
  tx: Tx,
  id: ExclusionId,
  change: Updateable<Tables['exclusion']>,
): Promise<void> {
  await tx
    .updateTable('exclusion')
    .set(change)
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('id', '=', id)
    .execute()
}

export async function insertExclusionVersion(
  tx: Tx,
  row: Omit<Selectable<Tables['exclusionVersion']>, 'workspaceId'>,
): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .insertInto('exclusionVersion')
    .values({ ...row, workspaceId })
    .execute()
}

/** In the place of those it was bound to. */
export async function bindExclusion(
  tx: Tx,
  exclusionId: ExclusionId,
  ruleIds: readonly RuleId[],
): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .deleteFrom('exclusionRule')
    .where('workspaceId', '=', workspaceId)
    .where('exclusionId', '=', exclusionId)
    .execute()
  for (const ruleId of ruleIds) {
    await tx.insertInto('exclusionRule').values({ workspaceId, exclusionId, ruleId }).execute()
  }
}

/** Throws `forbidden` for an exclusion that is not of this workspace, or is nowhere. */
export async function getExclusionRow(
  db: Handle,
  scope: WorkspaceScope,
  id: ExclusionId,
): Promise<ExclusionRow> {
  const row = await db
    .selectFrom('exclusion')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw forbidden()
  return row
}

/** Those of them that bear one of these Sigma ids. */
export async function selectExclusionsBySigmaId(
  db: Handle,
  scope: WorkspaceScope,
  sigmaIds: readonly string[],
): Promise<readonly ExclusionRow[]> {
  if (sigmaIds.length === 0) return []
  return db
    .selectFrom('exclusion')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('sigmaId', 'in', sigmaIds)
    .execute()
}

/** Those of them whose newest text has one of these hashes. */
export async function selectExclusionsByHash(
  db: Handle,
  scope: WorkspaceScope,
  hashes: readonly string[],
): Promise<readonly ExclusionRow[]> {
  return db
    .selectFrom('exclusion')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('contentHash', 'in', hashes)
    .execute()
}

/** Newest first; of an exclusion that is not here none. */
export async function selectExclusionVersions(
  db: Handle,
  scope: WorkspaceScope,
  id: ExclusionId,
  limit: number,
): Promise<readonly ExclusionVersion[]> {
  return db
    .selectFrom('exclusionVersion')
    .select(['number', 'text', 'contentHash', 'why', 'createdAt', 'createdBy'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('exclusionId', '=', id)
    .orderBy('number', 'desc')
    .limit(limit)
    .execute()
}

export interface ExclusionFilter {
  /** In force and overdue when absent. */
  readonly state?: ExclusionState | 'all' | undefined
  readonly rule?: RuleId | undefined
  readonly endsBefore?: Instant | undefined
}

export type ExclusionPlace = readonly [endsAt: number, id: string]

export interface ExclusionsWanted extends ExclusionFilter {
  readonly limit: number
  readonly after: ExclusionPlace | null
  readonly now: Instant
}

/** Those that end first come first. */
export async function selectExclusions(
  db: Handle,
  scope: WorkspaceScope,
  { limit, after, ...wanted }: ExclusionsWanted,
): Promise<readonly ExclusionRow[]> {
  let query = filtered(db, scope, wanted)
    .selectAll('exclusion')
    .orderBy('exclusion.endsAt')
    .orderBy('exclusion.id')
    .limit(limit)
  if (after !== null) {
    const [endsAt, id] = after as readonly [Instant, ExclusionId]
    query = query.where((eb) =>
      eb.or([
        eb('exclusion.endsAt', '>', endsAt),
        eb.and([eb('exclusion.endsAt', '=', endsAt), eb('exclusion.id', '>', id)]),
      ]),
    )
  }
  return query.execute()
}

export async function countExclusions(
  db: Handle,
  scope: WorkspaceScope,
  wanted: Omit<ExclusionsWanted, 'limit' | 'after'>,
): Promise<number> {
  const row = await filtered(db, scope, wanted)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return row.count
}

function filtered(
  db: Handle,
  scope: WorkspaceScope,
  { state, rule, endsBefore, now }: Omit<ExclusionsWanted, 'limit' | 'after'>,
) {
  let query = db.selectFrom('exclusion').where('exclusion.workspaceId', '=', scope.workspaceId)
  if (state !== 'all') {
    query = query.where('exclusion.state', '=', state === 'ended' ? 'ended' : 'in_force')
  }
  if (state === 'in_force') query = query.where('exclusion.endsAt', '>', now)
  if (state === 'overdue') query = query.where('exclusion.endsAt', '<=', now)
  if (endsBefore !== undefined) query = query.where('exclusion.endsAt', '<', endsBefore)
  if (rule !== undefined) {
    query = query.where('exclusion.id', 'in', (eb) =>
      eb
        .selectFrom('exclusionRule')
        .select('exclusionRule.exclusionId')
        .where('exclusionRule.workspaceId', '=', scope.workspaceId)
        .where('exclusionRule.ruleId', '=', rule),
    )
  }
  return query
}

export interface BoundRule extends NamedRule {
  readonly version: number
  readonly exclusionId: ExclusionId
}

/** The rules of these exclusions, by title. */
export async function selectBoundRules(
  db: Handle,
  scope: WorkspaceScope,
  ids: readonly ExclusionId[],
): Promise<readonly BoundRule[]> {
  if (ids.length === 0) return []
  return db
    .selectFrom('exclusionRule')
    .innerJoin('rule', (join) =>
      join
        .onRef('rule.workspaceId', '=', 'exclusionRule.workspaceId')
        .onRef('rule.id', '=', 'exclusionRule.ruleId'),
    )
    .select(['exclusionRule.exclusionId', 'rule.id', 'rule.title', 'rule.version'])
    .where('exclusionRule.workspaceId', '=', scope.workspaceId)
    .where('exclusionRule.exclusionId', 'in', ids)
    .orderBy('rule.sortTitle')
    .orderBy('rule.id')
    .execute()
}

/** What is in force or overdue over each of these rules: those that end first come first. */
export async function selectExclusionsOver(
  db: Handle,
  scope: WorkspaceScope,
  ruleIds: readonly RuleId[],
): Promise<readonly (ExclusionRow & { readonly ruleId: RuleId })[]> {
  if (ruleIds.length === 0) return []
  return db
    .selectFrom('exclusionRule')
    .innerJoin('exclusion', (join) =>
      join
        .onRef('exclusion.workspaceId', '=', 'exclusionRule.workspaceId')
        .onRef('exclusion.id', '=', 'exclusionRule.exclusionId')
        .on('exclusion.workspaceId', '=', scope.workspaceId),
    )
    .selectAll('exclusion')
    .select('exclusionRule.ruleId')
    .where('exclusionRule.workspaceId', '=', scope.workspaceId)
    .where('exclusionRule.ruleId', 'in', ruleIds)
    .where('exclusion.state', '=', 'in_force')
    .orderBy('exclusion.endsAt')
    .orderBy('exclusion.id')
    .execute()
}

export interface LaidOver {
  readonly ruleId: RuleId
  readonly exclusionId: ExclusionId
  readonly contentHash: string
  readonly text: string
  readonly title: string
  readonly endsAt: Instant
}

/** What is in force over these rules at that time, oldest first. */
export async function selectLaidOver(
  db: Handle,
  scope: WorkspaceScope,
  ruleIds: readonly RuleId[],
  now: Instant,
): Promise<readonly LaidOver[]> {
  if (ruleIds.length === 0) return []
  return db
    .selectFrom('exclusionRule')
    .innerJoin('exclusion', (join) =>
      join
        .onRef('exclusion.workspaceId', '=', 'exclusionRule.workspaceId')
        .onRef('exclusion.id', '=', 'exclusionRule.exclusionId'),
    )
    .innerJoin('exclusionVersion', (join) =>
      join
        .onRef('exclusionVersion.workspaceId', '=', 'exclusion.workspaceId')
        .onRef('exclusionVersion.exclusionId', '=', 'exclusion.id')
        .onRef('exclusionVersion.number', '=', 'exclusion.version'),
    )
    .select(['exclusionRule.ruleId', 'exclusionRule.exclusionId', 'exclusion.title'])
    .select(['exclusionVersion.contentHash', 'exclusionVersion.text', 'exclusion.endsAt'])
    .where('exclusionRule.workspaceId', '=', scope.workspaceId)
    .where('exclusionRule.ruleId', 'in', ruleIds)
    .where('exclusion.state', '=', 'in_force')
    .where('exclusion.endsAt', '>', now)
    .orderBy('exclusion.id')
    .execute()
}

export interface TextOf<Id> {
  readonly id: Id
  readonly text: string
}

/** Newest texts of these exclusions. */
export async function selectExclusionTexts(
  db: Handle,
  scope: WorkspaceScope,
  ids: readonly ExclusionId[],
): Promise<readonly TextOf<ExclusionId>[]> {
  if (ids.length === 0) return []
  return db
    .selectFrom('exclusion')
    .innerJoin('exclusionVersion', (join) =>
      join
        .onRef('exclusionVersion.workspaceId', '=', 'exclusion.workspaceId')
        .onRef('exclusionVersion.exclusionId', '=', 'exclusion.id')
        .onRef('exclusionVersion.number', '=', 'exclusion.version'),
    )
    .select(['exclusion.id', 'exclusionVersion.text'])
    .where('exclusion.workspaceId', '=', scope.workspaceId)
    .where('exclusion.id', 'in', ids)
    .execute()
}

/** Newest texts of these rules. */
export async function selectRuleTexts(
  db: Handle,
  scope: WorkspaceScope,
  ids: readonly RuleId[],
): Promise<readonly TextOf<RuleId>[]> {
  if (ids.length === 0) return []
  return db
    .selectFrom('rule')
    .innerJoin('ruleVersion', (join) =>
      join
        .onRef('ruleVersion.workspaceId', '=', 'rule.workspaceId')
        .onRef('ruleVersion.ruleId', '=', 'rule.id')
        .onRef('ruleVersion.number', '=', 'rule.version'),
    )
    .select(['rule.id', 'ruleVersion.text'])
    .where('rule.workspaceId', '=', scope.workspaceId)
    .where('rule.id', 'in', ids)
    .execute()
}

export function toExclusion(
  { workspaceId: _, hidden, ...row }: ExclusionRow,
  rules: readonly BoundRule[],
  now: Instant,
): Exclusion {
  const state = stateOf(row, now)
  return {
    ...row,
    state,
    rules: rules.map(({ id, title }) => ({ id, title })),
    hidden: readHidden(hidden, { version: row.version, rules }),
  }
}
