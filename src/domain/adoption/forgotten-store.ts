// SQL of objects that bear a mark of ours though the rule has no place there.

import type { ExpressionBuilder, Selectable } from 'kysely'
import type { RuleId, TargetId } from '#kernel/id.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader } from '#platform/db/tx.ts'

type Handle = Pick<Reader, 'selectFrom'>
type Observed = Selectable<Tables['observedRule']>

export type MarkedRow = Pick<
  Observed,
  'targetId' | 'ref' | 'name' | 'hash' | 'body' | 'isEnabled' | 'lastSeenAt'
> & {
  readonly ruleId: RuleId
  readonly ruleTitle: string
  readonly targetName: string
  readonly targetKind: string
  /** A deployment of ours stood there under this very id or name: 1, else 0. */
  readonly isOnRecord: number
}

const UNDER_WAY = [
  'queued',
  'checking',
  'testing',
  'waiting_window',
  'deploying',
  'verifying',
  'rolling_back',
]

/**
 * Of rules of the workspace that have no place there, by title. Left out: what a person let go of, what is
 * adopted, what a deployment is about, and what was taken away since it was seen.
 */
export async function selectMarked(
  db: Handle,
  { workspaceId }: WorkspaceScope,
  which: { readonly ruleId?: RuleId; readonly targetId?: TargetId | undefined },
  limit: number,
): Promise<readonly MarkedRow[]> {
  let query = db
    .selectFrom('observedRule')
    .innerJoin('target', (join) =>
      join
        .onRef('target.workspaceId', '=', 'observedRule.workspaceId')
        .onRef('target.id', '=', 'observedRule.targetId')
        .on('target.workspaceId', '=', workspaceId),
    )
    .innerJoin('rule', (join) =>
      join
        .onRef('rule.workspaceId', '=', 'observedRule.workspaceId')
        .onRef('rule.id', '=', 'observedRule.marker')
        .on('rule.workspaceId', '=', workspaceId),
    )
    .where('observedRule.workspaceId', '=', workspaceId)
    .where('observedRule.missingSince', 'is', null)
  const { ruleId, targetId } = which
  if (ruleId) query = query.where('rule.id', '=', ruleId)
  if (targetId) query = query.where('observedRule.targetId', '=', targetId)
  return query
    .where((eb) => eb.not(eb.exists(placeOf(eb, workspaceId))))
    .where((eb) => eb.not(eb.exists(adoptionOf(eb, workspaceId))))
    .where((eb) => eb.not(eb.exists(dealtWith(eb, workspaceId))))
    .select(['observedRule.targetId', 'observedRule.ref', 'observedRule.name'])
    .select(['observedRule.hash', 'observedRule.body', 'observedRule.isEnabled'])
    .select(['observedRule.lastSeenAt', 'rule.id as ruleId', 'rule.title as ruleTitle'])
    .select(['target.name as targetName', 'target.kind as targetKind'])
    .select((eb) => eb.exists(writeOf(eb, workspaceId)).$castTo<number>().as('isOnRecord'))
    .orderBy('rule.title')
    .orderBy('observedRule.id')
    .limit(limit)
    .execute()
}

type There = ExpressionBuilder<Tables, 'observedRule' | 'rule'>

function placeOf(eb: There, workspaceId: WorkspaceScope['workspaceId']) {
  return eb
    .selectFrom('placement')
    .select('placement.ruleId')
    .where('placement.workspaceId', '=', workspaceId)
    .whereRef('placement.ruleId', '=', 'rule.id')
    .whereRef('placement.targetId', '=', 'observedRule.targetId')
}

function adoptionOf(eb: There, workspaceId: WorkspaceScope['workspaceId']) {
  return eb
    .selectFrom('adoption')
    .select('adoption.observedId')
    .where('adoption.workspaceId', '=', workspaceId)
    .whereRef('adoption.observedId', '=', 'observedRule.id')
}

/** Items of deployments about that rule there. */
function itemsOf(eb: There, workspaceId: WorkspaceScope['workspaceId']) {
  return eb
    .selectFrom('deploymentItem')
    .innerJoin('deployment', (join) =>
      join
        .onRef('deployment.workspaceId', '=', 'deploymentItem.workspaceId')
        .onRef('deployment.id', '=', 'deploymentItem.deploymentId')
        .on('deployment.workspaceId', '=', workspaceId),
    )
    .select('deploymentItem.number')
    .where('deploymentItem.workspaceId', '=', workspaceId)
    .where('deployment.isDryRun', '=', 0)
    .whereRef('deploymentItem.ruleId', '=', 'rule.id')
    .whereRef('deploymentItem.targetId', '=', 'observedRule.targetId')
}

/** Under way, left for a person to settle, let go of, or taken away since it was seen. */
function dealtWith(eb: There, workspaceId: WorkspaceScope['workspaceId']) {
  return itemsOf(eb, workspaceId).where((item) => {
    const isDone = item('deploymentItem.state', 'in', ['done', 'same'])
    const seenAt = item.ref('observedRule.lastSeenAt')
    return item.or([
      item('deployment.state', 'in', UNDER_WAY),
      item('deploymentItem.state', '=', 'unknown'),
      item.and([isDone, item('deploymentItem.action', '=', 'unmanage')]),
      item.and([
        isDone,
        item('deploymentItem.action', '=', 'remove'),
        item('deploymentItem.verifiedAt', '>=', seenAt),
      ]),
    ])
  })
}

/** It was put there under this very id or name. */
function writeOf(eb: There, workspaceId: WorkspaceScope['workspaceId']) {
  return itemsOf(eb, workspaceId)
    .whereRef('deploymentItem.ref', '=', 'observedRule.ref')
    .where('deploymentItem.writtenAt', 'is not', null)
}
