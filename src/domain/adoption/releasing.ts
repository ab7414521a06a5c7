// Letting go: what was bound is bound no longer. Nothing is written on the target; the rule of ours stays
// with all its versions, and the log keeps that it was bound, with the signature of then.

import { permit } from '#domain/access/permission.ts'
import { setRunning } from '#domain/rules/rule-state.ts'
import { AppError } from '#kernel/error.ts'
import type { ObservedId, TargetId, WorkspaceId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { deleteAdoption, findAdoption, selectBound } from './adoption-store.ts'
import { runningState } from './standing.ts'
import { updateObserved } from './store.ts'

/** Throws `conflict` for what is not bound, and for one that is not here. */
export async function releaseObserved(
  house: House,
  caller: Caller,
  observedId: ObservedId,
): Promise<void> {
  permit(caller, 'rule.write')
  await house.db.write(caller, (tx) => releaseIn(tx, house, caller, observedId))
}

/** Every rule that is bound there, because the target is removed. */
export async function releaseTarget(
  tx: Tx,
  house: House,
  caller: Caller,
  targetId: TargetId,
): Promise<void> {
  for (const id of await selectBound(tx, tx.scope, targetId)) await releaseIn(tx, house, caller, id)
}

/** Within a write. Throws `conflict` for what is not bound. */
export async function releaseIn(
  tx: Tx,
  house: House,
  caller: Caller,
  observedId: ObservedId,
): Promise<void> {
  const bound = await findAdoption(tx, tx.scope, observedId)
  if (!bound) throw new AppError('conflict', 'This rule is not adopted.')
  await deleteAdoption(tx, observedId)
  const { ruleId, targetId, hash, signature } = bound
  // Whoever adopts it again finds the rule that it was.
  await updateObserved(tx, observedId, { marker: ruleId })
  await house.audit.record(tx, caller, {
    action: 'rule.release',
    target: ruleId,
    data: { target: targetId, observed: observedId, bodyHash: hash, signature },
  })
  await setRunning(tx, house, caller, ruleId, await runningState(tx, ruleId))
  tell(tx, house, targetId)
}

function tell(tx: Tx, { events }: House, id: TargetId): void {
  const workspaceId = tx.scope.workspaceId as WorkspaceId
  events.publish(tx, { workspaceId, noun: 'observed', id, verb: 'changed' })
}
