// Where a rule stands, for its page: its places, with what was seen of each on its target.

import type { ObservedId, RuleId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { listPlacements } from '#domain/placements/actions.ts'
import type { NamedPlacement } from '#domain/placements/placement.ts'
import { selectObservedIds } from './adoption-store.ts'

export interface StandsAt extends NamedPlacement {
  /** Null while no pull has seen it. */
  readonly observedId: ObservedId | null
}

/** By name of the target; none for a rule that is not here. */
export async function listStandings(
  house: House,
  caller: Caller,
  ruleId: RuleId,
): Promise<readonly StandsAt[]> {
  const places = await listPlacements(house, caller, { ruleIds: [ruleId] })
  const seen = await selectObservedIds(house.db.read(caller.scope), caller.scope, ruleId)
  return places.map((one) => ({ ...one, observedId: seen.get(one.targetId) ?? null }))
}
