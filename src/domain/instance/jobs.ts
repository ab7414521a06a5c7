// The nightly look for damage in the database.

import { z } from 'zod'
import { HOUR, MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { defineJob } from '#platform/jobs/define.ts'
import { checkDatabase } from './actions.ts'

/** Safe to repeat: it only reads, and says again what it found. */
export const checkDatabaseJob = defineJob({
  kind: 'database.check',
  input: z.strictObject({}),
  verbs: ['database.check'],
  timeoutMs: 7 * HOUR,
  attemptsMax: 2,
  backoffMs: [30 * MINUTE],
  perWorkspaceMax: 1,
  priority: 'last',
  async run({ house, caller, signal, report }) {
    report({ done: 0, total: null, unit: 'pages', note: 'reading the whole database' })
    await checkDatabase(house, caller, signal)
  },
})

/** Called at each start. After the backup and the walk over the audit log, for the disk's sake. */
export async function scheduleDatabaseChecks(house: House, caller: Caller): Promise<void> {
  await house.db.write(caller, (tx) =>
    house.jobs.saveSchedule(
      tx,
      caller,
      checkDatabaseJob,
      {},
      { name: 'database', title: 'Check the database', cron: '30 5 * * *', timeZone: 'UTC' },
    ),
  )
}
