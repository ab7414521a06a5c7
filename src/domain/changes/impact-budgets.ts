// Noise budgets as a change sees them: how many alerts a day a rule may bring, and who says so.

import type { RuleId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { portKey } from '#platform/ports.ts'

export interface NoiseBudgetOf {
  readonly ruleId: RuleId
  readonly scope: string
  readonly perDay: number
}

/** Filled by what keeps noise budgets, which comes after changes in the order of domains. */
export const NOISE_BUDGETS =
  portKey<
    (house: House, caller: Caller, ruleIds: readonly RuleId[]) => Promise<readonly NoiseBudgetOf[]>
  >('noiseBudgets')
