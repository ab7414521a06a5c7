// Looking at what rules build on. For everybody who sees the targets.

import { permit } from '#domain/access/permission.ts'
import { getTarget } from '#domain/targets/actions.ts'
import { PAGE_LIMIT_MAX, readPage, type Page } from '#kernel/page.ts'
import type { ObservedId, TargetId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { Dependency } from './dependency.ts'
import {
  selectAutomation,
  selectDefined,
  selectDependencies,
  type ToldAutomation,
} from './dependency-store.ts'
import { macrosIn, macrosOf, type Macros } from './macros.ts'

export interface DependenciesWanted {
  /** All of the workspace when absent. */
  readonly targetId?: TargetId | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

/** Throws `forbidden` for a target that is not here. */
export async function listDependencies(
  house: House,
  caller: Caller,
  { targetId, limit, cursor }: DependenciesWanted,
): Promise<Page<Dependency>> {
  permit(caller, 'target.read')
  const { scope } = caller
  if (targetId !== undefined) await getTarget(house, caller, targetId)
  const reader = house.db.read(scope)
  return readPage({
    key: house.keys.purpose('cursor'),
    binding: { workspaceId: scope.workspaceId, list: 'dependencies', targetId: targetId ?? null },
    limit,
    cursor,
    placeOf: ({ id }: Dependency) => id,
    select: (page) => selectDependencies(reader, scope, { ...page, targetId }),
  })
}

/** What one rule of a target builds on; nothing for one that is not here. */
export function listDependenciesOf(
  house: House,
  caller: Caller,
  observedId: ObservedId,
): Promise<readonly Dependency[]> {
  permit(caller, 'target.read')
  const { scope } = caller
  const wanted = { observedId, limit: PAGE_LIMIT_MAX, after: null }
  return selectDependencies(house.db.read(scope), scope, wanted)
}

/** What takes up the incidents of rules, with what it does with them: of one target, or of all. */
export function listAutomation(
  house: House,
  caller: Caller,
  targetId?: TargetId,
): Promise<readonly ToldAutomation[]> {
  permit(caller, 'target.read')
  return selectAutomation(house.db.read(caller.scope), caller.scope, targetId)
}

/**
 * Those that a search on a Splunk may lead to, as its target told them last. What people gave is not among
 * them: nobody gets a search past a guard by saying what a macro is.
 */
export async function findMacros(
  house: House,
  caller: Caller,
  targetId: TargetId,
  text: string,
): Promise<Macros> {
  await getTarget(house, caller, targetId)
  const { scope } = caller
  const told = await selectDefined(house.db.read(scope), scope, targetId, {
    by: 'target',
    kind: 'macro',
  })
  return macrosIn(text, macrosOf(told))
}
