// Letting go: what was bound is bound no longer. Nothing is written on the target; the rule of ours stays
// with all its versions, and the log keeps that it was bound, with the signature of then.

import { permit } from '#domain/access/permission.ts'
import { findPlacement, placementsOf, unplace } from '#domain/placements/actions.ts'
import { asksReview } from '#domain/workspaces/group-policy.ts'
import { readPolicy } from '#domain/workspaces/policy-actions.ts'
import { AppError } from '#kernel/error.ts'
import type { ObservedId, TargetId, WorkspaceId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { deleteAdoption, findAdoption, findRef, selectBound } from './adoption-store.ts'
import { updateObserved } from './store.ts'

/**
 * Throws `conflict` for what is not bound, for one that is not here, and for what a change has to let go
 * of: it was deployed from here, or is managed where changes are reviewed.
 */
export async function releaseObserved(
  house: House,
  caller: Caller,
  observedId: ObservedId,
): Promise<void> {
  permit(caller, 'rule.write')
  const { policy } = await readPolicy(house, caller)
  await house.db.write(caller, async (tx) => {
    const bound = await findAdoption(tx, tx.scope, observedId)
    const standing = bound && (await findPlacement(tx, tx.scope, bound))
    if (standing?.origin === 'deployment') {
      throw new AppError('conflict', 'It was deployed from here. Unmanage it by a change.')
    }
    if (asksReview(policy) && bound?.ownership === 'managed') {
      throw new AppError('conflict', 'Review is on: what is managed is unmanaged by a change.')
    }
    await releaseIn(tx, house, caller, observedId)
  })
}

/** Every rule that is bound there, because the target is removed. */
export async function releaseTarget(
  tx: Tx,
  house: House,
  caller: Caller,
  targetId: TargetId,
): Promise<void> {
  for (const id of await selectBound(tx, tx.scope, targetId)) await releaseIn(tx, house, caller, id)
  for (const { ruleId, ref, hash } of await placementsOf(tx, targetId)) {
    await unplace(tx, house, caller, { ruleId, targetId })
    await house.audit.record(tx, caller, {
      action: 'rule.release',
      target: ruleId,
      data: { target: targetId, ref: ref.slice(0, 500).toWellFormed(), bodyHash: hash },
    })
  }
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
  const standing = await findPlacement(tx, tx.scope, { ruleId, targetId })
  // The rule may stand there as another object, which was bound first.
  if (standing?.ref === (await findRef(tx, tx.scope, observedId))) {
    await unplace(tx, house, caller, { ruleId, targetId })
  }
  tell(tx, house, targetId)
}

function tell(tx: Tx, { events }: House, id: TargetId): void {
  const workspaceId = tx.scope.workspaceId as WorkspaceId
  events.publish(tx, { workspaceId, noun: 'observed', id, verb: 'changed' })
}
