// What doors may ask of how rules fare, and what they may say.

import { z } from 'zod'
import { GroupSlug } from '#domain/rules/product-key.ts'
import { ID_PREFIXES, isId, type RuleId, type TargetId } from '#kernel/id.ts'
import { DISPOSITIONS } from '#domain/targets/port.ts'
import { BUDGET_SCOPES, ON_BREACH } from './budget.ts'
import { HEALTH_STATES } from './health.ts'

const target = z
  .string()
  .max(100)
  .refine((text): text is TargetId => isId(ID_PREFIXES.target, text), 'is no id of a target')

export const HealthListQuery = z.strictObject({
  q: z.string().max(200).optional(),
  state: z.enum(HEALTH_STATES).optional(),
  target: target.optional(),
  group: GroupSlug.optional(),
})
export type HealthFilter = z.infer<typeof HealthListQuery>

export const CoverageQuery = z.strictObject({
  target: target.optional(),
  group: GroupSlug.optional(),
  /** Of the log source that a rule reads. */
  product: z.string().min(1).max(100).toLowerCase().optional(),
})
export type CoverageFilter = z.infer<typeof CoverageQuery>

/** Neither is all that is planned. */
export const BackfillInput = z.strictObject({
  ruleId: z
    .string()
    .max(100)
    .refine((text): text is RuleId => isId(ID_PREFIXES.rule, text), 'is no id of a rule')
    .optional(),
  targetId: target.optional(),
})

export const DispositionInput = z.strictObject({
  disposition: z.enum(DISPOSITIONS),
  note: z.string().max(2_000).default(''),
})

export const PER_DAY_MAX = 1_000_000
export const BudgetInput = z
  .strictObject({
    scope: z.enum(BUDGET_SCOPES),
    name: z.string().max(100).default(''),
    perDay: z.int().min(0).max(PER_DAY_MAX).nullable(),
    onBreach: z.enum(ON_BREACH).default('flag'),
  })
  .refine(({ scope, name }) => (scope === 'workspace') === (name === ''), {
    message: 'Only the budget of the workspace has no name.',
    path: ['name'],
  })
