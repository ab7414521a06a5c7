// How often somebody may guess. Every try is counted before it is looked at, so tries that come at once
// are counted too; the one that succeeds takes its count back. Pure; attempts.ts keeps the rows.

import { addMs, HOUR, MINUTE, type Instant } from '#kernel/time.ts'

export interface ThrottleRow {
  readonly key: string
  /** Tries since `firstAt` that nothing has forgiven. */
  readonly failures: number
  readonly firstAt: Instant
  readonly lastAt: Instant
  readonly blockedUntil: Instant
}

export interface ThrottleRule {
  /** Tries in a row that nobody has to wait for. */
  readonly free: number
  /** What is older does not count. */
  readonly windowMs: number
  /** After the free ones: this long, then twice as long, up to the most. */
  readonly pauseMs: number
  readonly pauseMaxMs: number
}

/** Of an account as strangers see it, and of each browser that is known: some 20 tries an hour. */
export const ACCOUNT_RULE: ThrottleRule = {
  free: 10,
  windowMs: 15 * MINUTE,
  pauseMs: MINUTE,
  pauseMaxMs: 15 * MINUTE,
}

/** Of one network, whatever the account. */
export const NETWORK_RULE: ThrottleRule = {
  free: 30,
  windowMs: MINUTE,
  pauseMs: MINUTE,
  pauseMaxMs: MINUTE,
}

/** A row that was not touched for this long says nothing any more. */
export const FORGOTTEN_MS = HOUR

/** How long one still has to wait; 0 when a try is allowed now. */
export function waitOf(row: ThrottleRow | undefined, rule: ThrottleRule, now: Instant): number {
  if (!row || isFromTheFuture(row, now)) return 0
  return Math.max(0, Math.min(row.blockedUntil - now, rule.pauseMaxMs))
}

/** The row after one more try, which `waitOf` has allowed. */
export function countTry(
  key: string,
  row: ThrottleRow | undefined,
  rule: ThrottleRule,
  now: Instant,
): ThrottleRow {
  const isFresh = !row || now - Math.max(row.lastAt, row.blockedUntil) >= rule.windowMs
  const before = isFresh ? 0 : row.failures
  // A clock that was set back gives nobody ten new tries.
  const failures = row && isFromTheFuture(row, now) ? Math.max(rule.free, row.failures) : before + 1
  const firstAt = isFresh ? now : row.firstAt
  const over = failures - rule.free
  const pauseMs = over < 0 ? 0 : Math.min(rule.pauseMs * 2 ** Math.min(over, 20), rule.pauseMaxMs)
  return { key, failures, firstAt, lastAt: now, blockedUntil: addMs(now, pauseMs) }
}

function isFromTheFuture(row: ThrottleRow, now: Instant): boolean {
  return row.lastAt - now > MINUTE
}
