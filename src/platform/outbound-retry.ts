// When a call that changes nothing is sent again, and after how long; and when nobody can say whether one
// that changes something arrived. Pure.

import { AppError } from '#kernel/error.ts'
import { MINUTE, SECOND } from '#kernel/time.ts'

/** The first sending included. */
export const SENDINGS_MAX = 4
export const RETRY_AFTER_MAX_MS = 5 * MINUTE

const BASE_MS = 1 * SECOND
const CAP_MS = 30 * SECOND

const BUSY = new Set([429, 502, 503, 504])

/** The other side is there and says: not now. */
export function isBusy(status: number): boolean {
  return BUSY.has(status)
}

/**
 * How long to wait before sending `sent + 1`. What the other side asks for counts, up to five minutes;
 * else a random time below a bound that doubles, so that many who wait do not come back together.
 */
export function waitBefore(
  sent: number,
  { retryAfter, now, random }: { retryAfter: string | undefined; now: number; random: number },
): number {
  const asked = retryAfter === undefined ? undefined : readRetryAfter(retryAfter, now)
  if (asked !== undefined) return Math.min(asked, RETRY_AFTER_MAX_MS)
  return Math.round(random * Math.min(CAP_MS, BASE_MS * 2 ** (sent - 1)))
}

/** Seconds or an HTTP date (RFC 9110 section 10.2.3) as milliseconds from now; undefined for neither. */
export function readRetryAfter(text: string, now: number): number | undefined {
  if (/^\s*\d{1,9}\s*$/.test(text)) return Number(text) * SECOND
  if (!/^[A-Za-z]{3,9},? .*GMT\s*$/.test(text)) return undefined
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

/** A gateway gave up waiting for who stands behind it, and does not know what that one did. */
const GAVE_UP = new Set([408, 502, 504])

/** `error` is what an adapter makes of a refusal: `details.ambiguous` where a write may have arrived. */
export function ofWrite(
  error: AppError,
  { effect, status }: { readonly effect: 'read' | 'write' | undefined; readonly status: number },
): AppError {
  if (effect !== 'write' || !GAVE_UP.has(status)) return error
  const details = { ...error.details, ambiguous: true }
  return new AppError(error.code, error.message, { cause: error.cause, details })
}
