// The changes that somebody has to act on: those that they may sign, and their own that can be deployed;
// and all that they opened.

import { permit } from '#domain/access/permission.ts'
import type { ChangeId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { Change } from './change.ts'
import { toChange } from './keep.ts'
import { getChangeRow, selectSignatures } from './store.ts'
import { waiterOf } from './waiting.ts'
import { selectMine, selectWaiting } from './waiting-store.ts'

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
  const waiter = waiterOf(caller)
  if (!waiter) return []
  const ids = await selectMine(house.db.read(caller.scope), caller.scope, waiter.userId, limit)
  return changesOf(house, caller, ids)
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
