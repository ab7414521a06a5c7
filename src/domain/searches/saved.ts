// A saved search: a question with its targets, caps and a range as long as a span, kept under a name to
// be asked again, by hand or at the slots of a schedule. It is its owner's until they share it.

import type { Actor } from '#kernel/actor.ts'
import type { RuleId, SavedSearchId, TargetId } from '#kernel/id.ts'
import type { TargetLanguage } from '#kernel/siem.ts'
import type { Instant } from '#kernel/time.ts'
import { nextSlot } from '#platform/jobs/schedule.ts'
import type { SearchCaps } from './search.ts'

export interface SavedSearch {
  readonly id: SavedSearchId
  readonly name: string
  readonly language: TargetLanguage
  readonly text: string
  readonly ruleId: RuleId | null
  readonly targetIds: readonly TargetId[]
  /** The range is as long as this and ends when it is asked. */
  readonly spanMs: number
  readonly caps: SearchCaps
  readonly purpose: string
  readonly isShared: boolean
  readonly owner: Actor
  readonly createdAt: Instant
  /** Five fields, in UTC; null: by hand alone. */
  readonly cron: string | null
  readonly isPaused: boolean
  /** The slot that comes next; null without a schedule and while it is paused. */
  readonly nextAt: Instant | null
  /** Slots that came while no server ran, since the schedule was set. They are not made up for. */
  readonly missedCount: number
  /** What a person should know of the last slot; null when it ran as planned. */
  readonly note: string | null
}

export const SAVED_MAX = 500
/** Runs kept of each: a schedule writes rows for as long as it runs. */
export const RUNS_KEPT = 100
/** Closer slots are load and no news. */
export const SLOT_MS_MIN = 5 * 60_000

/** What most schedules are; any other pattern of five fields fits as well. */
export const CADENCES: readonly (readonly [cron: string, words: string])[] = [
  ['*/15 * * * *', 'Every 15 minutes'],
  ['5 * * * *', 'Every hour'],
  ['10 */4 * * *', 'Every 4 hours'],
  ['0 6 * * *', 'Every day at 06:00'],
  ['0 6 * * 1-5', 'Monday to Friday at 06:00'],
  ['0 6 * * 1', 'Every Monday at 06:00'],
]

const timetable = (cron: string) => ({ cron, timeZone: 'UTC' })

/** Throws `invalid` for what is no pattern, or never comes. */
export function nextRunOf(cron: string, after: Instant): Instant {
  return nextSlot(timetable(cron), after)
}

/** True when two slots of the pattern lie closer together than a search may be repeated. */
export function isTooOften(cron: string, now: Instant): boolean {
  let at = nextRunOf(cron, now)
  for (let slot = 0; slot < SLOTS_LOOKED_AT; slot++) {
    const next = nextRunOf(cron, at)
    if (next - at < SLOT_MS_MIN) return true
    at = next
  }
  return false
}

const SLOTS_LOOKED_AT = 60
const MISSED_COUNTED_MAX = 10_000

/**
 * How many slots came and went without a run, when one runs at `now` that was due at `planned`: all that
 * lie after the planned one. Counted up to a bound.
 */
export function missedSlots(cron: string, planned: Instant, now: Instant): number {
  let missed = 0
  for (let at = nextRunOf(cron, planned); at <= now; at = nextRunOf(cron, at)) {
    missed += 1
    if (missed === MISSED_COUNTED_MAX) break
  }
  return missed
}
