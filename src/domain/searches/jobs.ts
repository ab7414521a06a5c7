// The job that runs one segment.

import { z } from 'zod'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, isId, type SavedSearchId, type SearchId } from '#kernel/id.ts'
import { HOUR, MINUTE, SECOND } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { defineJob } from '#platform/jobs/define.ts'
import { nextTurn } from '#platform/turns.ts'
import { patienceMs, SECONDS_MAX } from './search.ts'

const input = z.strictObject({
  searchId: z.custom<SearchId>((value) => isId(ID_PREFIXES.search, value)),
  position: z.int().min(1),
  attempt: z.int().min(1),
  targetId: z.string(),
})

/** Safe to repeat: see run.ts. */
export const runSegmentJob = defineJob({
  kind: 'search.run_segment',
  input,
  verbs: ['search.run', 'target.read'],
  timeoutMs: patienceMs(SECONDS_MAX),
  attemptsMax: 4,
  backoffMs: [2 * SECOND, 15 * SECOND, MINUTE],
  // They wait for targets; how many at once is the workspace's setting.
  perWorkspaceMax: 64,
  priority: 'first',
  async run({ house, caller, input: { searchId, position, attempt }, job, signal, ...context }) {
    const { runSegment } = await import('./run.ts')
    await runSegment(
      house,
      caller,
      { searchId, position, attempt },
      {
        signal,
        isLastRun: job.attempt >= job.attemptsMax,
        isCancelled: () => isCancel(signal.reason),
        report: context.report,
        assertLeased: context.assertLeased,
      },
    )
  },
})

/** Safe to repeat: a slot is taken in one transaction, and asked once. */
export const runSavedSearchJob = defineJob({
  kind: 'search.run_saved',
  input: z.strictObject({
    savedId: z.custom<SavedSearchId>((value) => isId(ID_PREFIXES.savedSearch, value)),
  }),
  verbs: ['search.run', 'target.read', 'rule.read', 'member.read'],
  timeoutMs: 2 * MINUTE,
  // The next slot asks again.
  attemptsMax: 1,
  perWorkspaceMax: 4,
  async run({ house, caller, input: { savedId } }) {
    const { runSaved } = await import('./saved-run.ts')
    await runSaved(house, caller, savedId)
  },
})

/** Safe to repeat: what is gone is gone. */
export const pruneEvidenceJob = defineJob({
  kind: 'evidence.prune',
  input: z.strictObject({}),
  verbs: [],
  timeoutMs: HOUR,
  attemptsMax: 2,
  perWorkspaceMax: 1,
  priority: 'last',
  async run({ house, signal }) {
    while (house.evidence.prune(house.clock.now()) > 0) {
      signal.throwIfAborted()
      await nextTurn()
    }
  },
})

/** Called at each start. */
export async function scheduleEvidencePruning(house: House, caller: Caller): Promise<void> {
  await house.db.write(caller, (tx) =>
    house.jobs.saveSchedule(
      tx,
      caller,
      pruneEvidenceJob,
      {},
      {
        name: 'evidence',
        title: 'Remove evidence whose time is over',
        cron: '17 * * * *',
        timeZone: 'UTC',
      },
    ),
  )
}

function isCancel(reason: unknown): boolean {
  return reason instanceof AppError && reason.details['cause'] === 'cancelled'
}
