// What an agent's token may ask and what it has: read by whoever may see the token, and given by an admin.

import { AppError, forbidden } from '#kernel/error.ts'
import type { TokenId } from '#kernel/id.ts'
import { readPolicy } from '#domain/workspaces/policy-actions.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { budgetOf, NO_OWN_BUDGET, type AgentBudget, type OwnBudget } from './agent-budget.ts'
import { can, permit } from './permission.ts'
import { tokenState, usedToday, type ApiToken, type TokenMaker, type TokenUse } from './token.ts'
import { findOwnBudget, findTokenOf, findTokenUse, saveOwnBudget } from './token-store.ts'

export interface AgentStanding {
  readonly token: Pick<ApiToken, 'id' | 'name'>
  /** In force: from the next minute in which the token is used. */
  readonly budget: AgentBudget
  readonly own: OwnBudget
  /** As it was last written down; every ten seconds of use. */
  readonly used: Omit<TokenUse, 'day'>
}

/** Of one's own token, or of any for an admin. Throws `forbidden` for one that is no agent's. */
export async function readAgentBudget(
  house: House,
  caller: Caller,
  reader: Pick<TokenMaker, 'userId'>,
  id: TokenId,
): Promise<AgentStanding> {
  permit(caller, 'token.read')
  const db = house.db.read(caller.scope)
  const token = await findTokenOf(db, house.keys.purpose('row-mac'), caller.scope, id)
  if (token?.kind !== 'mcp') throw forbidden()
  if (token.userId !== reader.userId && !can(caller, 'token.manage')) throw forbidden()
  const { policy } = await readPolicy(house, caller)
  const own = (await findOwnBudget(db, id)) ?? NO_OWN_BUDGET
  const use = (await findTokenUse(db, id)) ?? null
  return { token, own, budget: budgetOf(policy, own), used: usedToday(use, caller.now) }
}

/** Throws `conflict` for a token that has ended. Audited with both values. */
export async function giveAgentBudget(
  house: House,
  caller: Caller,
  id: TokenId,
  own: OwnBudget,
): Promise<OwnBudget> {
  permit(caller, 'token.manage')
  return house.db.write(caller, async (tx) => {
    const token = await findTokenOf(tx, house.keys.purpose('row-mac'), caller.scope, id)
    if (token?.kind !== 'mcp') throw forbidden()
    if (tokenState(token, caller.now) !== 'live') {
      throw new AppError('conflict', 'This token has ended, so it asks nothing any more.')
    }
    const from = (await findOwnBudget(tx, id)) ?? NO_OWN_BUDGET
    await saveOwnBudget(tx, id, own)
    await house.audit.record(tx, caller, {
      action: 'token.budget',
      target: id,
      data: { from: { ...from }, to: { ...own } },
      personal: { ...caller.personal, label: token.name },
    })
    return own
  })
}
