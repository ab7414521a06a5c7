// What doors may ask of how rules fare, and what they may say.

import { z } from 'zod'
import { GroupSlug } from '#domain/rules/product-key.ts'
import { ID_PREFIXES, isId, type TargetId } from '#kernel/id.ts'
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
