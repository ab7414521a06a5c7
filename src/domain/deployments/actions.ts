// What people do with deployments: start one from a change, stop one, settle what nobody could tell.

import { permit } from '#domain/access/permission.ts'
import { getChange } from '#domain/changes/actions.ts'
import { beginDeploying, readTightened, renderAgain } from '#domain/changes/deploying.ts'
import { changePlacement } from '#domain/placements/actions.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type ChangeId, type DeploymentId } from '#kernel/id.ts'
import { MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { beginDeployment, tellPages } from './begin.ts'
import { isOver, type Deployment } from './deployment.ts'
import type { Verdict } from './input.ts'
import { runDeploymentJob } from './jobs.ts'
import { openPlaces, placeOf, readStanding } from './places.ts'
import { keepDone } from './record.ts'
import { getDeploymentRow, selectItems, updateDeployment, updateItem } from './store.ts'
import { wishOf } from './wishes.ts'

/**
 * Writes an approved change to its targets, in a job. Everything is compiled anew before: where a byte
 * differs from what was approved it throws `stale`, and the change is a draft again. A dry run, of any
 * change, checks and writes nothing. Throws `conflict` for a change that may not be deployed.
 */
export async function deployChange(
  house: House,
  caller: Caller,
  changeId: ChangeId,
  { dryRun: isDryRun = false }: { readonly dryRun?: boolean | undefined } = {},
): Promise<Deployment> {
  permit(caller, 'deployment.run')
  const { change, items } = await getChange(house, caller, changeId)
  if (!isDryRun) await renderAgain(house, caller, change)
  await nextTurn()
  const { soakDays } = await readTightened(house, caller, changeId)
  const targetIds = items.map(({ targetId }) => targetId)
  const places = await openPlaces(house, caller, targetIds, 'write')
  const { installId } = house.keys
  const id = makeId(ID_PREFIXES.deployment, caller.now, house.random(10))
  await nextTurn()
  return house.db.write(caller, async (tx) => {
    const found = isDryRun
      ? { change, items, isSigned: false }
      : await beginDeploying(tx, house, caller, changeId, id)
    if (found.change.hash !== change.hash) {
      throw new AppError('stale', 'The change is another one by now. Look again.')
    }
    const parts = { places, installId, isSigned: found.isSigned, soakDays }
    const wishes = found.items.map((item) => wishOf(item, parts))
    return beginDeployment(tx, house, caller, { id, change, items: wishes, isDryRun })
  })
}

/**
 * Stops it between two items; what was written is taken back. Throws `conflict` for one that is over.
 * Audited.
 */
export async function cancelDeployment(
  house: House,
  caller: Caller,
  id: DeploymentId,
): Promise<Deployment> {
  permit(caller, 'deployment.run')
  return house.db.write(caller, async (tx) => {
    const { state, changeTitle } = await getDeploymentRow(tx, tx.scope, id)
    if (isOver(state)) throw new AppError('conflict', 'This deployment has ended already.')
    // Its own job may wait for hours, or have been given up: this one comes after it, or in its place.
    const title = `Take back ${changeTitle}`
    const input = { deploymentId: id }
    const jobId = await house.jobs.enqueue(tx, caller, runDeploymentJob, input, { title })
    await updateDeployment(tx, id, { isCancelled: 1, jobId })
    await house.audit.record(tx, caller, { action: 'deployment.cancel', target: id, data: {} })
    tellPages(tx, house, id)
    return getDeploymentRow(tx, tx.scope, id)
  })
}

export interface Resolved {
  readonly deploymentId: DeploymentId
  readonly number: number
  readonly verdict: Verdict
}

const PATIENCE_MS = MINUTE

/**
 * A person has looked at what stands there. `written`: it is ours as it stands; `not_written`: what was
 * there before is. Throws `conflict` for an item of which everything is known. Audited.
 */
export async function resolveItem(
  house: House,
  caller: Caller,
  { deploymentId, number, verdict }: Resolved,
): Promise<Deployment> {
  permit(caller, 'deployment.run')
  const { scope } = caller
  await getDeploymentRow(house.db.read(scope), scope, deploymentId)
  const items = await selectItems(house.db.read(scope), scope, deploymentId)
  const item = items.find((one) => one.number === number)
  if (item?.state !== 'unknown') {
    throw new AppError('conflict', 'There is nothing to settle about this item.')
  }
  const places = await openPlaces(house, caller, [item.targetId], 'read')
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const now = await readStanding(placeOf(places, item), item, house.keys.installId, signal)
  if (verdict === 'written' && now === null && item.action !== 'remove') {
    throw new AppError('conflict', `Nothing stands there at ${item.targetName}.`)
  }
  await nextTurn()
  return house.db.write(caller, async (tx) => {
    if (verdict === 'written') {
      const written = { ...item, writtenAt: item.writtenAt ?? caller.now }
      await keepDone(tx, house, caller, written, now)
    } else {
      await updateItem(tx, item, { state: 'rolled_back', after: now, verifiedAt: caller.now })
      if (item.stood) await changePlacement(tx, house, caller, item, { state: item.stood.state })
    }
    const data = { deployment: deploymentId, number, verdict, target: item.targetId }
    await house.audit.record(tx, caller, {
      action: 'deployment.resolve',
      target: item.ruleId,
      data,
    })
    tellPages(tx, house, deploymentId)
    return getDeploymentRow(tx, tx.scope, deploymentId)
  })
}
