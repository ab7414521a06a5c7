// What hangs on the identity that writes on a target, and would stop or change when another takes over:
// rules that run with the rights of whoever wrote them last, say. Found before, so that a person knows.

import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { connectTarget } from './connect.ts'
import type { KnownDependants, Target } from './target.ts'

/** What is kept to be read; the count is of all. */
const KEPT_MAX = 200

/** Null where nothing can hang on that. Throws as the port does. */
export async function findDependants(
  house: House,
  caller: Caller,
  target: Target,
  next: { readonly identity: string | null },
  signal: AbortSignal,
): Promise<KnownDependants | null> {
  const port = await connectTarget(house, caller, target, { purpose: 'write' })
  if (port.dependants === undefined) return null
  const { items, completeness } = await port.dependants(next, signal)
  const kept = items.slice(0, KEPT_MAX)
  return { at: caller.now, count: items.length, items: kept, completeness }
}
