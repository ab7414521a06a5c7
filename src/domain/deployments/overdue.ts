// Rules that still run with exclusions that are over. In a file of its own, because what brings them to their
// end brings compilers along.

import { permit } from '#domain/access/permission.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { selectOverdueSwitches, type OverdueSwitch } from './switch-store.ts'

/** The one that waits longest first. */
export async function listOverdueSwitches(
  house: House,
  caller: Caller,
): Promise<readonly OverdueSwitch[]> {
  permit(caller, 'health.read')
  return selectOverdueSwitches(house.db.read(caller.scope), caller.scope, caller.now)
}
