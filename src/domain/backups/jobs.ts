// The schedule of backups.

import { z } from 'zod'
import { HOUR, MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { defineJob } from '#platform/jobs/define.ts'
import { createScheduledBackup } from './actions.ts'

const input = z.strictObject({
  /** Absolute. */
  folder: z.string().max(4_096),
  keep: z.int().min(1),
})

/** Safe to repeat: a repetition makes one more backup, and only the newest are kept. */
export const backupJob = defineJob({
  kind: 'backup.create',
  input,
  verbs: ['backup.create'],
  timeoutMs: 13 * HOUR,
  attemptsMax: 3,
  backoffMs: [5 * MINUTE, 30 * MINUTE],
  perWorkspaceMax: 1,
  priority: 'last',
  run: ({ house, caller, input: wanted, signal, report }) =>
    createScheduledBackup(house, caller, wanted, {
      signal,
      progress: ({ done, total, note }) => report({ done, total, unit: 'bytes', note }),
    }),
})

/** Makes the schedule what the settings say; called at each start. */
export async function scheduleBackups(
  house: House,
  caller: Caller,
  { cron, ...wanted }: z.infer<typeof input> & { readonly cron: string },
): Promise<void> {
  await house.db.write(caller, async (tx) => {
    await house.jobs.saveSchedule(tx, caller, backupJob, wanted, {
      name: 'backup',
      title: 'Back up the instance',
      cron,
      timeZone: 'UTC',
    })
  })
}
