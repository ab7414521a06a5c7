// What something is that rules build on, said by a person because the target does not tell: a macro that the
// credential may not see, a lookup, a model of machine learning. It is kept version by version as what is
// told; once the target tells of it, the target is right.

import { permit } from '#domain/access/permission.ts'
import { getTarget } from '#domain/targets/actions.ts'
import { AppError, assert } from '#kernel/error.ts'
import { contentHash } from '#kernel/hash.ts'
import { ID_PREFIXES, makeId, type TargetId, type WorkspaceId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { plainName, type Dependency } from './dependency.ts'
import * as store from './dependency-store.ts'
import type { GivenDependency } from './input.ts'

/**
 * Throws `conflict` where the target tells of it itself, `forbidden` for a target that is not here. The
 * same once more changes nothing.
 */
export async function giveDependency(
  house: House,
  caller: Caller,
  targetId: TargetId,
  { kind, name: given, definition }: GivenDependency,
): Promise<Dependency> {
  permit(caller, 'rule.write')
  const target = await getTarget(house, caller, targetId)
  const name = kind === 'macro' ? plainName(given) : given
  const { now, actor } = caller
  return house.db.write(caller, async (tx) => {
    const known = await store.findDependency(tx, tx.scope, { targetId, kind, name })
    if (known?.state === 'told') {
      throw new AppError('conflict', `${target.name} tells itself what ${name} is.`)
    }
    const hash = contentHash(definition as Json)
    const isOther = known?.hash !== hash
    const row: store.NewDependency = {
      id: known?.id ?? makeId(ID_PREFIXES.dependency, now, house.random(10)),
      targetId,
      kind,
      name,
      title: null,
      state: known?.state ?? 'untold',
      version: (known?.version ?? 0) + (isOther ? 1 : 0),
      hash,
      definition: JSON.stringify(definition),
      givenAt: now,
      givenBy: actor,
      at: now,
    }
    if (known === undefined) await store.insertDependency(tx, row)
    else await store.updateDependency(tx, row, isOther)
    const data = { target: targetId, kind, name, version: row.version, hash }
    await house.audit.record(tx, caller, { action: 'dependency.give', target: row.id, data })
    const workspaceId = tx.scope.workspaceId as WorkspaceId
    house.events.publish(tx, { workspaceId, noun: 'observed', id: targetId, verb: 'changed' })
    const wanted = { dependencyId: row.id, limit: 1, after: null }
    const [made] = await store.selectDependencies(tx, tx.scope, wanted)
    assert(made, 'what was just kept is there')
    return made
  })
}
