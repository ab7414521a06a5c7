// How a deployed rule fares, judged from what its target tells: a state and the reason for it in words.
// Pure. What is not known never makes a rule healthy, and never broken either.

import { DAY, HOUR, MINUTE, type Instant } from '#kernel/time.ts'
import type { PlacementState } from '#domain/placements/placement.ts'
import type { Counts } from './sample.ts'

/** The worst first: lists are in this order. */
export const HEALTH_STATES = [
  'silently_broken',
  'failing',
  'gaps',
  'late',
  'dead',
  'noisy',
  'slow',
  'lagging',
  'unknown',
  'paused',
  'healthy',
] as const
export type HealthState = (typeof HEALTH_STATES)[number]

export const rankOf = (state: HealthState): number => HEALTH_STATES.indexOf(state)

export interface SourceFact {
  readonly name: string
  /** Newest event; null where the target does not tell. */
  readonly lastSeenAt: Instant | null
  /** The longest that it was silent and came back. */
  readonly quietMs: number
}

/** Of 20 events one comes in later than `p95Ms`, of 100 one later than `p99Ms`. */
export interface Lateness {
  readonly p95Ms: number
  /** Null while too few events say it. */
  readonly p99Ms: number | null
}

export interface Facts {
  readonly now: Instant
  readonly placement: PlacementState
  /** Undefined while the target answers; since when and why it does not. */
  readonly away: { readonly since: Instant; readonly reason: string } | undefined
  readonly watchedFrom: Instant
  readonly everyMs: number
  /** How far back each run looks; null where the rule does not say. */
  readonly windowMs: number | null
  /** The last 24 hours, and all that is kept of 30 days. */
  readonly day: Counts
  readonly month: Counts
  readonly lastRunAt: Instant | null
  readonly lastError: string | null
  /** Hours of the last week in which it is known not to have run, while it should have. */
  readonly missedHours: number
  /** Of what it reads; null: nothing is known of them. */
  readonly sources: readonly SourceFact[] | null
  /** Log sources that are gone from the target altogether. */
  readonly goneSources: readonly string[]
  /** Fields it reads that its sources had and have no longer. */
  readonly lostFields: readonly string[]
  /** Over the last day its own query finds so many rows there; null: not looked. */
  readonly ownMatches: number | null
  /** A test of its own passes: its logic can fire. */
  readonly isTested: boolean
  /** How late events come in; null where that was not measured. */
  readonly delay: Lateness | null
  /** Why what it reads is behind, where it reads an acceleration. */
  readonly lagging: string | null
  /** Alerts per day that it may make; null: no budget is over it. */
  readonly budgetPerDay: number | null
  /**
   * What it makes is for other rules that stand there, `rules: null` where it is not told for which;
   * null: it makes alerts.
   */
  readonly feeds: { readonly rules: number | null; readonly alerts: number | null } | null
}

export interface Judged {
  readonly state: HealthState
  readonly reason: string
}

/** A source that was never silent longer may be so this long, at least. */
const QUIET_LEAST_MS = HOUR
/** Of one of which nothing is known yet. */
export const QUIET_UNKNOWN_MS = 8 * HOUR
const DEAD_DAYS = 30
const FAILING_SHARE = 0.5
const SKIPPED_SHARE = 0.2

type Check = (facts: Facts) => Judged | undefined

// In this order: what explains the others stands before them.
const CHECKS: readonly Check[] = [
  paused,
  away,
  broken,
  failing,
  gaps,
  late,
  lagging,
  slow,
  noisy,
  dead,
]

export function judge(facts: Facts): Judged {
  for (const check of CHECKS) {
    const judged = check(facts)
    if (judged !== undefined) return judged
  }
  return knownOrNot(facts)
}

function paused({ placement }: Facts): Judged | undefined {
  if (placement === 'paused') return { state: 'paused', reason: 'It is paused there.' }
  if (placement !== 'missing') return undefined
  return { state: 'failing', reason: 'It no longer stands on the target.' }
}

function away({ away: gone }: Facts): Judged | undefined {
  if (gone === undefined) return undefined
  return { state: 'unknown', reason: `The target does not answer: ${gone.reason}` }
}

/** Newer than this a source delivers. */
export function quietLimitMs({ quietMs }: Pick<SourceFact, 'quietMs'>): number {
  return Math.max(QUIET_LEAST_MS, 3 * quietMs)
}

export function isStopped(source: SourceFact, now: Instant): boolean {
  return source.lastSeenAt !== null && now - source.lastSeenAt > quietLimitMs(source)
}

function broken(facts: Facts): Judged | undefined {
  const { now, sources, goneSources, lostFields, ownMatches, day } = facts
  const because = (reason: string): Judged => ({ state: 'silently_broken', reason })
  if (goneSources.length > 0) {
    return because(`The target holds nothing of its log source ${goneSources[0]}.`)
  }
  const stopped = (sources ?? []).filter((source) => isStopped(source, now))
  if (stopped.length > 0 && stopped.length === sources!.length) {
    const [first] = stopped
    const since = spanOf(now - first!.lastSeenAt!)
    return because(`Its log source ${first!.name} stopped: no event for ${since}.`)
  }
  if (lostFields.length > 0) {
    const names = lostFields.slice(0, 3).join(', ')
    return because(`Its log source no longer has the field ${names}.`)
  }
  if (ownMatches !== null && ownMatches > 0 && day.alerts === 0) {
    const rows = ownMatches === 1 ? '1 event' : `${ownMatches} events`
    return because(`It has not fired, though its query finds ${rows} of the last day there.`)
  }
  return undefined
}

function failing({ day, lastError }: Facts): Judged | undefined {
  const why = lastError === null ? '' : `: ${lastError}`
  const { ran, failed, skipped } = day
  if (failed !== null && failed > 0 && ran !== null && failed >= FAILING_SHARE * ran) {
    const reason = `${failed} of ${ran} runs of the last day failed${why || '.'}`
    return { state: 'failing', reason }
  }
  if (failed === null && lastError !== null) {
    return { state: 'failing', reason: `Its last run failed${why}` }
  }
  const planned = (ran ?? 0) + (skipped ?? 0)
  if (skipped !== null && skipped > 0 && skipped >= SKIPPED_SHARE * planned) {
    const reason = `${skipped} of ${planned} runs of the last day were skipped.`
    return { state: 'failing', reason }
  }
  return undefined
}

function gaps({ missedHours, everyMs, lastRunAt, now, day }: Facts): Judged | undefined {
  const silentMs = lastRunAt === null ? null : now - lastRunAt
  if (silentMs !== null && silentMs > Math.max(HOUR, 3 * everyMs) && day.ran !== null) {
    return { state: 'gaps', reason: `It last ran ${spanOf(silentMs)} ago.` }
  }
  if (missedHours === 0) return undefined
  const hours = missedHours === 1 ? 'an hour' : `${missedHours} hours`
  return { state: 'gaps', reason: `It did not run for ${hours} of the last week.` }
}

function late({ delay, windowMs, everyMs }: Facts): Judged | undefined {
  if (delay === null || windowMs === null) return undefined
  // An event that comes in later than this lies before the window of every run after it.
  const slackMs = Math.max(0, windowMs - everyMs)
  const isBeyond = (ms: number | null) => ms !== null && ms > slackMs + MINUTE
  if (!isBeyond(delay.p95Ms) && !isBeyond(delay.p99Ms)) return undefined
  const [share, ms] = isBeyond(delay.p95Ms) ? ['20', delay.p95Ms] : ['100', delay.p99Ms!]
  const reach = slackMs === 0 ? 'not beyond the last' : `${spanOf(slackMs)} beyond the last`
  const reason = `One of ${share} events comes in over ${spanOf(ms)} late; its runs reach back ${reach}.`
  return { state: 'late', reason }
}

function lagging({ lagging: why }: Facts): Judged | undefined {
  return why === null ? undefined : { state: 'lagging', reason: why }
}

function slow({ day, everyMs }: Facts): Judged | undefined {
  const { latencyMs, lagMs } = day
  if (latencyMs !== null && latencyMs > everyMs / 2) {
    const reason = `A run takes ${spanOf(latencyMs)}, and it runs every ${spanOf(everyMs)}.`
    return { state: 'slow', reason }
  }
  if (lagMs !== null && lagMs > 2 * Math.max(everyMs, 5 * MINUTE)) {
    return { state: 'slow', reason: `Its runs begin up to ${spanOf(lagMs)} late.` }
  }
  return undefined
}

function noisy(facts: Facts): Judged | undefined {
  const { budgetPerDay, feeds } = facts
  const perDay = alertsPerDay(facts)
  if (budgetPerDay === null || feeds !== null || perDay === null) return undefined
  if (perDay <= budgetPerDay) return undefined
  const reason = `${rounded(perDay)} alerts a day; its budget is ${budgetPerDay}.`
  return { state: 'noisy', reason }
}

function dead({ month, now, watchedFrom, isTested, feeds }: Facts): Judged | undefined {
  if (feeds !== null) return deadFeed(feeds)
  const days = Math.min(DEAD_DAYS, Math.floor((now - watchedFrom) / DAY))
  if (days < DEAD_DAYS || month.alerts !== 0 || month.ran === 0) return undefined
  const test = isTested ? ', though its own test fires' : ', and no test shows that it can'
  return { state: 'dead', reason: `It has not fired in ${days} days${test}.` }
}

function deadFeed({ rules }: NonNullable<Facts['feeds']>): Judged | undefined {
  if (rules === null || rules > 0) return undefined
  const reason = 'It makes no alerts of its own, and no rule that stands there builds on it.'
  return { state: 'dead', reason }
}

function knownOrNot({ day, lastRunAt, watchedFrom, now, feeds }: Facts): Judged {
  const isSeen = (day.ran ?? 0) > 0 || (day.alerts ?? 0) > 0 || lastRunAt !== null
  if (!isSeen) {
    const isNew = now - watchedFrom < DAY
    const reason = isNew
      ? 'It has not run yet since it is watched.'
      : 'The target does not tell how it fares.'
    return { state: 'unknown', reason }
  }
  if (feeds === null) return { state: 'healthy', reason: '' }
  if (feeds.rules === null) {
    return { state: 'healthy', reason: 'It adds risk; which rules read that is not told.' }
  }
  const rules = feeds.rules === 1 ? '1 rule' : `${feeds.rules} rules`
  const alerts = feeds.alerts === null ? '' : `, which made ${feeds.alerts} alerts in 30 days`
  return { state: 'healthy', reason: `It feeds ${rules}${alerts}.` }
}

/** Over the last 30 days or as long as it is watched, at least a day; null where it is not told. */
export function alertsPerDay({
  month,
  now,
  watchedFrom,
}: Pick<Facts, 'month' | 'now' | 'watchedFrom'>): number | null {
  if (month.alerts === null) return null
  const days = Math.min(30, Math.max(1, (now - watchedFrom) / DAY))
  return month.alerts / days
}

const rounded = (value: number) => (value < 10 ? Math.round(value * 10) / 10 : Math.round(value))

export function spanOf(ms: number): string {
  if (ms < MINUTE) return `${Math.max(1, Math.round(ms / 1_000))} s`
  if (ms < 2 * HOUR) return `${Math.round(ms / MINUTE)} min`
  if (ms < 2 * DAY) return `${Math.round(ms / HOUR)} hours`
  return `${Math.round(ms / DAY)} days`
}
