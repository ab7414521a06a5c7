// Looking for drift by the timetable: the targets of all workspaces, each by a job of its own.

import { z } from 'zod'
import { MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { defineJob } from '#platform/jobs/define.ts'

/** Safe to repeat: a target that is being read is not read twice. */
export const sweepDriftJob = defineJob({
  kind: 'drift.sweep',
  input: z.strictObject({}),
  verbs: ['workspace.list'],
  timeoutMs: 10 * MINUTE,
  // The next slot tries again.
  attemptsMax: 1,
  perWorkspaceMax: 1,
  keptMs: 60 * MINUTE,
  async run({ house, caller, signal }) {
    const { sweepAll } = await import('./drift-actions.ts')
    return { targets: await sweepAll(house, caller, signal) }
  },
})

/** Called at each start. Beside the full hours and quarters, at which everybody else is busy. */
export async function scheduleDriftSweeps(house: House, caller: Caller): Promise<void> {
  const minutes = house.settings.jobs.driftMinutes
  const timetable = {
    name: 'drift',
    title: 'Look for drift',
    cron: minutes === 60 ? '4 * * * *' : `4-59/${minutes} * * * *`,
    timeZone: 'UTC',
  }
  await house.db.write(caller, (tx) =>
    house.jobs.saveSchedule(tx, caller, sweepDriftJob, {}, timetable),
  )
}
