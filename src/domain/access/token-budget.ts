// Budgets of agents: calls a minute and a day, and rows a day, for each token. Counted in memory and
// written down every few seconds of use, so a crash forgives a few calls and a restart none.

import { AppError } from '#kernel/error.ts'
import type { TokenId } from '#kernel/id.ts'
import { addMs, DAY, MINUTE, SECOND, type Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { AGENT_BUDGET, dayOf, type ApiToken, type TokenUse } from './token.ts'
import { findTokenUse, saveTokenUse } from './token-store.ts'

interface Count {
  use: TokenUse
  minuteEndsAt: Instant
  callsInMinute: number
  writtenAt: Instant | null
}

type BudgetHouse = Pick<House, 'db' | 'log'>

const WRITTEN_EVERY_MS = 10 * SECOND
/** Tokens remembered; one that is forgotten is read again. */
const COUNTS_MAX = 10_000

export class TokenBudgets {
  readonly #counts = new Map<TokenId, Count>()

  /** Counts a call. Throws `rate_limited` when none is left, with the time until one is. */
  async take(house: BudgetHouse, caller: Caller, { id }: Pick<ApiToken, 'id'>): Promise<void> {
    const { now } = caller
    const count = await this.#countOf(house, caller, id)
    if (now >= count.minuteEndsAt) {
      count.minuteEndsAt = addMs(now, MINUTE)
      count.callsInMinute = 0
    }
    const { callsPerMinute, callsPerDay, rowsPerDay } = AGENT_BUDGET
    if (count.callsInMinute >= callsPerMinute)
      throw spent('calls of a minute', count.minuteEndsAt, now)
    const tomorrow = addMs(count.use.day, DAY)
    if (count.use.calls >= callsPerDay) throw spent('calls of a day', tomorrow, now)
    if (count.use.rows >= rowsPerDay) throw spent('rows of a day', tomorrow, now)
    count.callsInMinute += 1
    count.use = { ...count.use, calls: count.use.calls + 1 }
  }

  /** Counts what a call brought, and writes it down when it is time. */
  async brought(
    house: BudgetHouse,
    caller: Caller,
    { id }: Pick<ApiToken, 'id'>,
    rows: number,
  ): Promise<void> {
    const count = await this.#countOf(house, caller, id)
    count.use = { ...count.use, rows: count.use.rows + rows }
    const { now } = caller
    if (count.writtenAt !== null && now - count.writtenAt < WRITTEN_EVERY_MS) return
    count.writtenAt = now
    // A volume that is full must not keep an agent from reading.
    await house.db
      .write(caller, (tx) => saveTokenUse(tx, id, count.use))
      .catch((err: unknown) => house.log.warn({ err }, 'the use of a token could not be stored'))
  }

  async #countOf(house: BudgetHouse, { scope, now }: Caller, id: TokenId): Promise<Count> {
    const day = dayOf(now)
    let count = this.#counts.get(id)
    if (!count) {
      const use = (await findTokenUse(house.db.read(scope), id)) ?? { day, calls: 0, rows: 0 }
      count = { use, minuteEndsAt: now, callsInMinute: 0, writtenAt: null }
      if (this.#counts.size >= COUNTS_MAX) this.#counts.clear()
      // Two first calls at once read the same row; the later one goes on with the count of the other.
      count = this.#counts.get(id) ?? count
      this.#counts.set(id, count)
    }
    if (count.use.day < day) count.use = { day, calls: 0, rows: 0 }
    return count
  }
}

function spent(what: string, until: Instant, now: Instant): AppError {
  return new AppError('rate_limited', `The ${what} of this token are spent. Go on later.`, {
    retryAfterSeconds: Math.max(1, Math.ceil((until - now) / SECOND)),
  })
}
