// The changes that somebody has to act on: those that they may sign, and their own that can be deployed;
// and all that they opened.

import { permit } from '#domain/access/permission.ts'
import type { ChangeId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { Change } from './change.ts'
import { countChanges, getChangeRow, selectChanges, selectSignatures } from './store.ts'
import { toChange } from './to-change.ts'
import { waiterOf } from './waiting.ts'
import { countWaitingRows, selectMine, selectWaiting } from './waiting-store.ts'

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

export interface Waiting {
  /** Newest first. */
  readonly items: readonly Change[]
  /** Of all, not of those that are listed. */
  readonly count: number
}

/** What waits for their signature. */
export async function listUnsigned(house: House, caller: Caller, limit: number): Promise<Waiting> {
  permit(caller, 'change.read')
  const signer = waiterOf(caller)
  if (!signer) return { items: [], count: 0 }
  const waiter = { ...signer, mayDeploy: false }
  const reader = house.db.read(caller.scope)
  const ids = await selectWaiting(reader, caller.scope, waiter, limit)
  const count = await countWaitingRows(reader, caller.scope, waiter)
  return { items: await changesOf(house, caller, ids), count }
}

/** Whosever they are: all that is signed and not deployed. */
export async function listApproved(house: House, caller: Caller, limit: number): Promise<Waiting> {
  permit(caller, 'change.read')
  const { scope } = caller
  const reader = house.db.read(scope)
  const filter = { states: ['approved'] } as const
  const rows = await selectChanges(reader, scope, filter, { limit, after: null })
  const ids = rows.map(({ id }) => id)
  const count = await countChanges(reader, scope, filter)
  return { items: await changesOf(house, caller, ids), count }
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
