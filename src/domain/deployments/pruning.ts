// Taking away what is ours and was forgotten: a change of removals, which goes the way of every change. It
// names each object and its bytes, so that nothing else is ever touched.

import { permit } from '#domain/access/permission.ts'
import { listForgotten } from '#domain/adoption/forgotten.ts'
import { openChange } from '#domain/changes/actions.ts'
import type { Change } from '#domain/changes/change.ts'
import { AppError } from '#kernel/error.ts'
import type { TargetId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'

/** At one target, or wherever there is something. Throws `conflict` where there is nothing. */
export async function pruneForgotten(
  house: House,
  caller: Caller,
  { targetId }: { readonly targetId: TargetId | null },
): Promise<Change> {
  permit(caller, 'drift.resolve')
  const found = await listForgotten(house, caller, { targetId: targetId ?? undefined })
  if (found.length === 0) throw new AppError('conflict', 'Nothing of ours was forgotten.')
  await nextTurn()
  const what = found.length === 1 ? 'a rule that was' : `${found.length} rules that were`
  return openChange(house, caller, {
    title: `Remove ${what} forgotten on targets`,
    why: 'They bear our mark and have no place: nobody keeps them up to date.',
    origin: 'drift',
    items: found.map(({ ruleId, targetId: at }) => ({ ruleId, targetId: at, action: 'remove' })),
  })
}
