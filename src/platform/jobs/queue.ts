// What actions and doors may do with jobs: put one in, look, ask one to stop, keep a schedule.
// Running them is the runner's.

import type { JobId, ScheduleId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { JobDefinition } from './define.ts'
import type { Job, JobState } from './job.ts'

export interface JobQueue {
  /** Wakes the runner after COMMIT. Throws `busy` when the workspace has too many waiting. */
  enqueue<Input>(
    tx: Tx,
    caller: Caller,
    definition: JobDefinition<Input>,
    input: Input,
    options: EnqueueOptions,
  ): Promise<JobId>

  /** Newest first. `after` is the last id of the page before. */
  list(scope: WorkspaceScope, filter: JobFilter, page: JobPage): Promise<readonly Job[]>

  /** Throws `forbidden` for a job that is not of this workspace, or is nowhere. */
  find(scope: WorkspaceScope, id: JobId): Promise<Job>

  /**
   * A job that waits is cancelled at once; one that runs is told to stop and ends a little later.
   * Returns it as it then is. Throws `forbidden` as `find` does, `conflict` when it has ended.
   */
  cancel(tx: Tx, caller: Caller, id: JobId): Promise<Job>

  /**
   * Makes the schedule of this name what is given, once or again. Throws `invalid` for a pattern or
   * a time zone that does not exist.
   */
  saveSchedule<Input>(
    tx: Tx,
    caller: Caller,
    definition: JobDefinition<Input>,
    input: Input,
    options: ScheduleOptions,
  ): Promise<ScheduleId>

  /** Ends the schedule of this name, if there is one. Jobs it has made stay. */
  removeSchedule(tx: Tx, name: string): Promise<void>
}

export interface EnqueueOptions {
  /** For a person, in the imperative: `Back up the instance`. */
  readonly title: string
  /** Not before then; at once when absent. */
  readonly runAt?: Instant
}

export interface JobFilter {
  readonly states?: readonly JobState[]
  readonly kind?: string
}

export interface JobPage {
  readonly limit: number
  readonly after?: JobId
}

export interface ScheduleOptions {
  /** Unique in the workspace; the handle by which its owner finds it again: `backup`. */
  readonly name: string
  readonly title: string
  /** Five fields, as cron reads them: `0 3 * * *`. */
  readonly cron: string
  /** IANA name: `Europe/London`. The pattern is of that place's wall clocks. */
  readonly timeZone: string
}
