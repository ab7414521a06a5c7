// The job that ends what runs without signatures. It is queued with it, for the instant of its end, so
// that a restart finds it.

import { z } from 'zod'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, isId, type HotfixId } from '#kernel/id.ts'
import { HOUR, MINUTE, SECOND } from '#kernel/time.ts'
import { defineJob } from '#platform/jobs/define.ts'

export const HOTFIX_JOB = 'hotfix.end'

/** Safe to repeat: one that is over stays as it is. */
export const endHotfixJob = defineJob({
  kind: HOTFIX_JOB,
  input: z.strictObject({
    hotfixId: z.custom<HotfixId>((value) => isId(ID_PREFIXES.hotfix, value)),
  }),
  verbs: [
    'hotfix.make',
    'change.breakglass',
    'change.read',
    'deployment.run',
    'exclusion.read',
    'exclusion.write',
    'rule.read',
    'target.read',
  ],
  timeoutMs: 10 * MINUTE,
  attemptsMax: 20,
  backoffMs: [5 * SECOND, 30 * SECOND, MINUTE, 5 * MINUTE, HOUR],
  perWorkspaceMax: 1,
  priority: 'first',
  async run({ house, caller, input: { hotfixId } }) {
    const { endHotfix, getHotfix } = await import('./hotfix-actions.ts')
    const { state } = await getHotfix(house, caller, hotfixId)
    if (state !== 'running' && state !== 'overdue') return
    await endHotfix(house, caller, hotfixId).catch(orOver)
  },
})

/** Somebody ended it in the same moment. */
function orOver(error: unknown): void {
  if (error instanceof AppError && error.message === 'It is over already.') return
  throw error
}
