// The budgets of agents, counted: in memory, and written down every few seconds of use, so a crash
// forgives a few calls and a restart none. What an admin sets is read anew with every minute of use.

import { AppError } from '#kernel/error.ts'
import type { TokenId } from '#kernel/id.ts'
import { addMs, formatInstant, MINUTE, SECOND, type Instant } from '#kernel/time.ts'
import { readPolicy } from '#domain/workspaces/policy-actions.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import {
  budgetOf,
  leftOf,
  noUse,
  spentOf,
  type AgentBudget,
  type BudgetLeft,
  type Spent,
} from './agent-budget.ts'
import { dayOf, type ApiToken, type TokenUse } from './token.ts'
import { findOwnBudget, findTokenUse, saveTokenUse } from './token-store.ts'

interface Count {
  use: TokenUse
  budget: AgentBudget
  minuteEndsAt: Instant
  callsInMinute: number
  writtenAt: Instant | null
}

type BudgetHouse = Pick<House, 'db' | 'log' | 'keys'>

const WRITTEN_EVERY_MS = 10 * SECOND
/** Tokens remembered; one that is forgotten is read again. */
const COUNTS_MAX = 10_000

export class TokenBudgets {
  readonly #counts = new Map<TokenId, Count>()

  /** Counts a call. Throws `rate_limited` when none is left, with the time until one is. */
  async take(
    house: BudgetHouse,
    caller: Caller,
    { id }: Pick<ApiToken, 'id'>,
    { isSearch = false }: { readonly isSearch?: boolean } = {},
  ): Promise<void> {
    const { now } = caller
    const count = await this.#countOf(house, caller, id)
    const spent = spentOf(count.budget, count, isSearch)
    if (spent) throw refusalOf(spent, now)
    const { use } = count
    count.callsInMinute += 1
    count.use = { ...use, calls: use.calls + 1, searches: use.searches + (isSearch ? 1 : 0) }
  }

  /** Counts what a call brought, writes it down when it is time, and tells what is left. */
  async brought(
    house: BudgetHouse,
    caller: Caller,
    { id }: Pick<ApiToken, 'id'>,
    { rows, bytes }: { readonly rows: number; readonly bytes: number },
  ): Promise<BudgetLeft> {
    const count = await this.#countOf(house, caller, id)
    const { use } = count
    count.use = { ...use, rows: use.rows + rows, bytes: use.bytes + bytes }
    const left = leftOf(count.budget, count)
    const { now } = caller
    if (count.writtenAt !== null && now - count.writtenAt < WRITTEN_EVERY_MS) return left
    count.writtenAt = now
    // A volume that is full must not keep an agent from reading.
    await house.db
      .write(caller, (tx) => saveTokenUse(tx, id, count.use))
      .catch((err: unknown) => house.log.warn({ err }, 'the use of a token could not be stored'))
    return left
  }

  async #countOf(house: BudgetHouse, caller: Caller, id: TokenId): Promise<Count> {
    const { now } = caller
    let count = this.#counts.get(id)
    if (!count) {
      count = await readCount(house, caller, id)
      if (this.#counts.size >= COUNTS_MAX) this.#counts.clear()
      // Two first calls at once read the same row; the later one goes on with the count of the other.
      count = this.#counts.get(id) ?? count
      this.#counts.set(id, count)
    }
    if (now >= count.minuteEndsAt) {
      // The minute begins before the budget is read: who calls meanwhile is counted in it.
      count.minuteEndsAt = addMs(now, MINUTE)
      count.callsInMinute = 0
      count.budget = await readBudget(house, caller, id)
    }
    if (count.use.day < dayOf(now)) count.use = noUse(now)
    return count
  }
}

async function readCount(house: BudgetHouse, caller: Caller, id: TokenId): Promise<Count> {
  const { scope, now } = caller
  const use = (await findTokenUse(house.db.read(scope), id)) ?? noUse(now)
  const budget = await readBudget(house, caller, id)
  return { use, budget, minuteEndsAt: addMs(now, MINUTE), callsInMinute: 0, writtenAt: null }
}

async function readBudget(house: BudgetHouse, caller: Caller, id: TokenId): Promise<AgentBudget> {
  const { policy } = await readPolicy(house, caller)
  return budgetOf(policy, await findOwnBudget(house.db.read(caller.scope), id))
}

function refusalOf({ what, of, until }: Spent, now: Instant): AppError {
  const message = `The ${what} of this token, ${of}, are spent. There is more at ${formatInstant(until)}.`
  return new AppError('rate_limited', message, {
    retryAfterSeconds: Math.max(1, Math.ceil((until - now) / SECOND)),
  })
}
