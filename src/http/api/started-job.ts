// The answer to what takes long: 202 with the job that does it. Where it is told is in its Location.

import { z } from 'zod'
import type { JobId } from '#kernel/id.ts'
import { JOB_STATES } from '#platform/jobs/job.ts'
import { JobIdText, JobProgressShape, named } from './shapes.ts'

/** For `status: 202`. */
export const StartedJobShape = z
  .strictObject({
    job: z.strictObject({
      id: JobIdText,
      state: z.enum(JOB_STATES),
      progress: JobProgressShape.nullable(),
    }),
  })
  .register(named, { id: 'StartedJob' })
export type StartedJob = z.input<typeof StartedJobShape>

/** Of a job that a write has just enqueued. */
export function startedJob(id: JobId): StartedJob {
  return { job: { id, state: 'queued', progress: null } }
}
