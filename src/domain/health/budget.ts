// Noise budgets: how many alerts a day a rule, a group of rules or all of them may make. Pure.

import type { Actor } from '#kernel/actor.ts'
import type { ChangeId, RuleId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'

export const BUDGET_SCOPES = ['workspace', 'group', 'rule'] as const
export type BudgetScope = (typeof BUDGET_SCOPES)[number]
export const ON_BREACH = ['flag', 'pause'] as const
export type OnBreach = (typeof ON_BREACH)[number]

export interface Budget {
  readonly scope: BudgetScope
  /** Slug of a group, id of a rule, empty for the workspace. */
  readonly name: string
  readonly perDay: number
  readonly onBreach: OnBreach
  readonly setAt: Instant
  readonly setBy: Actor
  /** The change that its last breach proposed, or paused a rule by; null: none did since it was set. */
  readonly proposedId: ChangeId | null
  readonly proposedAt: Instant | null
}

export interface BurntBudget extends Budget {
  /** Alerts a day over the last 30 days of all that it is over; null where none of it is told. */
  readonly used: number | null
  readonly rules: number
}

interface RuleInBudget {
  readonly ruleId: RuleId
  readonly group: string | null
  /** Alerts a day, over all targets; null where no target tells. */
  readonly perDay: number | null
}

export function isOver(
  budget: Pick<Budget, 'scope' | 'name'>,
  rule: Pick<RuleInBudget, 'ruleId' | 'group'>,
): boolean {
  if (budget.scope === 'workspace') return true
  return budget.scope === 'group' ? budget.name === rule.group : budget.name === rule.ruleId
}

export function burn(
  budgets: readonly Budget[],
  rules: readonly RuleInBudget[],
): readonly BurntBudget[] {
  return budgets.map((budget) => {
    const own = rules.filter((rule) => isOver(budget, rule))
    const told = own.flatMap(({ perDay }) => perDay ?? [])
    const used = told.length === 0 ? null : told.reduce((sum, value) => sum + value, 0)
    return { ...budget, used, rules: new Set(own.map(({ ruleId }) => ruleId)).size }
  })
}

/**
 * What one rule alone may make: its own budget, else that of its group, else that of the workspace. A
 * rule that makes more than all of them together may is noisy whatever the others do.
 */
export function budgetOver(
  budgets: readonly Budget[],
  rule: Pick<RuleInBudget, 'ruleId' | 'group'>,
): Budget | undefined {
  for (const scope of ['rule', 'group', 'workspace'] as const) {
    const found = budgets.find((one) => one.scope === scope && isOver(one, rule))
    if (found) return found
  }
  return undefined
}
