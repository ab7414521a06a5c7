// How a finding of drift ends: the target is as it should be, by the change that was under way for it, by a
// deployment that wrote there, or by somebody over there.

import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { Placement } from '#domain/placements/placement.ts'
import type { DriftId, WorkspaceId } from '#kernel/id.ts'
import * as store from './drift-store.ts'

const ENDED_BY = { redeploy: 'redeployed', unmanage: 'unmanaged' } as const

export async function endFinding(
  tx: Tx,
  house: House,
  caller: Caller,
  { id, wanted, targetId, ruleId, dependencyId }: store.NewDrift,
): Promise<void> {
  const state = wanted === null ? 'ended' : ENDED_BY[wanted]
  await store.updateDrift(tx, id, { state, endedAt: caller.now, endedBy: caller.actor })
  await house.audit.record(tx, caller, {
    action: 'drift.end',
    target: id,
    data: {
      target: targetId,
      ...(ruleId === null ? { dependency: dependencyId } : { rule: ruleId }),
      state,
    },
  })
  tellOfDrift(tx, house, id, 'changed')
}

/** Of a rule that was just read back at a target. Does nothing where none is open. */
export async function endFindingAt(
  tx: Tx,
  house: House,
  caller: Caller,
  { ruleId, targetId }: Pick<Placement, 'ruleId' | 'targetId'>,
): Promise<void> {
  const last = (await store.selectNewest(tx, targetId, [ruleId])).get(ruleId)
  if (last?.state === 'found') await endFinding(tx, house, caller, last)
}

export function tellOfDrift(
  tx: Tx,
  { events }: House,
  id: DriftId,
  verb: 'added' | 'changed',
): void {
  const workspaceId = tx.scope.workspaceId as WorkspaceId
  events.publish(tx, { workspaceId, noun: 'drift', id, verb })
}
