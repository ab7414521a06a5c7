// The searches that a backtest has under way: when the next of them goes on, and telling them to stop.

import { cancelSearch } from '#domain/searches/actions.ts'
import { getSearch } from '#domain/searches/reading.ts'
import { isOver } from '#domain/searches/search.ts'
import { AppError } from '#kernel/error.ts'
import type { BacktestId, SearchId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import type { BacktestItem } from './backtest.ts'
import { selectItems } from './backtest-store.ts'

/** What still runs is told to stop; the rest stays as it is, and can be read. */
export async function stopSearches(house: House, caller: Caller, id: BacktestId): Promise<void> {
  await nextTurn()
  const { scope } = caller
  const asked = await selectItems(house.db.read(scope), scope, id, { states: ['asking'] })
  for (const item of asked) {
    for (const searchId of searchesOf(item)) {
      await cancelSearch(house, caller, searchId).catch(orOver)
      await nextTurn()
    }
  }
}

/**
 * When the first of them is tried again, if every one waits for that: a target that is away is no reason
 * to hold a slot. Undefined while any may go on now, and for none. Each was begun.
 */
export async function nextTryAt(
  house: House,
  caller: Caller,
  items: readonly BacktestItem[],
): Promise<Instant | undefined> {
  const tries: Instant[] = []
  for (const item of items) {
    const own: Instant[] = []
    for (const searchId of searchesOf(item)) {
      const { segments } = await getSearch(house, caller, searchId)
      const { jobId } = segments.find(({ state }) => !isOver(state)) ?? { jobId: null }
      if (jobId === null) continue
      const { state, runAt } = await house.jobs.find(caller.scope, jobId)
      if (state !== 'queued' || runAt <= house.clock.now()) return undefined
      own.push(runAt)
    }
    if (own.length === 0) return undefined
    tries.push(...own)
  }
  return tries.toSorted((a, b) => a - b)[0]
}

function searchesOf({ beforeSearchId, afterSearchId }: BacktestItem): Set<SearchId> {
  return new Set([beforeSearchId, afterSearchId].filter((id) => id !== null))
}

function orOver(error: unknown): void {
  const isKnown = error instanceof AppError && ['conflict', 'forbidden'].includes(error.code)
  if (!isKnown) throw error
}
