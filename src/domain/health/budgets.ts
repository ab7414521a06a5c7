// Noise budgets as people set and see them, and as changes ask for them.

import { permit } from '#domain/access/permission.ts'
import { getRule } from '#domain/rules/reading.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, isId, type RuleId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { budgetOver, burn, type Budget, type BurntBudget, type OnBreach } from './budget.ts'
import * as store from './budget-store.ts'
import { selectRates } from './rule-store.ts'

/** With what each has used, over the last 30 days. */
export async function listBudgets(house: House, caller: Caller): Promise<readonly BurntBudget[]> {
  permit(caller, 'health.read')
  const { scope } = caller
  const reader = house.db.read(scope)
  const budgets = await store.selectBudgets(reader, scope)
  // Rates are read of every rule that runs: not for nothing.
  return budgets.length === 0 ? [] : burn(budgets, await selectRates(reader, scope))
}

export interface NewBudget {
  readonly scope: Budget['scope']
  readonly name: string
  /** Null takes it away. */
  readonly perDay: number | null
  readonly onBreach: OnBreach
}

/** Throws `forbidden` for a rule that is not here, `conflict` where there is none to take away. Audited. */
export async function setBudget(
  house: House,
  caller: Caller,
  { scope, name, perDay, onBreach }: NewBudget,
): Promise<void> {
  permit(caller, 'budget.write')
  if (scope === 'rule') await getRule(house, caller, nameOfRule(name))
  await house.db.write(caller, async (tx) => {
    if (perDay === null) {
      if (!(await store.deleteBudget(tx, { scope, name }))) {
        throw new AppError('conflict', 'There is no such budget.')
      }
    } else {
      const { now: setAt, actor: setBy } = caller
      // What was proposed for the budget as it was says nothing about this one.
      const proposal = { proposedId: null, proposedAt: null }
      await store.saveBudget(tx, { scope, name, perDay, onBreach, setAt, setBy, ...proposal })
    }
    const data = { scope, name, perDay, onBreach: perDay === null ? null : onBreach }
    await house.audit.record(tx, caller, {
      action: 'budget.set',
      target: name || caller.scope.workspaceId,
      data,
    })
  })
}

function nameOfRule(name: string): RuleId {
  if (isId(ID_PREFIXES.rule, name)) return name
  throw new AppError('invalid', 'The budget of a rule names the rule by its id.')
}

/** For whoever would deploy rules: the budget over each that has one. */
export async function budgetFor(
  house: House,
  caller: Caller,
  ruleIds: readonly RuleId[],
): Promise<
  readonly { readonly ruleId: RuleId; readonly scope: string; readonly perDay: number }[]
> {
  const { scope } = caller
  const reader = house.db.read(scope)
  const budgets = await store.selectBudgets(reader, scope)
  if (budgets.length === 0) return []
  const groups = await store.selectGroupsOf(reader, scope, ruleIds)
  return ruleIds.flatMap((ruleId) => {
    const found = budgetOver(budgets, { ruleId, group: groups.get(ruleId) ?? null })
    return found === undefined ? [] : [{ ruleId, scope: found.scope, perDay: found.perDay }]
  })
}

/** Alerts a day that one rule may make; null where nothing limits it. */
export async function budgetPerDay(
  house: House,
  caller: Caller,
  ruleId: RuleId,
): Promise<number | null> {
  const [found] = await budgetFor(house, caller, [ruleId])
  return found?.perDay ?? null
}
