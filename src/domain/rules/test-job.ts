// Running the tests of many rules: everything, a group, or those named.

import { permit } from '#domain/access/permission.ts'
import type { JobId } from '#kernel/id.ts'
import { HOUR } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { defineJob } from '#platform/jobs/define.ts'
import { TestsInput } from './input.ts'

/** Safe to repeat: a run that is repeated stands twice in the history and says the same. */
export const testRulesJob = defineJob({
  kind: 'rule.test',
  input: TestsInput,
  verbs: ['rule.read', 'rule.test'],
  timeoutMs: 2 * HOUR,
  perWorkspaceMax: 1,
  priority: 'first',
  async run({ house, caller, input, signal, report }) {
    const { runManyTests } = await import('./test-runs.ts') // with the reader of rules, which is large
    return runManyTests(house, caller, input, {
      signal,
      progress: (done, total, { passed, failed, untold }) => {
        const note = `${passed} passed, ${failed} failed, ${untold} need the target`
        report({ done, total, unit: 'rules', note })
      },
    })
  },
})

export async function requestTests(
  house: House,
  caller: Caller,
  wanted: TestsInput,
): Promise<JobId> {
  permit(caller, 'rule.test')
  const { ruleIds, group } = wanted
  const what = ruleIds ? `${ruleIds.length} rules` : group === undefined ? 'every rule' : group
  return house.db.write(caller, async (tx) => {
    const title = `Run the tests of ${what}`
    const id = await house.jobs.enqueue(tx, caller, testRulesJob, wanted, { title })
    const data = { rules: ruleIds?.length ?? 'all', group: group ?? null }
    await house.audit.record(tx, caller, { action: 'rule.test_many', target: id, data })
    return id
  })
}
