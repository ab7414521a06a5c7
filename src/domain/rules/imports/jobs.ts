// The job that writes an import. Safe to repeat: see run.ts.

import { z } from 'zod'
import type { ImportId } from '#kernel/id.ts'
import { isId } from '#kernel/id.ts'
import { HOUR, MINUTE } from '#kernel/time.ts'
import { defineJob } from '#platform/jobs/define.ts'

const input = z.strictObject({
  importId: z.custom<ImportId>((value) => isId('imp', value)),
  isAllOrNothing: z.boolean().default(false),
  keepsBroken: z.boolean().default(false),
})

export const importJob = defineJob({
  kind: 'rule.import',
  input,
  verbs: ['rule.write', 'rule.read', 'exclusion.write'],
  timeoutMs: 2 * HOUR,
  attemptsMax: 5,
  backoffMs: [MINUTE],
  perWorkspaceMax: 1,
  priority: 'first',
  async run({ house, caller, input: { importId, ...wish }, signal, report }) {
    const { writeImport } = await import('./run.ts') // with the reader of rules, which is large
    return writeImport(house, caller, importId, { ...wish, signal, report })
  },
})
