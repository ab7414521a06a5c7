// What follows once all rules of a target were read, in a domain that stands on this one and that this
// one does not know. Filled by app.ts.

import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { portKey } from '#platform/ports.ts'
import type { Target } from '#domain/targets/target.ts'
import type { Instant } from '#kernel/time.ts'

export interface Pulled {
  readonly target: Target
  /** What was written there since then may be missing in what was read. */
  readonly startedAt: Instant
  /** Only then is gone what was not seen. */
  readonly isComplete: boolean
  readonly signal: AbortSignal
}

type AfterPull = (house: House, caller: Caller, pulled: Pulled) => Promise<void>

/** Loaded with the first pull. */
export const AFTER_PULL = portKey<() => Promise<AfterPull>>('what follows a pull')

/** A target that could not be asked. */
export interface Unread {
  readonly target: Target
  /** When it was read in whole last; null for never. */
  readonly readAt: Instant | null
  readonly signal: AbortSignal
}

type AfterUnread = (house: House, caller: Caller, unread: Unread) => Promise<void>

export const AFTER_UNREAD = portKey<() => Promise<AfterUnread>>(
  'what follows a target out of reach',
)
