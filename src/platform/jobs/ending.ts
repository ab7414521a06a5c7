// How a run ends its job: the one decision, pure. A run that failed may be tried again, after a
// random wait below a growing bound (full jitter), so that a target which comes back is not met by
// every waiting job in the same second.

import { AppError, assert, type ErrorCode } from '#kernel/error.ts'
import { SECOND } from '#kernel/time.ts'
import type { JobState } from './job.ts'

/** Why the runner itself stopped a run. */
export type StopCause = 'cancelled' | 'timeout' | 'lease_lost' | 'stopping'

export interface RunOutcome {
  /** What the run threw; absent when it returned. */
  readonly thrown?: unknown
  readonly stopCause: StopCause | undefined
  /** A step whose outcome nobody can tell: a person has to look. */
  readonly unknownReason: string | undefined
}

export interface Attempts {
  /** The run that ended was this one, from 1. */
  readonly attempt: number
  readonly attemptsMax: number
  readonly backoffMs: readonly number[]
}

export type Ending =
  | { readonly kind: 'end'; readonly state: EndState; readonly reason: string | null }
  | { readonly kind: 'retry'; readonly afterMs: number; readonly reason: string }
  /** Back in the queue as if it had not run: the server stops. */
  | { readonly kind: 'release' }
  /** Another run has the job; this one has nothing to say. */
  | { readonly kind: 'none' }

export type EndState = Exclude<JobState, 'queued' | 'leased'>

/** Refusals that trying again does not change. Also: the other side did nothing. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  'invalid',
  'unauthenticated',
  'forbidden',
  'not_found',
  'conflict',
  'stale',
  'too_large',
  'unsupported',
])

/** Whether an error says that a call was refused and had no effect. */
export function isRefusal(error: unknown): boolean {
  return error instanceof AppError && (FINAL.has(error.code) || error.code === 'rate_limited')
}

/** `random` is 4 bytes. */
export function endingOf(outcome: RunOutcome, attempts: Attempts, random: Uint8Array): Ending {
  if (outcome.stopCause === 'lease_lost') return { kind: 'none' }
  if (outcome.unknownReason !== undefined) {
    return { kind: 'end', state: 'unknown', reason: outcome.unknownReason }
  }
  if (!('thrown' in outcome)) return { kind: 'end', state: 'succeeded', reason: null }
  if (outcome.stopCause === 'cancelled') {
    return { kind: 'end', state: 'cancelled', reason: 'Cancelled while it ran.' }
  }
  if (outcome.stopCause === 'stopping') return { kind: 'release' }
  const { thrown } = outcome
  const reason = reasonOf(thrown)
  if (thrown instanceof AppError && FINAL.has(thrown.code)) {
    return { kind: 'end', state: 'failed', reason }
  }
  if (attempts.attempt >= attempts.attemptsMax) {
    return { kind: 'end', state: 'failed', reason: afterAttempts(reason, attempts.attempt) }
  }
  const asked = thrown instanceof AppError ? (thrown.retryAfterSeconds ?? 0) * SECOND : 0
  const afterMs = asked + retryDelayMs(attempts.backoffMs, attempts.attempt, random)
  return { kind: 'retry', afterMs, reason }
}

/** Uniform in [0, bound], the bound growing with the attempt up to the last one named. */
export function retryDelayMs(
  backoffMs: readonly number[],
  attempt: number,
  random: Uint8Array,
): number {
  assert(random.length >= 4 && backoffMs.length > 0, 'a delay needs 4 random bytes and a bound')
  const bound = backoffMs[Math.min(attempt, backoffMs.length) - 1]!
  const fraction = Buffer.from(random.subarray(0, 4)).readUInt32BE() / 0xffff_ffff
  return Math.round(fraction * bound)
}

/** What became of a job whose process died while it ran: `attempt` counts that run too. */
export function endingOfDead(job: {
  readonly attempt: number
  readonly attemptsMax: number
  readonly isCancelRequested: boolean
}): Ending {
  if (job.isCancelRequested) {
    return { kind: 'end', state: 'cancelled', reason: 'Cancelled; the server stopped meanwhile.' }
  }
  const reason = 'The server stopped while it ran.'
  if (job.attempt < job.attemptsMax) return { kind: 'retry', afterMs: 0, reason }
  return { kind: 'end', state: 'failed', reason: afterAttempts(reason, job.attempt) }
}

function afterAttempts(reason: string, attempt: number): string {
  return attempt === 1 ? reason : `${reason} (Given up after ${attempt} attempts.)`
}

// An AppError is written for people. Anything else is a bug, whose text may hold anything.
function reasonOf(error: unknown): string {
  return error instanceof AppError
    ? error.message
    : 'Something went wrong; the log has the details.'
}
