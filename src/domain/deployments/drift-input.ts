// What doors say of drift: which findings, and what is to become of one.

import { z } from 'zod'
import { ID_PREFIXES, isId, type RuleId, type TargetId } from '#kernel/id.ts'
import { DRIFT_KINDS, RESOLUTIONS } from './drift.ts'

const TargetIdText = z
  .string()
  .refine((text): text is TargetId => isId(ID_PREFIXES.target, text), 'is no id of a target')

export const DriftFilter = z.strictObject({
  /** Those that are open, those that are over, or all. */
  state: z.enum(['found', 'ended', 'all']).default('found'),
  target: TargetIdText.optional(),
  rule: z
    .string()
    .refine((text): text is RuleId => isId(ID_PREFIXES.rule, text), 'is no id of a rule')
    .optional(),
  kind: z.enum(DRIFT_KINDS).optional(),
})
export type DriftFilter = z.output<typeof DriftFilter>

export const DriftWish = z.strictObject({
  resolution: z.enum(RESOLUTIONS),
  /** Of `adopt`, where both sides changed the same: whose value is taken. */
  prefer: z.enum(['mine', 'theirs']).optional(),
  why: z.string().trim().max(2_000).default(''),
})
export type DriftWish = z.output<typeof DriftWish>

/** Null: at every target. */
export const PruneWish = z.strictObject({ targetId: TargetIdText.nullable() })

/** Null: every target on which something of ours stands. */
export const ScanWish = z.strictObject({ targetId: TargetIdText.nullable() })
