// A policy that weakens review takes effect when another admin confirms it: one who did not ask for it,
// and whose account whoever asked did not make or reset lately.

import { enforceProposal } from '#domain/workspaces/policy-actions.ts'
import type { PolicyRow } from '#domain/workspaces/policy.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, isId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { permit } from './permission.ts'
import { askIn, listMakersOf, MADE_DAYS, peopleBehind } from './signers.ts'

/** Throws `conflict` when none waits, and for whoever is no second person. Only a person at a screen may. */
export async function confirmPolicy(house: House, caller: Caller): Promise<PolicyRow> {
  permit(caller, 'policy.change')
  const { actor: userId, now } = caller
  return house.db.write(caller, (tx) =>
    enforceProposal(tx, house, caller, async ({ askedBy }) => {
      const asking = askIn(tx)
      if (!isId(ID_PREFIXES.user, userId)) {
        throw new AppError('forbidden', 'A person confirms this, in a browser.')
      }
      const askers = await peopleBehind(asking, house, [askedBy])
      if (askers.has(userId)) {
        throw new AppError('conflict', 'Another admin than the one who asked must confirm this.')
      }
      const makers = await listMakersOf(asking, house, { userId, now })
      if (![...askers].some((one) => makers.has(one))) return
      throw new AppError(
        'conflict',
        `Whoever asked for this made or reset your account within the last ${MADE_DAYS} days. Another admin must confirm it.`,
      )
    }),
  )
}
