// An exclusion: a Sigma filter over rules that it names, with an owner, a reason and a day on which it
// ends. The text is the truth, as it is for rules; who owns it, why and until when stand in it under
// `rulewright:`. It binds to the rules it named when it was written, so no later rule is caught.

import type { Actor } from '#kernel/actor.ts'
import type { ExclusionId, RuleId } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import { DAY, parseInstant, type Instant } from '#kernel/time.ts'
import type { RuleLogSource } from '#domain/rules/content.ts'
import type { Hidden } from './hidden.ts'

export const EXCLUSION_DAYS_MAX = 90
/** From here on lists say that it ends soon. */
export const ENDING_DAYS = 14

export const EXCLUSION_STATES = ['in_force', 'overdue', 'ended'] as const
/** `overdue`: its day has passed and rules are still compiled with it. */
export type ExclusionState = (typeof EXCLUSION_STATES)[number]

export interface Exclusion {
  readonly id: ExclusionId
  readonly title: string
  readonly sigmaId: string | null
  readonly state: ExclusionState
  /** E-mail. */
  readonly owner: string
  readonly reason: string
  readonly endsAt: Instant
  /** In the order of their titles; a rule that was deleted since is gone from here. */
  readonly rules: readonly NamedRule[]
  readonly version: number
  readonly contentHash: string
  readonly createdAt: Instant
  readonly createdBy: Actor
  readonly updatedAt: Instant
  readonly updatedBy: Actor
  /** Null: nobody has counted since it or one of its rules changed. */
  readonly hidden: Hidden | null
}

export interface NamedRule {
  readonly id: RuleId
  readonly title: string
}

export interface ExclusionWithText extends Exclusion {
  readonly text: string
}

export interface ExclusionVersion {
  readonly number: number
  readonly text: string
  readonly contentHash: string
  readonly why: string
  readonly createdAt: Instant
  readonly createdBy: Actor
}

/** What the text of an exclusion says. */
export interface ExclusionContent {
  readonly title: string
  readonly sigmaId: string | null
  /** Of the rules, as written: ids or names. */
  readonly references: readonly string[]
  readonly logsource: RuleLogSource
  readonly owner: string
  readonly reason: string
  readonly endsAt: Instant
}

export function stateOf(
  { state, endsAt }: { readonly state: 'in_force' | 'ended'; readonly endsAt: Instant },
  now: Instant,
): ExclusionState {
  return state === 'in_force' && endsAt <= now ? 'overdue' : state
}

export function isEndingSoon({ state, endsAt }: Exclusion, now: Instant): boolean {
  return state === 'in_force' && endsAt - now <= ENDING_DAYS * DAY
}

/** `2026-12-24` is good until that day is over, in UTC; an instant is itself. */
export function readEnd(text: string): Instant | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return parseInstant(text)
  const midnight = parseInstant(`${text}T00:00:00Z`)
  return midnight === undefined ? undefined : ((midnight + DAY) as Instant)
}

/** The last day that an exclusion written now may name, as `YYYY-MM-DD`. */
export function lastDay(now: Instant): string {
  return new Date(now + EXCLUSION_DAYS_MAX * DAY).toISOString().slice(0, 10)
}

/** Nothing when the end may be written now. */
export function judgeEnd(endsAt: Instant, now: Instant): Problem | undefined {
  if (endsAt <= now) {
    return refuseExclusion('exclusion/ends-past', 'The end of the exclusion has passed.', HINT)
  }
  if (endsAt <= readEnd(lastDay(now))!) return undefined
  const message = `An exclusion ends within ${EXCLUSION_DAYS_MAX} days.`
  const hint = `Name a day up to ${lastDay(now)}. It can be prolonged with a reason.`
  return refuseExclusion('exclusion/ends-too-late', message, hint)
}

const HINT = 'Name a day from today on.'

export function refuseExclusion(code: string, message: string, hint?: string): Problem {
  return { code, severity: 'error', message, ...(hint === undefined ? {} : { hint }) }
}
