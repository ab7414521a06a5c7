// Hotfixes and broken glass that still need somebody. In a file of its own, because what makes and ends
// them brings compilers along.

import { permit } from '#domain/access/permission.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { shownHotfix, type Hotfix } from './hotfix.ts'
import { selectOpenHotfixes } from './hotfix-store.ts'
import { getDeploymentRow } from './store.ts'

export interface OpenHotfixes {
  /** Newest first. */
  readonly items: readonly Hotfix[]
  /** Of all, not of those that are listed. */
  readonly count: number
}

/** Those that run, could not be taken back, or that nobody has looked at. */
export async function listOpenHotfixes(
  house: House,
  caller: Caller,
  limit: number,
): Promise<OpenHotfixes> {
  permit(caller, 'change.read')
  const { scope, now } = caller
  const reader = house.db.read(scope)
  const { items, count } = await selectOpenHotfixes(reader, scope, limit)
  const shown: Hotfix[] = []
  for (const one of items) {
    const { state } = await getDeploymentRow(reader, scope, one.deploymentId)
    const undo = one.undoId && (await getDeploymentRow(reader, scope, one.undoId)).state
    shown.push(shownHotfix(one, state, undo, now))
  }
  return { items: shown, count }
}
