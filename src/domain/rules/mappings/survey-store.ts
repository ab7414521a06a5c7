// SQL of what rules use that a target has no name for: the newest look at each target.

import { z } from 'zod'
import type { TargetId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { SurveyFound } from './survey-task.ts'

export interface MappingSurvey {
  readonly targetId: TargetId
  readonly ruleCount: number
  readonly found: SurveyFound
  readonly madeAt: Instant
}

const Found = z.custom<SurveyFound>((one) => typeof one === 'object' && one !== null)

export async function findSurvey(
  db: Pick<Reader, 'selectFrom'>,
  scope: WorkspaceScope,
  targetId: TargetId,
): Promise<MappingSurvey | undefined> {
  const row = await db
    .selectFrom('mappingSurvey')
    .select(['targetId', 'ruleCount', 'found', 'madeAt'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('targetId', '=', targetId)
    .executeTakeFirst()
  return row && { ...row, found: Found.parse(JSON.parse(row.found)) }
}

/** In the place of the one there is. */
export async function putSurvey(tx: Tx, { found, ...survey }: MappingSurvey): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .deleteFrom('mappingSurvey')
    .where('workspaceId', '=', workspaceId)
    .where('targetId', '=', survey.targetId)
    .execute()
  await tx
    .insertInto('mappingSurvey')
    .values({ ...survey, workspaceId, found: JSON.stringify(found) })
    .execute()
}
