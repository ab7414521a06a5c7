// What doors accept about hotfixes and broken glass.

import { z } from 'zod'
import { ID_PREFIXES, isId, type RuleId } from '#kernel/id.ts'
import { BREAKGLASS_HOURS_MAX, HOTFIX_HOURS_MAX } from './hotfix.ts'

const Reason = z.string().trim().min(1, 'is needed').max(2_000)
const VALUES_MAX = 20

export const NewHotfix = z
  .strictObject({
    ruleId: z
      .string()
      .refine((text): text is RuleId => isId(ID_PREFIXES.rule, text), 'is no id of a rule'),
    kind: z.enum(['pause', 'exclude']),
    /** What is left out: events in which all of these fields have these values. */
    values: z
      .array(
        z.strictObject({
          field: z.string().trim().min(1).max(200),
          value: z.union([z.string().max(2_000), z.number(), z.boolean()]),
        }),
      )
      .max(VALUES_MAX)
      .default([]),
    hours: z.number().min(0.25).max(HOTFIX_HOURS_MAX),
    reason: Reason,
  })
  .refine(({ kind, values }) => (kind === 'exclude') === values.length > 0, {
    message: 'names values to leave out, or pauses the rule, one of both',
    path: ['values'],
  })
  .refine(({ values }) => new Set(values.map(({ field }) => field)).size === values.length, {
    message: 'names a field twice',
    path: ['values'],
  })
export type NewHotfix = z.output<typeof NewHotfix>

export const BreakGlassInput = z.strictObject({
  hours: z.number().min(0.25).max(BREAKGLASS_HOURS_MAX),
  reason: Reason,
})
export type BreakGlassInput = z.output<typeof BreakGlassInput>

export const ReviewInput = z.strictObject({
  verdict: z.enum(['justified', 'flagged']),
  comment: z.string().trim().max(2_000).default(''),
})
export type ReviewInput = z.output<typeof ReviewInput>

export const KeepInput = z.strictObject({
  /** Of its change, as it was looked at. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  comment: z.string().trim().max(2_000).default(''),
})
export type KeepInput = z.output<typeof KeepInput>
