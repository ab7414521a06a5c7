// What is deployed when exclusions end: the bodies that were signed for it, where rules still stand as they
// were deployed; a draft for somebody to look at where they moved on.

import { placeOf } from '#domain/changes/as-signed.ts'
import { followChange, listWritten, type Followed } from '#domain/changes/following.ts'
import { listPlacements } from '#domain/placements/actions.ts'
import { endOverdue } from '#domain/rules/exclusions/end.ts'
import type { ChangeId, DeploymentId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { deployChange } from './actions.ts'
import { getDeploymentRow } from './store.ts'

export interface Switched {
  /** Of bodies that were signed before; null where none was left to deploy. */
  readonly deployment: DeploymentId | null
  /** For what moved on. */
  readonly draft: ChangeId | null
}

/** For what this change wrote and still stands there. Audited as what it opens and begins. */
export async function switchOver(
  house: House,
  caller: Caller,
  changeId: ChangeId,
): Promise<Switched> {
  await endOverdue(house, caller)
  await nextTurn()
  const standing = await listStanding(house, caller, changeId)
  if (standing.length === 0) return { deployment: null, draft: null }
  const { signed, draft } = await followChange(house, caller, changeId, standing)
  await nextTurn()
  const begun = signed && (await deployChange(house, caller, signed))
  return { deployment: begun && begun.id, draft }
}

async function listStanding(
  house: House,
  caller: Caller,
  changeId: ChangeId,
): Promise<readonly Followed[]> {
  const items = await listWritten(house, caller, changeId)
  const ruleIds = [...new Set(items.map(({ ruleId }) => ruleId))]
  if (ruleIds.length === 0) return []
  const reader = house.db.read(caller.scope)
  const byPlace = new Map(items.map((item) => [placeOf(item), item]))
  const isOurs = new Map<DeploymentId, boolean>()
  const found: Followed[] = []
  for (const one of await listPlacements(house, caller, { ruleIds })) {
    const { deploymentId, state } = one
    const item = byPlace.get(placeOf(one))
    if (item === undefined || deploymentId === null) continue
    if (!isOurs.has(deploymentId)) {
      const by = await getDeploymentRow(reader, caller.scope, deploymentId)
      isOurs.set(deploymentId, by.changeId === changeId && by.kind === 'change')
    }
    const isLive = state === 'live' || state === 'soaking'
    if (isOurs.get(deploymentId)) found.push({ item, isLive })
  }
  return found
}
