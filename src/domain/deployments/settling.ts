// What the end of a deployment means for its change.

import { getChange } from '#domain/changes/actions.ts'
import type { ChangeState } from '#domain/changes/change.ts'
import type { Settled } from '#domain/changes/deploying.ts'
import { AppError } from '#kernel/error.ts'
import type { ChangeId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { Deployment, DeploymentState } from './deployment.ts'

/** Null: the change stays what it is. */
export async function outcomeOf(
  house: House,
  caller: Caller,
  { changeId, kind, rollsBack, isDryRun }: Deployment,
  { ended, isStale }: { readonly ended: DeploymentState; readonly isStale: boolean },
): Promise<Settled | null> {
  if (isDryRun) return null
  const state = await stateOf(house, caller, changeId)
  if (kind === 'rollback') {
    const isBack = rollsBack !== null && ended === 'deployed'
    return isBack && (state === 'deployed' || state === 'failed') ? 'rolled_back' : null
  }
  if (state !== 'deploying') return null
  if (ended === 'deployed' || ended === 'rolled_back') return ended
  return isStale ? 'draft' : 'failed'
}

async function stateOf(
  house: House,
  caller: Caller,
  id: ChangeId,
): Promise<ChangeState | undefined> {
  try {
    return (await getChange(house, caller, id)).change.state
  } catch (error) {
    // Whoever deploys without a change has none to settle.
    if (error instanceof AppError && error.code === 'forbidden') return undefined
    throw error
  }
}
