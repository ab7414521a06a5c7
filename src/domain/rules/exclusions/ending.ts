// Exclusions that end soon, and how many are in force. In a file of its own, because what changes one
// brings compilers along.

import { permit } from '#domain/access/permission.ts'
import type { Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { Exclusion } from './exclusion.ts'
import { countExclusions, selectBoundRules, selectExclusions, toExclusion } from './store.ts'

export interface EndingExclusions {
  /** What ends first, and what should have ended, first. */
  readonly items: readonly Exclusion[]
  /** Of all, not of those that are listed. */
  readonly count: number
}

export async function listEnding(
  house: House,
  caller: Caller,
  { endsBefore, limit }: { readonly endsBefore: Instant; readonly limit: number },
): Promise<EndingExclusions> {
  permit(caller, 'exclusion.read')
  const { scope, now } = caller
  const reader = house.db.read(scope)
  const rows = await selectExclusions(reader, scope, { endsBefore, now, limit, after: null })
  const ids = rows.map(({ id }) => id)
  const bound = await selectBoundRules(reader, scope, ids)
  const items = rows.map((row) => {
    const rules = bound.filter(({ exclusionId }) => exclusionId === row.id)
    return toExclusion(row, rules, now)
  })
  return { items, count: await countExclusions(reader, scope, { endsBefore, now }) }
}

/** Those that rules are compiled with. */
export async function countInForce(house: House, caller: Caller): Promise<number> {
  permit(caller, 'exclusion.read')
  const { scope, now } = caller
  return countExclusions(house.db.read(scope), scope, { now })
}
