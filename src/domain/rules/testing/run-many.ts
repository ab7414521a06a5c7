// Running the tests of many rules: everything, a group, or those named.

import { permit } from '#domain/access/permission.ts'
import type { JobId } from '#kernel/id.ts'
import { HOUR } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { defineJob } from '#platform/jobs/define.ts'
import { getGroup } from '#domain/rules/groups/store.ts'
import { RuleListQuery, TestsInput } from '#domain/rules/input.ts'
import type { RulesWanted } from './store.ts'

/** Safe to repeat: a run that is repeated stands twice in the history and says the same. */
export const testRulesJob = defineJob({
  kind: 'rule.test',
  input: TestsInput,
  verbs: ['rule.read', 'rule.test'],
  timeoutMs: 2 * HOUR,
  perWorkspaceMax: 1,
  priority: 'first',
  async run({ house, caller, input, signal, report }) {
    const { runManyTests } = await import('./actions.ts') // with the reader of rules, which is large
    return runManyTests(house, caller, await wantedOf(house, caller, input), {
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
  const { ruleIds, group } = await wantedOf(house, caller, wanted)
  const what = ruleIds
    ? `${ruleIds.length} rules`
    : (group ?? (wanted.filter ? 'the rules that match' : 'every rule'))
  return house.db.write(caller, async (tx) => {
    const title = `Run the tests of ${what}`
    const id = await house.jobs.enqueue(tx, caller, testRulesJob, wanted, { title })
    const data = { rules: ruleIds?.length ?? 'all', group: group ?? null }
    await house.audit.record(tx, caller, { action: 'rule.test_many', target: id, data })
    return id
  })
}

/** A group by its id is the one of its slug; a filter is read as the list reads it. */
async function wantedOf(
  house: House,
  { scope }: Caller,
  { ruleIds, group, groupId, filter }: TestsInput,
): Promise<RulesWanted> {
  if (groupId !== undefined) {
    return { group: (await getGroup(house.db.read(scope), scope, groupId)).slug }
  }
  if (filter === undefined) return { ruleIds, group }
  const { sort: _, ...wanted } = RuleListQuery.parse(filter)
  return { filter: wanted }
}
