// A deployment is written down with all its items, and its job is queued, in the transaction that decided
// it.

import type { ChangeId, DeploymentId } from '#kernel/id.ts'
import { ID_PREFIXES, makeId, type WorkspaceId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { ItemWish } from './item.ts'
import { runDeploymentJob } from './jobs.ts'
import { getDeploymentRow, insertDeployment, updateDeployment } from './store.ts'
import type { Deployment } from './deployment.ts'

export interface DeploymentWish {
  readonly change: { readonly id: ChangeId; readonly title: string; readonly hash: string }
  readonly items: readonly ItemWish[]
  readonly kind?: Deployment['kind']
  readonly rollsBack?: DeploymentId | null
  readonly isDryRun?: boolean
}

/** Audited. */
export async function beginDeployment(
  tx: Tx,
  house: House,
  caller: Caller,
  { change, items, kind = 'change', rollsBack = null, isDryRun = false }: DeploymentWish,
): Promise<Deployment> {
  const { now, actor } = caller
  const id = makeId(ID_PREFIXES.deployment, now, house.random(10))
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
  await house.audit.record(tx, caller, {
    action: kind === 'change' ? 'deployment.start' : 'deployment.roll_back',
    target: id,
    data: { change: change.id, hash: change.hash, isDryRun, rollsBack, items: items.length },
  })
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
