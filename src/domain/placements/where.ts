// Where rules stand, for lists: in a file of its own, because what changes a placement settles the state
// of its rule and brings all that saves rules along.

import { permit } from '#domain/access/permission.ts'
import type { RuleId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { Standing } from './placement.ts'
import { selectWhere } from './store.ts'

/** By name of the target; for as many rules as a page shows. */
export async function listWhere(
  house: House,
  caller: Caller,
  ruleIds: readonly RuleId[],
): Promise<readonly Standing[]> {
  permit(caller, 'rule.read')
  return selectWhere(house.db.read(caller.scope), caller.scope, ruleIds)
}
