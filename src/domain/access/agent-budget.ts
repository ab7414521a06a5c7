// How much an agent may ask: what its workspace says, or an admin of its one token. Calls a minute stop
// one that goes round in a circle; the days stop a clumsy one. Pure.

import { z } from 'zod'
import type { Policy } from '#domain/workspaces/policy.ts'
import { addMs, DAY, formatInstant, type Instant } from '#kernel/time.ts'
import { dayOf, type TokenUse } from './token.ts'

export const AgentBudget = z.strictObject({
  callsPerMinute: z.int().min(1).max(6_000),
  callsPerDay: z.int().min(1).max(1_000_000),
  rowsPerDay: z.int().min(0).max(10_000_000),
  searchesPerDay: z.int().min(0).max(100_000),
  megabytesPerDay: z.int().min(1).max(100_000),
})
export type AgentBudget = z.infer<typeof AgentBudget>

/** What an admin gave one token; what is null is as the workspace says. */
export const OwnBudget = z.strictObject({
  callsPerMinute: AgentBudget.shape.callsPerMinute.nullable(),
  callsPerDay: AgentBudget.shape.callsPerDay.nullable(),
  rowsPerDay: AgentBudget.shape.rowsPerDay.nullable(),
  searchesPerDay: AgentBudget.shape.searchesPerDay.nullable(),
  megabytesPerDay: AgentBudget.shape.megabytesPerDay.nullable(),
})
export type OwnBudget = z.infer<typeof OwnBudget>

export const NO_OWN_BUDGET: OwnBudget = Object.freeze({
  callsPerMinute: null,
  callsPerDay: null,
  rowsPerDay: null,
  searchesPerDay: null,
  megabytesPerDay: null,
})

export function budgetOf(policy: Policy, own: OwnBudget = NO_OWN_BUDGET): AgentBudget {
  return {
    callsPerMinute: own.callsPerMinute ?? policy.agentCallsPerMinute,
    callsPerDay: own.callsPerDay ?? policy.agentCallsPerDay,
    rowsPerDay: own.rowsPerDay ?? policy.agentRowsPerDay,
    searchesPerDay: own.searchesPerDay ?? policy.agentSearchesPerDay,
    megabytesPerDay: own.megabytesPerDay ?? policy.agentMegabytesPerDay,
  }
}

/** As an answer tells it: what is left, and when there is more. */
export interface BudgetLeft {
  readonly callsThisMinute: number
  readonly minuteRenewsAt: string
  readonly callsToday: number
  readonly rowsToday: number
  readonly searchesToday: number
  readonly bytesToday: number
  readonly dayRenewsAt: string
}

const MEGABYTE = 1_000_000

export interface Used {
  readonly use: TokenUse
  readonly callsInMinute: number
  readonly minuteEndsAt: Instant
}

export function leftOf(
  budget: AgentBudget,
  { use, callsInMinute, minuteEndsAt }: Used,
): BudgetLeft {
  const left = (of: number, used: number) => Math.max(0, of - used)
  return {
    callsThisMinute: left(budget.callsPerMinute, callsInMinute),
    minuteRenewsAt: formatInstant(minuteEndsAt),
    callsToday: left(budget.callsPerDay, use.calls),
    rowsToday: left(budget.rowsPerDay, use.rows),
    searchesToday: left(budget.searchesPerDay, use.searches),
    bytesToday: left(budget.megabytesPerDay * MEGABYTE, use.bytes),
    dayRenewsAt: formatInstant(endOf(use)),
  }
}

export interface Spent {
  readonly what: string
  readonly of: number
  readonly until: Instant
}

/** What a call has no budget for. `isSearch`: it would begin one. */
export function spentOf(budget: AgentBudget, used: Used, isSearch: boolean): Spent | undefined {
  const { use, callsInMinute, minuteEndsAt } = used
  const tomorrow = endOf(use)
  const rows: readonly (Spent & { readonly isSpent: boolean })[] = [
    {
      what: 'calls of a minute',
      of: budget.callsPerMinute,
      until: minuteEndsAt,
      isSpent: callsInMinute >= budget.callsPerMinute,
    },
    {
      what: 'calls of a day',
      of: budget.callsPerDay,
      until: tomorrow,
      isSpent: use.calls >= budget.callsPerDay,
    },
    {
      what: 'rows of a day',
      of: budget.rowsPerDay,
      until: tomorrow,
      isSpent: use.rows >= budget.rowsPerDay,
    },
    {
      what: 'megabytes of a day',
      of: budget.megabytesPerDay,
      until: tomorrow,
      isSpent: use.bytes >= budget.megabytesPerDay * MEGABYTE,
    },
    {
      what: 'searches of a day',
      of: budget.searchesPerDay,
      until: tomorrow,
      isSpent: isSearch && use.searches >= budget.searchesPerDay,
    },
  ]
  return rows.find(({ isSpent }) => isSpent)
}

const endOf = ({ day }: TokenUse): Instant => addMs(day, DAY)

export function noUse(now: Instant): TokenUse {
  return { day: dayOf(now), calls: 0, rows: 0, searches: 0, bytes: 0 }
}
