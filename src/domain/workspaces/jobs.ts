// What follows a new key of a workspace.

import { z } from 'zod'
import { HOUR, MINUTE } from '#kernel/time.ts'
import { defineJob } from '#platform/jobs/define.ts'
import { RESEAL_KIND, reseal } from './keys.ts'

/** Safe to repeat: a value sealed under the key in force is left as it is. */
export const resealJob = defineJob({
  kind: RESEAL_KIND,
  input: z.strictObject({}),
  verbs: ['workspace.reseal'],
  timeoutMs: 2 * HOUR,
  backoffMs: [MINUTE, 10 * MINUTE, HOUR],
  perWorkspaceMax: 1,
  priority: 'last',
  async run({ house, caller, signal, report }) {
    const done = await reseal(house, caller, signal)
    report({ done, total: done, unit: 'secrets', note: '' })
  },
})
