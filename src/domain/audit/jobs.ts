// The nightly proof that the audit log is whole; what is older than the policy goes after it.

import { z } from 'zod'
import { HOUR, MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { defineJob } from '#platform/jobs/define.ts'
import { removeOldEntries, verifyAuditLog } from './actions.ts'

/** Safe to repeat: the walk only reads, and what is gone cannot be removed again. */
export const verifyAuditJob = defineJob({
  kind: 'audit.verify',
  input: z.strictObject({}),
  verbs: ['audit.verify', 'audit.retain'],
  timeoutMs: 13 * HOUR,
  attemptsMax: 3,
  backoffMs: [5 * MINUTE, 30 * MINUTE],
  perWorkspaceMax: 1,
  priority: 'last',
  async run({ house, caller, signal, report }) {
    report({ done: 0, total: null, unit: 'entries', note: 'walking the log' })
    const rows = await verifyAuditLog(house, caller, signal)
    await removeOldEntries(house, caller, signal)
    report({ done: rows, total: rows, unit: 'entries', note: '' })
  },
})

/** Called at each start. After the nightly backup, so that the two do not share the disk. */
export async function scheduleAuditChecks(house: House, caller: Caller): Promise<void> {
  await house.db.write(caller, (tx) =>
    house.jobs.saveSchedule(
      tx,
      caller,
      verifyAuditJob,
      {},
      {
        name: 'audit',
        title: 'Verify the audit log',
        cron: '30 4 * * *',
        timeZone: 'UTC',
      },
    ),
  )
}
