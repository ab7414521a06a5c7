// A kind of job whose runs do what the test says and nothing by themselves.

import { z } from 'zod'
import { AppError } from '#kernel/error.ts'
import type { JobId } from '#kernel/id.ts'
import { defineJob, type JobDefinition } from '#platform/jobs/define.ts'
import type { JobProgress } from '#platform/jobs/job.ts'

const Nothing = z.strictObject({})

interface Control {
  readonly report: (progress: JobProgress) => void
  readonly finish: () => void
  readonly fail: (why: string) => void
}

export interface Work {
  readonly definition: JobDefinition<Record<string, never>>
  /** Resolves when the job has begun to run. */
  readonly begun: (id: JobId) => Promise<Control>
}

export function makeWork(): Work {
  const controls = new Map<JobId, PromiseWithResolvers<Control>>()
  const controlOf = (id: JobId): PromiseWithResolvers<Control> => {
    const known = controls.get(id) ?? Promise.withResolvers<Control>()
    controls.set(id, known)
    return known
  }
  const definition = defineJob({
    kind: 'test.work',
    input: Nothing,
    verbs: [],
    attemptsMax: 1,
    run: ({ job, signal, report }) =>
      new Promise<void>((finish, reject) => {
        const stop = () => reject(signal.reason as Error)
        signal.addEventListener('abort', stop, { once: true })
        const fail = (why: string) => reject(new AppError('upstream', why))
        controlOf(job.id).resolve({ report, finish, fail })
      }),
  })
  return { definition, begun: (id) => controlOf(id).promise }
}
