// Beginning again with what stands there: an object that is only watched gets a new signed baseline.

import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { place } from '#domain/placements/actions.ts'
import type { NamedPlacement } from '#domain/placements/placement.ts'
import type { RuleSummary } from '#domain/rules/rule.ts'
import type { Target } from '#domain/targets/target.ts'
import { assert } from '#kernel/error.ts'
import { deleteAdoption, getWhole, insertAdoption } from './adoption-store.ts'
import { baselinePlace, makeBaseline } from './baseline.ts'
import type { ObservedWhole } from './observed.ts'

export interface Again {
  readonly target: Target
  readonly observed: ObservedWhole
  readonly place: NamedPlacement
  readonly rule: RuleSummary
}

/** Audited by whoever decided it. */
export async function rebase(
  tx: Tx,
  house: House,
  caller: Caller,
  { target, observed, place: before, rule }: Again,
): Promise<void> {
  assert(before.ownership === 'observe', 'what is managed is changed by a change')
  const candidate = await getWhole(tx, tx.scope, observed.id)
  const { now, actor } = caller
  await deleteAdoption(tx, observed.id)
  await insertAdoption(
    tx,
    makeBaseline(house.keys.audit, {
      target,
      candidate,
      rule,
      ownership: 'observe',
      workspaceId: tx.scope.workspaceId,
      at: now,
      by: actor,
      installId: house.keys.installId,
    }),
  )
  const { ruleId, targetId } = before
  await place(tx, house, caller, {
    ...baselinePlace(candidate, now),
    ruleId,
    targetId,
    ownership: 'observe',
    version: rule.version,
  })
}
