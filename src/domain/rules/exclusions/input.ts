// What doors accept about exclusions.

import { z } from 'zod'
import { ID_PREFIXES, isId, type RuleId } from '#kernel/id.ts'
import { Owner } from '#domain/rules/product-key.ts'
import { EXCLUSION_STATES } from './exclusion.ts'

/** Far longer than any that somebody can still judge. */
const CHARS_MAX = 100_000

const Text = z.string().min(1).max(CHARS_MAX)
const Why = z.string().trim().max(2_000).default('')
const Terms = {
  owner: Owner.optional(),
  reason: z.string().trim().min(1).max(2_000).optional(),
  /** The last day of it, `YYYY-MM-DD`. */
  ends: z.iso.date().optional(),
}

/** A Sigma filter document, and what shall be written into it. */
export const NewExclusionInput = z.strictObject({ text: Text, ...Terms })

export const ExclusionChangeInput = z
  .strictObject({ text: Text.optional(), ...Terms, why: Why })
  .refine(({ text, owner, reason, ends }) => [text, owner, reason, ends].some((one) => one), {
    message: 'Name what shall change: text, owner, reason or ends.',
  })

export const ExclusionListQuery = z.strictObject({
  state: z.enum([...EXCLUSION_STATES, 'all']).optional(),
  rule: z
    .string()
    .refine((text): text is RuleId => isId(ID_PREFIXES.rule, text))
    .optional(),
})
