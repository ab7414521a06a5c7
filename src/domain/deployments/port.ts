// What deployments ask of a domain behind them.

import type { RuleId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { portKey } from '#platform/ports.ts'

/** Alerts a day that a rule may make; null where nothing limits it. */
export type FindBudget = (house: House, caller: Caller, ruleId: RuleId) => Promise<number | null>

/** Loaded at its first use. */
export const BUDGET = portKey<() => Promise<FindBudget>>('budget')
