// What happens behind changes: what is no longer so is rendered again, approvals come to their end, and
// those who may sign are reminded.

import { z } from 'zod'
import { HOUR, MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { defineJob } from '#platform/jobs/define.ts'

/** Safe to repeat: what is of now is left alone, and each step says in its row that it was done. */
export const tendChangesJob = defineJob({
  kind: 'change.tend',
  input: z.strictObject({}),
  verbs: ['change.read', 'change.write', 'rule.read', 'rule.check', 'target.read'],
  timeoutMs: HOUR,
  attemptsMax: 3,
  backoffMs: [MINUTE],
  perWorkspaceMax: 1,
  priority: 'normal',
  keptMs: HOUR,
  concurrencyKey: () => 'change.tend',
  async run({ house, caller, signal }) {
    const { tendChanges } = await import('./tend.ts')
    return tendChanges(house, caller, signal)
  },
})

/** Only a workspace that ever handed a change in looks after them. */
export async function scheduleTending(tx: Tx, house: House, caller: Caller): Promise<void> {
  await house.jobs.saveSchedule(
    tx,
    caller,
    tendChangesJob,
    {},
    {
      name: 'changes',
      title: 'Look after changes that are open',
      cron: '*/10 * * * *',
      timeZone: 'UTC',
    },
  )
}
