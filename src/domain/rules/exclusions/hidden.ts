// How many hits an exclusion hides, as it was counted by asking its rules without and with it. What was
// counted holds as long as the exclusion and its rules are what they were. Pure.

import type { RuleId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'

export interface Hidden {
  /** Null: nobody could tell, and `reason` says why. */
  readonly count: number | null
  /** Hits of its rules without it, as far as they were told. */
  readonly of: number
  /** False: at least so many. */
  readonly isWhole: boolean
  /** Why it is not the whole, or unknown. */
  readonly reason: string | null
  readonly from: Instant
  /** Exclusive. */
  readonly to: Instant
  readonly countedAt: Instant
}

/** Versions of what was asked. */
export interface HiddenOf {
  readonly version: number
  readonly rules: readonly { readonly id: RuleId; readonly version: number }[]
}

export function writeHidden(hidden: Hidden, { version, rules }: HiddenOf): string {
  return JSON.stringify({ hidden, of: keyOf({ version, rules }) })
}

/** Null where nobody counted, or one of them is another since. */
export function readHidden(kept: string | null, now: HiddenOf): Hidden | null {
  if (kept === null) return null
  const { hidden, of } = JSON.parse(kept) as { readonly hidden: Hidden; readonly of: string }
  return of === keyOf(now) ? hidden : null
}

function keyOf({ version, rules }: HiddenOf): string {
  return [version, ...rules.map((rule) => `${rule.id}@${rule.version}`).toSorted()].join(' ')
}
