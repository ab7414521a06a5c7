// Jobs over the rules that a mapping is about.

import { z } from 'zod'
import { isId, type TargetId } from '#kernel/id.ts'
import { HOUR, MINUTE } from '#kernel/time.ts'
import { defineJob } from '#platform/jobs/define.ts'

const common = {
  input: z.strictObject({ targetId: z.custom<TargetId>((value) => isId('tgt', value)) }),
  verbs: ['rule.read', 'target.read'],
  timeoutMs: HOUR,
  attemptsMax: 3,
  backoffMs: [MINUTE],
  perWorkspaceMax: 1,
  priority: 'first',
} as const

/** Safe to repeat: what is found takes the place of what was. */
export const surveyMappingJob = defineJob({
  ...common,
  kind: 'mapping.survey',
  async run({ house, caller, input, signal, report }) {
    const { runSurvey } = await import('./survey.ts') // with the compilers
    return runSurvey(house, caller, { ...input, signal, report })
  },
})

/** Safe to repeat: it begins again, in the place of what was found. */
export const previewMappingJob = defineJob({
  ...common,
  kind: 'mapping.preview',
  async run({ house, caller, input, signal, report }) {
    const { runPreview } = await import('./preview.ts') // with the compilers
    return runPreview(house, caller, { ...input, signal, report })
  },
})
