// Watching a job from the outside, as a page does: by the events of its workspace.

import { ENDED_STATES, getJob } from '#domain/jobs/actions.ts'
import type { JobId, WorkspaceId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { Job, JobProgress } from '#platform/jobs/job.ts'

export interface Followed {
  readonly job: Job
  /** How far it said it was, each once, in order: `8192 of 143360 bytes`. */
  readonly progress: readonly string[]
}

/** Resolves when the job has ended, however it did; `watch` hears how far it is. */
export async function followJob(
  house: House,
  caller: Caller,
  id: JobId,
  watch?: (progress: JobProgress) => void,
): Promise<Followed> {
  const progress = new Set<string>()
  let changed = Promise.withResolvers<void>()
  const stop = house.events.subscribe(caller.scope.workspaceId as WorkspaceId, (event) => {
    if (event.id === id) changed.resolve()
  })
  try {
    for (;;) {
      const next = changed.promise
      const job = await getJob(house, caller, id)
      if (job.progress) {
        progress.add(shown(job.progress))
        watch?.(job.progress)
      }
      if (ENDED_STATES.includes(job.state)) return { job, progress: [...progress] }
      await next
      changed = Promise.withResolvers<void>()
    }
  } finally {
    stop()
  }
}

function shown({ done, total, unit }: JobProgress): string {
  return total === null ? `${done} ${unit}` : `${done} of ${total} ${unit}`
}
