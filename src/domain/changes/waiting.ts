// How many changes somebody has to act on. Asked for at every page, so that it brings nothing along.

import { can, permit } from '#domain/access/permission.ts'
import { ID_PREFIXES, isId } from '#kernel/id.ts'
import { personBehind, type Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { countWaitingRows, type Waiter } from './waiting-store.ts'

/** 0 for whoever is no person. */
export async function countWaiting(house: House, caller: Caller): Promise<number> {
  permit(caller, 'change.read')
  const waiter = waiterOf(caller)
  return waiter ? countWaitingRows(house.db.read(caller.scope), caller.scope, waiter) : 0
}

export function waiterOf(caller: Caller): Waiter | undefined {
  const userId = personBehind(caller)
  if (!isId(ID_PREFIXES.user, userId)) return undefined
  return {
    userId,
    maySign: can(caller, 'change.sign'),
    mayDeploy: can(caller, 'deployment.run'),
  }
}
