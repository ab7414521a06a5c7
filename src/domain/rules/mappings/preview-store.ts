// SQL of what a draft of a mapping would change: one preview a target, the newest.

import type { JobId, RuleId, TargetId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { MappingEffect } from './effect.ts'
import type { MappedRule } from './preview-task.ts'

type Handle = Pick<Reader, 'selectFrom'>

export interface MappingPreview {
  readonly targetId: TargetId
  /** Of the draft it is about. */
  readonly contentHash: string
  readonly jobId: JobId
  /** Compiled so far. */
  readonly ruleCount: number
  readonly startedAt: Instant
  /** Null while it runs, or when it was stopped. */
  readonly endedAt: Instant | null
}

export async function findPreview(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
): Promise<MappingPreview | undefined> {
  return db
    .selectFrom('mappingPreview')
    .select(['targetId', 'contentHash', 'jobId', 'ruleCount', 'startedAt', 'endedAt'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('targetId', '=', targetId)
    .executeTakeFirst()
}

/** In the place of the one there is. */
export async function putPreview(tx: Tx, preview: MappingPreview): Promise<void> {
  const { workspaceId } = tx.scope
  await deletePreviewRules(tx, preview.targetId)
  await tx
    .deleteFrom('mappingPreview')
    .where('workspaceId', '=', workspaceId)
    .where('targetId', '=', preview.targetId)
    .execute()
  await tx
    .insertInto('mappingPreview')
    .values({ ...preview, workspaceId })
    .execute()
}

export async function deletePreviewRules(tx: Tx, targetId: TargetId): Promise<void> {
  await tx
    .deleteFrom('mappingPreviewRule')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('targetId', '=', targetId)
    .execute()
}

export async function updatePreview(
  tx: Tx,
  targetId: TargetId,
  change: Partial<Pick<MappingPreview, 'ruleCount' | 'endedAt'>>,
): Promise<void> {
  await tx
    .updateTable('mappingPreview')
    .set(change)
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('targetId', '=', targetId)
    .execute()
}

export interface PreviewedRule extends MappedRule {
  readonly ruleId: RuleId
}

export async function insertPreviewRules(
  tx: Tx,
  targetId: TargetId,
  rules: readonly PreviewedRule[],
): Promise<void> {
  if (rules.length === 0) return
  const { workspaceId } = tx.scope
  const rows = rules.map((rule) => ({ ...rule, targetId, workspaceId }))
  await tx.insertInto('mappingPreviewRule').values(rows).execute()
}

export type EffectCounts = Readonly<Record<MappingEffect, number>>

export async function countEffects(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
): Promise<EffectCounts> {
  const rows = await db
    .selectFrom('mappingPreviewRule')
    .select(['effect', (eb) => eb.fn.countAll<number>().as('count')])
    .where('workspaceId', '=', scope.workspaceId)
    .where('targetId', '=', targetId)
    .groupBy('effect')
    .execute()
  const counts = Object.fromEntries(rows.map(({ effect, count }) => [effect, count]))
  return { changed: 0, gained: 0, lost: 0, ...counts }
}

export interface PreviewedRuleRow extends PreviewedRule {
  readonly title: string
}

/** In the order of the rules. A rule that is gone since is left out. */
export async function selectPreviewRules(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
  {
    effect,
    limit,
    after,
  }: {
    readonly effect: MappingEffect | undefined
    readonly limit: number
    readonly after: RuleId | null
  },
): Promise<readonly PreviewedRuleRow[]> {
  let query = db
    .selectFrom('mappingPreviewRule')
    .innerJoin('rule', (join) =>
      join
        .onRef('rule.workspaceId', '=', 'mappingPreviewRule.workspaceId')
        .onRef('rule.id', '=', 'mappingPreviewRule.ruleId'),
    )
    .select([
      'mappingPreviewRule.ruleId',
      'mappingPreviewRule.effect',
      'mappingPreviewRule.before',
      'mappingPreviewRule.after',
      'rule.title',
    ])
    .where('mappingPreviewRule.workspaceId', '=', scope.workspaceId)
    .where('mappingPreviewRule.targetId', '=', targetId)
    .orderBy('mappingPreviewRule.ruleId')
    .limit(limit)
  if (effect !== undefined) query = query.where('mappingPreviewRule.effect', '=', effect)
  if (after !== null) query = query.where('mappingPreviewRule.ruleId', '>', after)
  return query.execute()
}
