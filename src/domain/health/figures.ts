// What was last known of a rule at a target: the numbers that were judged, beside the state that came of
// them. Kept as they were, so that a page says what the judgement was made of.

import type { RuleId, TargetId } from '#kernel/id.ts'
import type { SiemKind } from '#kernel/siem.ts'
import type { Instant } from '#kernel/time.ts'
import type { PlacementState } from '#domain/placements/placement.ts'
import type { Level } from '#domain/rules/product-key.ts'
import type { HealthState, Lateness } from './health.ts'
import type { OwnMatches } from './probe.ts'
import type { Counts, DayCount, Sample } from './sample.ts'
import type { Gap } from './gaps.ts'

export interface Figures {
  /** The last 24 hours, and the last 30 days as far as they are kept. */
  readonly day: Counts
  readonly month: Counts
  /** Alerts; null where the target does not tell. */
  readonly perDay: number | null
  readonly lastRunAt: Instant | null
  readonly lastError: string | null
  /** Of the tightest budget over it; null: none is. */
  readonly budgetPerDay: number | null
  readonly missedHours: number
  readonly delay: Lateness | null
  /** Names of what it reads there, and whether data flows in it. */
  readonly sources: readonly string[]
  readonly flow: 'flowing' | 'stopped' | 'unknown'
  /** Fields that it reads and that its sources were seen to have. */
  readonly fields: readonly string[]
  /** Rows that its own query found over a day; null: not looked. */
  readonly own: OwnMatches | null
}

export interface RuleHealth {
  readonly series: number
  readonly ruleId: RuleId
  readonly targetId: TargetId
  readonly title: string
  readonly level: Level | null
  readonly group: string | null
  readonly targetName: string
  readonly kind: SiemKind
  readonly placement: PlacementState
  /** Of the rule that stands there. */
  readonly version: number
  readonly state: HealthState
  readonly reason: string
  readonly since: Instant
  readonly judgedAt: Instant
  readonly watchedFrom: Instant
  readonly figures: Figures
}

export interface ListedHealth extends RuleHealth {
  /** One a day, the last one today. */
  readonly days: readonly DayCount[]
}

export interface RuleHealthAt extends ListedHealth {
  /** Oldest first: by the hour while fresh, then by the day. */
  readonly samples: readonly Sample[]
  readonly gaps: readonly Gap[]
}
