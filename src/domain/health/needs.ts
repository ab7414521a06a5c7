// What waits for a person: lines of many kinds in one shape, and the order in which they are shown. Pure.

import type { Instant } from '#kernel/time.ts'

/** What is worth most to be done first stands first. */
export const NEED_KINDS = [
  'sign',
  'deploy',
  'settle',
  'drift',
  'silently_broken',
  'failing',
  'dead',
  'target',
  'ending',
  'budget',
  'overdue',
  'exclusion',
  'hotfix',
  'upstream',
] as const
export type NeedKind = (typeof NEED_KINDS)[number]

export interface Need {
  /** Of what it is about. */
  readonly id: string
  /** Of an item of a deployment; null of what is found by its id alone. */
  readonly number: number | null
  /** In the words of whoever named it. */
  readonly title: string
  /** What is known of it; empty where its group says all. */
  readonly note: string
  /** Null: not known. */
  readonly since: Instant | null
  /** Null: nothing ends it. */
  readonly endsAt: Instant | null
}

export interface NeedGroup {
  readonly kind: NeedKind
  /** The first of them. */
  readonly items: readonly Need[]
  readonly count: number
}

/** So many of a group are shown; its list has the others. */
export const NEEDS_SHOWN = 5

/** Groups in their order, each with its first lines; one of which there is nothing is left out. */
export function inOrder(groups: readonly NeedGroup[]): readonly NeedGroup[] {
  return NEED_KINDS.flatMap((kind) => groups.filter((group) => group.kind === kind))
    .filter(({ count }) => count > 0)
    .map((group) => ({ ...group, items: group.items.slice(0, NEEDS_SHOWN) }))
}

/** A group that is known as a whole: what ends first, then what waits longest; unknown comes last. */
export function wholeGroup(kind: NeedKind, items: readonly Need[]): NeedGroup {
  const rank = ({ endsAt, since }: Need) => [endsAt ?? Infinity, since ?? Infinity] as const
  const sorted = items.toSorted((one, other) => {
    const [end, begin] = rank(one)
    const [otherEnd, otherBegin] = rank(other)
    return compare(end, otherEnd) || compare(begin, otherBegin)
  })
  return { kind, items: sorted, count: items.length }
}

function compare(one: number, other: number): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
