// SQL of what rules built on at an instant, and of what was found beside what was to stand there.

import type { RuleId, TargetId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader } from '#platform/db/tx.ts'
import type { AsOf, AsOfDependency } from './as-of.ts'

type Handle = Pick<Reader, 'selectFrom'>

/** Of an object of a target, as the last reading before `at` had found it; null where there is none. */
export async function findDependenciesAt(
  db: Handle,
  { workspaceId }: WorkspaceScope,
  {
    targetId,
    ref,
    at,
  }: { readonly targetId: TargetId; readonly ref: string; readonly at: Instant },
): Promise<readonly AsOfDependency[] | null> {
  const row = await db
    .selectFrom('builtOn')
    .select('things')
    .where('workspaceId', '=', workspaceId)
    .where('targetId', '=', targetId)
    .where('ref', '=', ref)
    .where('at', '<=', at)
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row ? (JSON.parse(row.things) as readonly AsOfDependency[]) : null
}

/** What stood there while it was found to differ. */
export async function findFoundAt(
  db: Handle,
  { workspaceId }: WorkspaceScope,
  {
    targetId,
    ruleId,
    at,
  }: { readonly targetId: TargetId; readonly ruleId: RuleId; readonly at: Instant },
): Promise<AsOf['found']> {
  const row = await db
    .selectFrom('drift')
    .select('observed')
    .where('workspaceId', '=', workspaceId)
    .where('targetId', '=', targetId)
    .where('ruleId', '=', ruleId)
    .where('foundAt', '<=', at)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.observed ? (JSON.parse(row.observed) as AsOf['body']) : null
}
