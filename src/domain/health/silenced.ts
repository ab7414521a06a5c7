// Everything that makes a deployed rule say less than it would, in one shape: ours and the target's. Pure.

import type { Exclusion } from '#domain/rules/exclusions/exclusion.ts'
import type { Hidden } from '#domain/rules/exclusions/hidden.ts'
import type { RuleId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'

export const SILENCED_KINDS = [
  'pause',
  'exclusion',
  'throttle',
  'allow_list',
  'automation',
  'soak',
  'downgrade',
] as const
export type SilencedKind = (typeof SILENCED_KINDS)[number]

export interface Silenced {
  readonly kind: SilencedKind
  /** What it does, in a sentence. */
  readonly what: string
  readonly rules: readonly { readonly id: RuleId; readonly title: string }[]
  /** Null: at every target. */
  readonly targetName: string | null
  /** Who answers for it; null where nobody is known. */
  readonly by: string | null
  readonly why: string | null
  readonly since: Instant | null
  /** Null: nothing ends it. */
  readonly endsAt: Instant | null
  /** Its day has passed, and it still holds. */
  readonly isOverdue: boolean
  /** In 30 days; null: nobody has counted them. */
  readonly hidden: Hidden | null
  /** Of the exclusion, where it is one. */
  readonly exclusionId: Exclusion['id'] | null
}

/** What ends is before what does not, the soonest first; then by kind. */
export function inOrder(items: readonly Silenced[]): readonly Silenced[] {
  const end = ({ isOverdue, endsAt }: Silenced) => (isOverdue ? 0 : (endsAt ?? Infinity))
  const kind = (one: Silenced) => SILENCED_KINDS.indexOf(one.kind)
  return items.toSorted((a, b) => compare(end(a), end(b)) || compare(kind(a), kind(b)))
}

const compare = (a: number, b: number) => (a === b ? 0 : a < b ? -1 : 1)
