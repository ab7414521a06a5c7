// Writes how a run ended. A job never ends as if all were known while one of its steps is open: what
// may have happened outside is for a person to find out.

import type { JobId, WorkspaceId } from '#kernel/id.ts'
import { addMs, type Instant } from '#kernel/time.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { EventBus } from '#platform/events.ts'
import type { Ending } from './ending.ts'
import type { JobProgress } from './job.ts'
import { openText } from './step.ts'
import { findOpenStep } from './step-store.ts'
import { progressText, updateLeased, type Lease, type LeasedChange } from './store.ts'

export interface Settlement {
  readonly lease: Lease
  /** Of the run that ended. */
  readonly attempt: number
  readonly ending: Ending
  /** False when the job certainly has no steps, and so none that is open. */
  readonly mayHaveSteps: boolean
  /** What the run reported last, when that is not written yet. */
  readonly progress?: JobProgress | undefined
  readonly now: Instant
}

/** Does nothing when the lease is over. */
export async function settle(tx: Tx, events: EventBus, settlement: Settlement): Promise<void> {
  const { lease, progress } = settlement
  const change = await changeOf(tx, settlement)
  if (!change) return
  const shown = progress === undefined ? {} : { progress: progressText(progress) }
  if (await updateLeased(tx, lease, { ...change, ...shown })) publishJob(tx, events, lease.jobId)
}

async function changeOf(
  tx: Tx,
  { ending, lease, attempt, mayHaveSteps, now }: Settlement,
): Promise<LeasedChange | undefined> {
  switch (ending.kind) {
    case 'none':
      return undefined
    case 'release':
      return { state: 'queued', runAt: now, attempt: attempt - 1 }
    case 'retry':
      return { state: 'queued', runAt: addMs(now, ending.afterMs), reason: ending.reason }
    case 'end': {
      const { state, reason } = ending
      const open = mayHaveSteps ? await findOpenStep(tx, lease.jobId) : undefined
      if (open === undefined || state === 'unknown') return { state, reason, endedAt: now }
      const why = openText(open, reason ?? 'the run did not wait for it')
      return { state: 'unknown', reason: why, endedAt: now }
    }
  }
}

export function publishJob(
  tx: Tx,
  events: EventBus,
  id: JobId,
  verb: 'added' | 'changed' = 'changed',
): void {
  events.publish(tx, { workspaceId: tx.scope.workspaceId as WorkspaceId, noun: 'job', id, verb })
}
