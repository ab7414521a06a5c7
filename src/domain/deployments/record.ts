// What is written down once an item was read back: the item, where the rule stands now, and an entry in
// the log, in one transaction.

import { changePlacement, place, unplace } from '#domain/placements/actions.ts'
import type { Placement } from '#domain/placements/placement.ts'
import type { ObservedRule } from '#domain/targets/port.ts'
import { contentHash } from '#kernel/hash.ts'
import type { WorkspaceId } from '#kernel/id.ts'
import { addMs, DAY, type Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { Deployment } from './deployment.ts'
import { endFindingAt } from './drift-ending.ts'
import type { Item } from './item.ts'
import { endSoakJob } from './jobs.ts'
import { updateItem } from './store.ts'

/** With an entry in the log. */
export async function recordDone(
  tx: Tx,
  house: House,
  caller: Caller,
  { startedBy }: Pick<Deployment, 'startedBy'>,
  item: Item,
  observed: ObservedRule | null,
): Promise<void> {
  await keepDone(tx, house, caller, item, observed)
  await house.audit.record(tx, caller, {
    action: 'rule.deploy',
    target: item.ruleId,
    data: {
      deployment: item.deploymentId,
      target: item.targetId,
      action: item.action,
      ref: (observed?.ref ?? item.ref).slice(0, 500).toWellFormed(),
      version: item.version,
      bodyHash: item.body && contentHash(item.body),
      readBack: observed && contentHash(observed.normalised),
      by: startedBy,
    },
  })
}

/** `observed` is what stands there now; null for nothing, or where nobody looked. */
export async function keepDone(
  tx: Tx,
  house: House,
  caller: Caller,
  item: Item,
  observed: ObservedRule | null,
): Promise<void> {
  const { now } = caller
  const state = item.writtenAt === null ? 'same' : 'done'
  await updateItem(tx, item, {
    state,
    after: observed,
    ref: observed?.ref ?? item.ref,
    verifiedAt: now,
    reason: null,
  })
  await settlePlacement(tx, house, caller, item, observed)
  // Who owns it says nothing about what stands there.
  if (item.action !== 'adopt') await endFindingAt(tx, house, caller, item)
  publish(tx, house, item)
}

/** Nobody can tell what stands there, until a person has looked. */
export async function recordUnknown(
  tx: Tx,
  house: House,
  caller: Caller,
  item: Item,
  reason: string,
): Promise<void> {
  await updateItem(tx, item, { state: 'unknown', reason })
  await changePlacement(tx, house, caller, item, { state: 'unknown' })
  publish(tx, house, item)
}

/** It stands again as before. */
export async function recordUndone(
  tx: Tx,
  house: House,
  caller: Caller,
  item: Item,
  observed: ObservedRule | null,
): Promise<void> {
  await updateItem(tx, item, { state: 'rolled_back', verifiedAt: caller.now })
  if (item.stood === null) await unplace(tx, house, caller, item)
  else if (observed !== null) {
    const { meant, ...stood } = item.stood
    // What had drifted drifts again, and does not become what is to stand there.
    const placement = { ...placementOf(item, observed, caller.now), ...stood, ...meant }
    await place(tx, house, caller, placement)
  }
  await house.audit.record(tx, caller, {
    action: 'rule.undeploy',
    target: item.ruleId,
    data: { deployment: item.deploymentId, target: item.targetId, action: item.action },
  })
  publish(tx, house, item)
}

async function settlePlacement(
  tx: Tx,
  house: House,
  caller: Caller,
  item: Item,
  observed: ObservedRule | null,
): Promise<void> {
  const { action, stood } = item
  switch (action) {
    case 'unmanage':
    case 'remove':
      return unplace(tx, house, caller, item)
    case 'adopt':
      return changePlacement(tx, house, caller, item, { ownership: 'managed' })
    case 'add':
    case 'change':
    case 'pause':
    case 'resume': {
      if (observed === null) return
      const fresh = placementOf(item, observed, caller.now)
      const isSwitch = action === 'pause' || action === 'resume'
      const { version, isSigned } = isSwitch && stood !== null ? stood : fresh
      await place(tx, house, caller, { ...fresh, version, isSigned })
      if (fresh.soakUntil !== null) await planSoakEnd(tx, house, caller, item, fresh.soakUntil)
      return
    }
  }
}

async function planSoakEnd(
  tx: Tx,
  house: House,
  caller: Caller,
  { ruleId, targetId, deploymentId, ruleTitle, targetName }: Item,
  runAt: Instant,
): Promise<void> {
  const title = `End the silent days of ${ruleTitle} at ${targetName}`
  const input = { ruleId, targetId, deploymentId }
  await house.jobs.enqueue(tx, caller, endSoakJob, input, { title, runAt })
}

function placementOf(item: Item, observed: ObservedRule, now: Instant): Placement {
  const { ruleId, targetId, deploymentId, version, isSigned } = item
  const { ref, raw, normalised, etag } = observed
  const soakUntil = item.soakDays === 0 ? null : addMs(now, item.soakDays * DAY)
  return {
    ruleId,
    targetId,
    ref,
    ownership: 'managed',
    state: observed.isEnabled === false ? 'paused' : soakUntil === null ? 'live' : 'soaking',
    version: version ?? 0,
    hash: contentHash(normalised),
    body: normalised,
    raw,
    etag,
    origin: 'deployment',
    deploymentId,
    isSigned,
    soakUntil,
    since: now,
    checkedAt: now,
  }
}

function publish(tx: Tx, { events }: House, { ruleId, deploymentId }: Item): void {
  const workspaceId = tx.scope.workspaceId as WorkspaceId
  events.publish(tx, { workspaceId, noun: 'rule', id: ruleId, verb: 'changed' })
  events.publish(tx, { workspaceId, noun: 'deployment', id: deploymentId, verb: 'changed' })
}
