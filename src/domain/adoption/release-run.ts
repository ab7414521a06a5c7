// Letting go of many, batch by batch: each with its audit entry in the transaction that unbinds it.

import { permit } from '#domain/access/permission.ts'
import { getTarget } from '#domain/targets/actions.ts'
import { asksReview } from '#domain/workspaces/group-policy.ts'
import { readPolicy } from '#domain/workspaces/policy-actions.ts'
import type { TargetId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { JobProgress } from '#platform/jobs/job.ts'
import { nextTurn } from '#platform/turns.ts'
import { countBound, selectChosenBound } from './adoption-store.ts'
import type { Chosen } from './input.ts'
import { releaseIn } from './releasing.ts'

const BATCH = 50

interface Watch {
  readonly signal: AbortSignal
  readonly report: (progress: JobProgress) => void
}

/** Throws `forbidden` for a target that is not here, and what the signal aborts with after a batch. */
export async function releaseChosen(
  house: House,
  caller: Caller,
  { targetId, wish }: { readonly targetId: TargetId; readonly wish: Chosen },
  { signal, report }: Watch,
): Promise<{ readonly released: number }> {
  permit(caller, 'rule.write')
  await getTarget(house, caller, targetId)
  const { scope, now } = caller
  const { policy } = await readPolicy(house, caller)
  const which = { chosen: wish, now, isReviewed: asksReview(policy) }
  const total = await countBound(house.db.read(scope), scope, targetId, which)
  let released = 0
  for (;;) {
    signal.throwIfAborted()
    const page = await house.db.write(caller, async (tx) => {
      const some = await selectChosenBound(tx, tx.scope, targetId, { ...which, limit: BATCH })
      for (const { id } of some) await releaseIn(tx, house, caller, id)
      return some
    })
    if (page.length === 0) return { released }
    released += page.length
    report({ done: released, total, unit: 'rules', note: page.at(-1)!.name.slice(0, 200) })
    await nextTurn() // others write between two batches
  }
}
