// What a target tells of its rules over a time: by the hour while it is fresh, by the day afterwards. Null
// is what it does not tell, and stays null through every sum: unknown is never 0. Pure.

import type { RuleRun } from '#domain/targets/port.ts'
import { DAY, HOUR, instant, type Instant } from '#kernel/time.ts'

export interface Counts {
  readonly ran: number | null
  readonly failed: number | null
  readonly skipped: number | null
  readonly alerts: number | null
  readonly latencyMs: number | null
  readonly lagMs: number | null
}

export interface Sample extends Counts {
  /** How long a time it is of. */
  readonly hours: 1 | 24
  readonly at: Instant
}

/** A time to ask a target about; a day or an hour of UTC, the last hour as far as it has come. */
export interface Bucket {
  readonly hours: 1 | 24
  readonly from: Instant
  /** Exclusive. */
  readonly to: Instant
}

/** Samples by the hour become one of the day when the day ended so long ago. */
export const HOURLY_DAYS = 14
export const KEPT_DAYS = 400
/** How far back a target is asked that was never asked, or was away for long. */
const CATCH_UP_DAYS = 7

export const hourOf = (at: number): Instant => instant(at - (at % HOUR))
export const dayOf = (at: number): Instant => instant(at - (at % DAY))

/**
 * What is to be asked at `now`, oldest first: the hour that runs, the hours before it that were not asked
 * to their end, and whole days where that was long ago. Bounded: at most a week back.
 */
export function bucketsToAsk(sampledUntil: Instant | null, now: Instant): readonly Bucket[] {
  const earliest = dayOf(Math.max(0, now - CATCH_UP_DAYS * DAY))
  const from = hourOf(Math.max(sampledUntil ?? earliest, earliest))
  const hourly = dayOf(Math.max(0, now - DAY))
  const buckets: Bucket[] = []
  for (let at: number = from; at < now;) {
    const isDay = at % DAY === 0 && at + DAY <= hourly
    const hours = isDay ? 24 : 1
    const to = Math.min(now, at + hours * HOUR)
    buckets.push({ hours, from: instant(at), to: instant(to) })
    at += hours * HOUR
  }
  return buckets
}

export const NOTHING_TOLD: Counts = {
  ran: null,
  failed: null,
  skipped: null,
  alerts: null,
  latencyMs: null,
  lagMs: null,
}

/** Without what no sum can be made of. */
export function countsOf({ ran, failed, skipped, alerts, latencyMs, lagMs }: RuleRun): Counts {
  return {
    ran: whole(ran),
    failed: whole(failed),
    skipped: whole(skipped),
    alerts: whole(alerts),
    latencyMs: whole(latencyMs),
    lagMs: whole(lagMs),
  }
}

const whole = (value: number | null) =>
  value !== null && Number.isFinite(value) && value >= 0 ? Math.round(value) : null

/** Of the samples that begin in a time: sums of counts, the worst of times. Null where none tells. */
export function sumOf(samples: readonly Counts[]): Counts {
  return {
    ran: sum(samples, 'ran'),
    failed: sum(samples, 'failed'),
    skipped: sum(samples, 'skipped'),
    alerts: sum(samples, 'alerts'),
    latencyMs: worst(samples, 'latencyMs'),
    lagMs: worst(samples, 'lagMs'),
  }
}

function sum(samples: readonly Counts[], name: keyof Counts): number | null {
  const told = samples.flatMap((sample) => sample[name] ?? [])
  return told.length === 0 ? null : told.reduce((total, value) => total + value, 0)
}

function worst(samples: readonly Counts[], name: keyof Counts): number | null {
  const told = samples.flatMap((sample) => sample[name] ?? [])
  return told.length === 0 ? null : Math.max(...told)
}

export interface DayCount {
  readonly day: Instant
  readonly alerts: number | null
  readonly ran: number | null
  readonly failed: number | null
}

/** One for each day, oldest first, the day of `now` last; days that nobody asked about are unknown. */
export function byDay(samples: readonly Sample[], now: Instant, days: number): readonly DayCount[] {
  const grouped = Map.groupBy(samples, ({ at }) => dayOf(at) as number)
  return Array.from({ length: days }, (_, index) => {
    const day = instant(dayOf(now) - (days - 1 - index) * DAY)
    const { alerts, ran, failed } = sumOf(grouped.get(day) ?? [])
    return { day, alerts, ran, failed }
  })
}
