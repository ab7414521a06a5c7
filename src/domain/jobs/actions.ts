// What a person does with jobs: look at them, and stop one. Running them is the platform's.

import { permit } from '#domain/access/permission.ts'
import type { JobId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { Job, JobState } from '#platform/jobs/job.ts'

export const RUNNING_STATES: readonly JobState[] = ['queued', 'leased']
export const ENDED_STATES: readonly JobState[] = ['succeeded', 'failed', 'cancelled', 'unknown']

export interface JobSearch {
  readonly states?: readonly JobState[]
  readonly limit: number
  /** The last id of the page before. */
  readonly after?: JobId
}

/** Newest first. */
export async function listJobs(
  house: House,
  caller: Caller,
  { states, ...page }: JobSearch,
): Promise<readonly Job[]> {
  permit(caller, 'job.read')
  return house.jobs.list(caller.scope, states ? { states } : {}, page)
}

/** Throws `forbidden` for a job that is not of this workspace, or is nowhere. */
export async function getJob(house: House, caller: Caller, id: JobId): Promise<Job> {
  permit(caller, 'job.read')
  return house.jobs.find(caller.scope, id)
}

/** Returns the job as it then is: one that runs ends a little later. `conflict` when it has ended. Audited. */
export async function cancelJob(house: House, caller: Caller, id: JobId): Promise<Job> {
  permit(caller, 'job.cancel')
  return house.db.write(caller, async (tx) => {
    const job = await house.jobs.cancel(tx, caller, id)
    const { kind, title } = job
    await house.audit.record(tx, caller, {
      action: 'job.cancel',
      target: id,
      data: { kind, title },
    })
    return job
  })
}
