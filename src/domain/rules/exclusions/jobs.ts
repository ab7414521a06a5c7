// What happens behind exclusions: rules are compiled and tested again when one changes, and those whose
// day has passed are ended.

import { z } from 'zod'
import { ID_PREFIXES, isId, type RuleId } from '#kernel/id.ts'
import { HOUR, MINUTE } from '#kernel/time.ts'
import { defineJob } from '#platform/jobs/define.ts'

const ApplyInput = z.strictObject({
  ruleIds: z.array(z.custom<RuleId>((text) => isId(ID_PREFIXES.rule, text))).max(1_000),
})

/** Safe to repeat: what is no longer pending is not compiled, and a test run says the same again. */
export const applyExclusionsJob = defineJob({
  kind: 'exclusion.apply',
  input: ApplyInput,
  verbs: ['rule.read', 'rule.test'],
  timeoutMs: HOUR,
  attemptsMax: 3,
  backoffMs: [MINUTE],
  perWorkspaceMax: 1,
  priority: 'first',
  async run({ house, caller, input, signal, report }) {
    const { applyExclusions } = await import('./end.ts')
    return applyExclusions(house, caller, input.ruleIds, {
      signal,
      progress: (done, total) => report({ done, total, unit: 'rules', note: '' }),
    })
  },
})

/** Safe to repeat: one that is ended is not found again. */
export const endExclusionsJob = defineJob({
  kind: 'exclusion.end',
  input: z.strictObject({}),
  verbs: [],
  timeoutMs: HOUR,
  attemptsMax: 5,
  backoffMs: [MINUTE],
  perWorkspaceMax: 1,
  priority: 'normal',
  async run({ house, caller }) {
    const { endOverdue } = await import('./end.ts')
    return { ended: await endOverdue(house, caller) }
  },
})
