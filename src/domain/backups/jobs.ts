// The schedule of backups.

import { z } from 'zod'
import { HOUR, MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { defineJob } from '#platform/jobs/define.ts'
import { createScheduledBackup, scheduledPlace } from './actions.ts'
import { BACKUP_JOB, BACKUP_TITLE } from './backup.ts'

const input = z.strictObject({
  /** Absolute. */
  folder: z.string().max(4_096),
  keep: z.int().min(1),
})

/** Safe to repeat: a repetition makes one more backup, and only the newest are kept. */
export const backupJob = defineJob({
  kind: BACKUP_JOB,
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
export async function scheduleBackups(house: House, caller: Caller): Promise<void> {
  const cron = house.settings.backup.schedule
  await house.db.write(caller, async (tx) => {
    if (cron === '') return house.jobs.removeSchedule(tx, SCHEDULE)
    await house.jobs.saveSchedule(tx, caller, backupJob, scheduledPlace(house), {
      name: SCHEDULE,
      title: BACKUP_TITLE,
      cron,
      timeZone: 'UTC',
    })
  })
}

const SCHEDULE = 'backup'
