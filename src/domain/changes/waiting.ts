// The changes that somebody has to act on: those that they may sign, and their own that can be deployed.

import { can, permit } from '#domain/access/permission.ts'
import type { ChangeId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { Change } from './change.ts'
import { personOf, toChange } from './keep.ts'
import { getChangeRow, selectSignatures } from './store.ts'
import { countWaitingRows, selectMine, selectWaiting, type Waiter } from './waiting-store.ts'

/** 0 for whoever is no person. */
export async function countWaiting(house: House, caller: Caller): Promise<number> {
  permit(caller, 'change.read')
  const waiter = waiterOf(caller)
  return waiter ? countWaitingRows(house.db.read(caller.scope), caller.scope, waiter) : 0
}

/** Newest first. */
export async function listWaiting(
  house: House,
  caller: Caller,
  limit: number,
): Promise<readonly Change[]> {
  permit(caller, 'change.read')
  const waiter = waiterOf(caller)
  if (!waiter) return []
  const ids = await selectWaiting(house.db.read(caller.scope), caller.scope, waiter, limit)
  return changesOf(house, caller, ids)
}

/** What they opened, newest first. */
export async function listMine(
  house: House,
  caller: Caller,
  limit: number,
): Promise<readonly Change[]> {
  permit(caller, 'change.read')
  const userId = personOf(caller)
  if (userId === null) return []
  const ids = await selectMine(house.db.read(caller.scope), caller.scope, userId, limit)
  return changesOf(house, caller, ids)
}

function waiterOf(caller: Caller): Waiter | undefined {
  const userId = personOf(caller)
  if (userId === null) return undefined
  return {
    userId,
    maySign: can(caller, 'change.sign'),
    mayDeploy: can(caller, 'deployment.run'),
  }
}

async function changesOf(
  house: House,
  { scope }: Caller,
  ids: readonly ChangeId[],
): Promise<readonly Change[]> {
  const reader = house.db.read(scope)
  const changes: Change[] = []
  for (const id of ids) {
    const row = await getChangeRow(reader, scope, id)
    changes.push(toChange(row, await selectSignatures(reader, scope, id)))
  }
  return changes
}
