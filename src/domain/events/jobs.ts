// What happens to the sandboxes by itself.

import { z } from 'zod'
import { MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { defineJob } from '#platform/jobs/define.ts'
import { tendSandboxes } from './actions.ts'

/** Safe to repeat: a rule remembers in the same write as its alerts which events it has seen. */
export const tendSandboxesJob = defineJob({
  kind: 'event.tend',
  input: z.strictObject({}),
  verbs: ['event.tend'],
  timeoutMs: 30 * MINUTE,
  attemptsMax: 1,
  perWorkspaceMax: 1,
  priority: 'last',
  run: ({ house, caller, signal }) => tendSandboxes(house, caller, signal),
})

/** Called at each start. */
export async function scheduleSandboxes(house: House, caller: Caller): Promise<void> {
  const timetable = {
    name: 'sandboxes',
    title: 'Run rules over the sandbox',
    cron: '*/5 * * * *',
    timeZone: 'UTC',
  }
  await house.db.write(caller, (tx) =>
    house.jobs.saveSchedule(tx, caller, tendSandboxesJob, {}, timetable),
  )
}
