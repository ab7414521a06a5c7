// Instants and durations. Instants are whole unix milliseconds in the database and RFC 3339 UTC with
// milliseconds outside; durations are `5m` or `90d` in files and flags. Nothing here reads a clock:
// `Clock` is what an owner of time hands down.

import { AppError } from './error.ts'

declare const instantBrand: unique symbol
/** Unix milliseconds, whole. */
export type Instant = number & { readonly [instantBrand]: true }

export interface Clock {
  now(): Instant
  /** Milliseconds that never run backwards; only differences mean anything. */
  monotonicMs(): number
}

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
export const WEEK = 7 * DAY

/** The largest instant that formats with a four-digit year. */
export const INSTANT_MAX = Date.parse('9999-12-31T23:59:59.999Z') as Instant

export function instant(ms: number): Instant {
  if (!Number.isSafeInteger(ms) || ms < 0 || ms > INSTANT_MAX) {
    throw new AppError('invalid', `${ms} is not a time this product can hold.`)
  }
  return ms as Instant
}

export function addMs(at: Instant, ms: number): Instant {
  return instant(at + ms)
}

/** `2026-11-21T10:00:00.000Z` */
export function formatInstant(at: Instant): string {
  return new Date(at).toISOString()
}

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i

/** Undefined when `text` is not an RFC 3339 time with a zone, or names a day that does not exist. */
export function parseInstant(text: string): Instant | undefined {
  if (!RFC3339.test(text)) return undefined
  const ms = Date.parse(text)
  if (!Number.isInteger(ms) || ms < 0 || ms > INSTANT_MAX) return undefined
  const day = Number(text.slice(8, 10))
  const month = Number(text.slice(5, 7))
  const daysInMonth = new Date(Date.UTC(Number(text.slice(0, 4)), month, 0)).getUTCDate()
  return day >= 1 && day <= daysInMonth ? (ms as Instant) : undefined
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND,
  m: MINUTE,
  h: HOUR,
  d: DAY,
  w: WEEK,
}

/** `90d` to milliseconds; undefined for anything else, zero with a unit included (`0s` is 0). */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9})(ms|s|m|h|d|w)$/.exec(text)
  if (!match) return undefined
  const ms = Number(match[1]) * UNITS[match[2]!]!
  return Number.isSafeInteger(ms) ? ms : undefined
}

/** The shortest spelling that `parseDuration` reads back: `90m`, not `5400s`; `36h`, not `1.5d`. */
export function formatDuration(ms: number): string {
  for (const unit of ['w', 'd', 'h', 'm', 's'] as const) {
    const size = UNITS[unit]!
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`
  }
  return ms === 0 ? '0s' : `${ms}ms`
}
