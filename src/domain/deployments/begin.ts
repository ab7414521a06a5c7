// A deployment is written down with all its items, and its job is queued, in the transaction that decided
// it.

import type { ChangeId, DeploymentId, WorkspaceId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { ItemWish } from './item.ts'
import { runDeploymentJob } from './jobs.ts'
import { getDeploymentRow, insertDeployment, updateDeployment } from './store.ts'
import type { Deployment } from './deployment.ts'

export interface DeploymentWish {
  readonly id: DeploymentId
  readonly change: { readonly id: ChangeId; readonly title: string; readonly hash: string }
  readonly items: readonly ItemWish[]
  readonly kind?: Deployment['kind']
  readonly rollsBack?: DeploymentId | null
  readonly isDryRun?: boolean
}

export async function beginDeployment(
  tx: Tx,
  house: House,
  caller: Caller,
  { id, change, items, kind = 'change', rollsBack = null, isDryRun = false }: DeploymentWish,
): Promise<Deployment> {
  const { now, actor } = caller
  await insertDeployment(
    tx,
    {
      id,
      changeId: change.id,
      changeTitle: change.title,
      changeHash: change.hash,
      kind,
      rollsBack,
      isDryRun,
      startedAt: now,
      startedBy: actor,
    },
    items,
  )
  const title = `${kind === 'change' ? 'Deploy' : 'Roll back'} ${change.title}`
  const input = { deploymentId: id }
  const jobId = await house.jobs.enqueue(tx, caller, runDeploymentJob, input, { title })
  await updateDeployment(tx, id, { jobId })
  // Of a change that is deployed the log says so where the change begins to be.
  if (kind === 'rollback' || isDryRun) {
    await house.audit.record(tx, caller, {
      action: kind === 'rollback' ? 'deployment.roll_back' : 'deployment.start',
      target: id,
      data: {
        change: change.id,
        hash: change.hash,
        isDryRun,
        rollsBack,
        items: items.length,
        ...(kind === 'rollback' && { waitsForWindows: false }),
      },
    })
  }
  tellPages(tx, house, id, 'added')
  return getDeploymentRow(tx, tx.scope, id)
}

export function tellPages(
  tx: Tx,
  { events }: House,
  id: DeploymentId,
  verb: 'added' | 'changed' = 'changed',
): void {
  const workspaceId = tx.scope.workspaceId as WorkspaceId
  events.publish(tx, { workspaceId, noun: 'deployment', id, verb })
}
