// SQL of what rules of targets were found to build on, reading by reading. A reading that finds what the
// one before found is not kept, and none is ever changed by a later one.

import type { ObservedId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Tx } from '#platform/db/tx.ts'

const AT_ONCE = 200

/** Keeps what these are linked to now, where it is not what was kept last. In the write that links them. */
export async function keepBuiltOn(tx: Tx, ids: readonly ObservedId[], now: Instant): Promise<void> {
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    await keepSome(tx, ids.slice(at, at + AT_ONCE), now)
  }
}

async function keepSome(tx: Tx, ids: readonly ObservedId[], now: Instant): Promise<void> {
  const { workspaceId } = tx.scope
  const rules = await tx
    .selectFrom('observedRule')
    .select(['id', 'targetId', 'ref'])
    .select((eb) =>
      eb
        .selectFrom('builtOn')
        .select('builtOn.things')
        .where('builtOn.workspaceId', '=', workspaceId)
        .whereRef('builtOn.targetId', '=', 'observedRule.targetId')
        .whereRef('builtOn.ref', '=', 'observedRule.ref')
        .orderBy('builtOn.at', 'desc')
        .limit(1)
        .as('last'),
    )
    .where('workspaceId', '=', workspaceId)
    .where('id', 'in', ids)
    .execute()
  const links = await tx
    .selectFrom('observedDependency')
    .innerJoin('dependency', (join) =>
      join
        .onRef('dependency.workspaceId', '=', 'observedDependency.workspaceId')
        .onRef('dependency.id', '=', 'observedDependency.dependencyId')
        .on('dependency.workspaceId', '=', workspaceId),
    )
    .select(['observedDependency.observedId', 'kind', 'name', 'version', 'hash'])
    .where('observedDependency.workspaceId', '=', workspaceId)
    .where('observedDependency.observedId', 'in', ids)
    .orderBy('kind')
    .orderBy('name')
    .execute()
  const byRule = Map.groupBy(links, ({ observedId }) => observedId)
  for (const { id, targetId, ref, last } of rules) {
    const own = byRule.get(id) ?? []
    const things = JSON.stringify(own.map(({ observedId: _, ...thing }) => thing))
    if (things === last) continue
    await tx
      .insertInto('builtOn')
      .values({ workspaceId, targetId, ref, at: now, things })
      // The same pull may find more of a rule in a later write.
      .onConflict((conflict) =>
        conflict.columns(['workspaceId', 'targetId', 'ref', 'at']).doUpdateSet({ things }),
      )
      .execute()
  }
}
