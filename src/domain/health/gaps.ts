// Hours in which a rule did not run though it should have, and the plan that makes up for them: each
// missed time is asked once. Pure.

import type { SearchId } from '#kernel/id.ts'
import { addMs, HOUR, type Instant } from '#kernel/time.ts'
import { hourOf, type Sample } from './sample.ts'

/** A time in which a rule did not run and should have. */
export interface Gap {
  readonly series: number
  readonly from: Instant
  /** Exclusive. */
  readonly to: Instant
  readonly state: 'planned' | 'asked'
  readonly searchId: SearchId | null
  readonly askedAt: Instant | null
}

interface Missing {
  readonly samples: readonly Sample[]
  /** It stands there since. */
  readonly since: Instant
  readonly now: Instant
  readonly everyMs: number
  readonly gaps: readonly Gap[]
}

/**
 * Hours that are over, in which the target says that the rule did not run at all; less those that were
 * asked since. A rule that runs less often than hourly misses nothing that can be told so.
 */
export function missedHours({ samples, since, now, everyMs, gaps }: Missing): readonly Instant[] {
  if (everyMs > HOUR) return []
  const asked = gaps.filter(({ state }) => state === 'asked')
  return samples
    .filter(({ hours, at, ran, skipped }) => {
      const isOver = at + HOUR <= hourOf(now)
      return hours === 1 && isOver && at >= since && ran === 0 && (skipped ?? 0) === 0
    })
    .map(({ at }) => at)
    .filter((at) => !asked.some(({ from, to }) => from <= at && at < to))
}

export interface Interval {
  readonly from: Instant
  /** Exclusive. */
  readonly to: Instant
}

/** Hours that follow each other are one interval. */
export function gapsToPlan(hours: readonly Instant[]): readonly Interval[] {
  const intervals: Interval[] = []
  for (const hour of hours) {
    const last = intervals.at(-1)
    if (last?.to === hour) intervals[intervals.length - 1] = { ...last, to: addMs(hour, HOUR) }
    else intervals.push({ from: hour, to: addMs(hour, HOUR) })
  }
  return intervals
}
