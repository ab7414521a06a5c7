// What the runner remembers of one workspace between two looks at the database.

import type { WorkspaceId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import { makeScope, type WorkspaceScope } from '#platform/db/scope.ts'
import type { Plan } from './scheduler.ts'

export interface Place {
  readonly workspaceId: WorkspaceId
  readonly scope: WorkspaceScope
  /** Something may run now: jobs were added, or a run has ended. */
  isReady: boolean
  /** When a job that waits becomes ready; null for none. */
  nextAt: Instant | null
  /** Undefined until the schedules are read, and after they have changed. */
  plan: Plan | undefined
  mayHoldForeignLeases: boolean
}

export function makePlace(
  workspaceId: WorkspaceId,
  { mayHoldForeignLeases }: Pick<Place, 'mayHoldForeignLeases'>,
): Place {
  const scope = makeScope(workspaceId)
  const plan = undefined
  return { workspaceId, scope, isReady: true, nextAt: null, plan, mayHoldForeignLeases }
}

export function isDue(place: Place, now: Instant): boolean {
  return place.isReady || (place.nextAt !== null && place.nextAt <= now)
}

/** Infinity for never. */
export function nextDueAt({ nextAt, plan }: Place, isHeld: boolean): number {
  const slotAt = isHeld ? null : (plan?.nextAt ?? null)
  return Math.min(nextAt ?? Infinity, slotAt ?? Infinity)
}
