// Changes to many rules, in the background.

import { HOUR, MINUTE } from '#kernel/time.ts'
import { defineJob } from '#platform/jobs/define.ts'
import { BulkWork } from '#domain/rules/input.ts'
import { BULK_JOB } from './change.ts'

/** Safe to repeat: a rule that has the change already is left as it is, and told once. */
export const bulkEditJob = defineJob({
  kind: BULK_JOB,
  input: BulkWork,
  verbs: ['rule.read', 'rule.write'],
  timeoutMs: 2 * HOUR,
  attemptsMax: 3,
  backoffMs: [MINUTE],
  perWorkspaceMax: 1,
  priority: 'first',
  async run({ house, caller, job, input, signal, report }) {
    const { runBulkEdit } = await import('./edit.ts') // with the reader of rules, which is large
    return runBulkEdit(house, caller, input, { jobId: job.id, signal, report })
  },
})
