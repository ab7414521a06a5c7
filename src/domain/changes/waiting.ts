// How many changes somebody has to act on. Asked for at every page, so that it brings nothing along.

import { can, permit } from '#domain/access/permission.ts'
import { ID_PREFIXES, isId } from '#kernel/id.ts'
import { personBehind, type Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { countChanges } from './store.ts'
import { countWaitingRows, type Waiter } from './waiting-store.ts'

/** 0 for whoever is no person. */
export async function countWaiting(house: House, caller: Caller): Promise<number> {
  permit(caller, 'change.read')
  const waiter = waiterOf(caller)
  return waiter ? countWaitingRows(house.db.read(caller.scope), caller.scope, waiter) : 0
}

/** Ever, whatever became of them. */
export async function countOpened(house: House, caller: Caller): Promise<number> {
  permit(caller, 'change.read')
  return countChanges(house.db.read(caller.scope), caller.scope, {})
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
