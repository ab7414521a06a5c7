// Items of deployments that a person has to settle, over all of them.

import { permit } from '#domain/access/permission.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { selectUnsettled, type Unsettled } from './store.ts'

export interface UnsettledList {
  /** Of the newest deployment first. */
  readonly items: readonly Unsettled[]
  /** Of all, not of those that are listed. */
  readonly count: number
}

export async function listUnsettled(
  house: House,
  caller: Caller,
  limit: number,
): Promise<UnsettledList> {
  permit(caller, 'deployment.read')
  return selectUnsettled(house.db.read(caller.scope), caller.scope, limit)
}
