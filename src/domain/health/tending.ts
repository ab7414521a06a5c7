// Which targets are to be looked at: those on which rules stand, in every workspace.

import { permit } from '#domain/access/permission.ts'
import { systemCaller } from '#domain/access/system.ts'
import { listWorkspaces } from '#domain/workspaces/actions.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { selectBudgets } from './budget-store.ts'
import { proposePausesJob, takeSamplesJob } from './jobs.ts'
import { selectTargetsInUse } from './target-store.ts'

export async function tendHealth(
  house: House,
  caller: Caller,
  signal: AbortSignal,
): Promise<{ readonly targets: number }> {
  permit(caller, 'health.tend')
  let targets = 0
  for (const { id: workspaceId, suspendedAt } of await listWorkspaces(house, caller)) {
    signal.throwIfAborted()
    if (suspendedAt !== null) continue
    const own = systemCaller(house, 'health', undefined, workspaceId)
    const found = await selectTargetsInUse(house.db.read(own.scope), own.scope)
    if (found.length === 0) continue
    const budgets = await selectBudgets(house.db.read(own.scope), own.scope)
    const pauses = budgets.some(({ onBreach }) => onBreach === 'pause')
    await house.db.write(own, async (tx) => {
      for (const { id, name } of found) {
        const title = `Look at the rules of ${name}`
        await house.jobs.enqueue(tx, own, takeSamplesJob, { targetId: id }, { title })
      }
      if (pauses) {
        const title = 'Look whether noise budgets are kept'
        await house.jobs.enqueue(tx, own, proposePausesJob, {}, { title })
      }
    })
    targets += found.length
    await nextTurn()
  }
  return { targets }
}
