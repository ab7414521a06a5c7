// What a job is, as pages and doors see it. The runner and its store keep more.

import type { Actor } from '#kernel/actor.ts'
import type { JobId, WorkspaceId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'

/** `queued -> leased -> succeeded | failed | cancelled | unknown`; a retry goes back to `queued`. */
export const JOB_STATES = [
  'queued',
  'leased',
  'succeeded',
  'failed',
  'cancelled',
  'unknown',
] as const
export type JobState = (typeof JOB_STATES)[number]

export interface JobProgress {
  readonly done: number
  /** Null while the total is not known: the page then says so instead of inventing one. */
  readonly total: number | null
  /** Plural noun of what is counted: `rules`, `rows`, `bytes`. */
  readonly unit: string
  /** What is being done right now, in words for a person; empty for nothing to add. */
  readonly note: string
}

export interface Job {
  readonly id: JobId
  readonly workspaceId: WorkspaceId
  /** `noun.verb`, as in `backup.create`. */
  readonly kind: string
  /** For a person: `Back up the instance`. */
  readonly title: string
  readonly state: JobState
  readonly progress: JobProgress | null
  /** Runs begun so far, and how many there may be. */
  readonly attempt: number
  readonly attemptsMax: number
  readonly createdBy: Actor
  readonly createdAt: Instant
  /** When it may run: later than now while it waits for a retry. */
  readonly runAt: Instant
  readonly startedAt: Instant | null
  readonly endedAt: Instant | null
  /** Why it failed, was cancelled or is unknown, or why its last run failed while it waits for the
   * next; null otherwise. Safe to show. */
  readonly reason: string | null
  readonly isCancelRequested: boolean
}
