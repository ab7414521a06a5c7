// SQL of what still runs with exclusions that are over.

import type { ChangeId, RuleId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader } from '#platform/db/tx.ts'

export interface OverdueSwitch {
  readonly ruleId: RuleId
  readonly ruleTitle: string
  readonly targetName: string
  /** That deployed it with the exclusions. */
  readonly changeId: ChangeId
  /** When what was signed with it should have come in its place. */
  readonly at: Instant
}

/** The one that waits longest first. */
export async function selectOverdueSwitches(
  db: Pick<Reader, 'selectFrom'>,
  scope: WorkspaceScope,
  now: Instant,
): Promise<readonly OverdueSwitch[]> {
  return db
    .selectFrom('changeItem')
    .innerJoin('deployment', (join) =>
      join
        .onRef('deployment.workspaceId', '=', 'changeItem.workspaceId')
        .onRef('deployment.changeId', '=', 'changeItem.changeId')
        .on('deployment.kind', '=', 'change'),
    )
    .innerJoin('placement', (join) =>
      join
        .onRef('placement.workspaceId', '=', 'deployment.workspaceId')
        .onRef('placement.deploymentId', '=', 'deployment.id')
        .onRef('placement.ruleId', '=', 'changeItem.ruleId')
        .onRef('placement.targetId', '=', 'changeItem.targetId'),
    )
    .select(['changeItem.ruleId', 'changeItem.ruleTitle', 'changeItem.targetName'])
    .select(['changeItem.changeId', 'changeItem.switchesAt as at'])
    .where('changeItem.workspaceId', '=', scope.workspaceId)
    .where('changeItem.switchesAt', '<=', now)
    .orderBy('changeItem.switchesAt')
    .orderBy('changeItem.ruleId')
    .$narrowType<{ at: Instant }>()
    .execute()
}
