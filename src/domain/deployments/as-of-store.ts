// SQL of what rules built on at an instant, and of what was found beside what was to stand there.

import type { RuleId, TargetId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader } from '#platform/db/tx.ts'
import type { AsOf, AsOfDependency } from './as-of.ts'

type Handle = Pick<Reader, 'selectFrom'>

/** Of an object of a target, by what it is known to build on; each in the version of then. */
export async function selectDependenciesAt(
  db: Handle,
  { workspaceId }: WorkspaceScope,
  {
    targetId,
    ref,
    at,
  }: { readonly targetId: TargetId; readonly ref: string; readonly at: Instant },
): Promise<readonly AsOfDependency[]> {
  const rows = await db
    .selectFrom('observedRule')
    .innerJoin('observedDependency', (join) =>
      join
        .onRef('observedDependency.workspaceId', '=', 'observedRule.workspaceId')
        .onRef('observedDependency.observedId', '=', 'observedRule.id')
        .on('observedDependency.workspaceId', '=', workspaceId),
    )
    .innerJoin('dependency', (join) =>
      join
        .onRef('dependency.workspaceId', '=', 'observedDependency.workspaceId')
        .onRef('dependency.id', '=', 'observedDependency.dependencyId')
        .on('dependency.workspaceId', '=', workspaceId),
    )
    .innerJoin('dependencyVersion', (join) =>
      join
        .onRef('dependencyVersion.workspaceId', '=', 'dependency.workspaceId')
        .onRef('dependencyVersion.dependencyId', '=', 'dependency.id')
        .on('dependencyVersion.workspaceId', '=', workspaceId),
    )
    .select(['dependency.kind', 'dependency.name'])
    .select(['dependencyVersion.number as version', 'dependencyVersion.hash'])
    .where('observedRule.workspaceId', '=', workspaceId)
    .where('observedRule.targetId', '=', targetId)
    .where('observedRule.ref', '=', ref)
    .where('dependencyVersion.at', '<=', at)
    .orderBy('dependency.kind')
    .orderBy('dependency.name')
    .orderBy('dependencyVersion.number')
    .execute()
  // The last one of each name counts.
  return [...new Map(rows.map((row) => [`${row.kind} ${row.name}`, row])).values()]
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
