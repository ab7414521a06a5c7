// What doors accept about changes.

import { z } from 'zod'
import { CREDENTIAL_CHARACTERS_MAX } from '#domain/access/webauthn.ts'
import { ID_PREFIXES, isId, type RuleId, type TargetId } from '#kernel/id.ts'
import { CHANGE_ACTIONS, CHANGE_STATES, DECISIONS } from './change.ts'

/** One transaction writes them, and one person still looks through them. */
export const ITEMS_MAX = 5_000

const RuleIdInput = z.string().refine((text): text is RuleId => isId(ID_PREFIXES.rule, text))
const TargetIdInput = z.string().refine((text): text is TargetId => isId(ID_PREFIXES.target, text))
const Title = z.string().trim().min(1).max(200)
const Why = z.string().trim().max(10_000)

export const ChangeItemInput = z.strictObject({
  ruleId: RuleIdInput,
  targetId: TargetIdInput,
  /** Absent: added where the rule does not stand, changed where it does. */
  action: z.enum(CHANGE_ACTIONS).optional(),
  /** Of the rule; absent: the newest, whenever the change is rendered again. */
  version: z.int().min(1).optional(),
})
export type ChangeItemInput = z.infer<typeof ChangeItemInput>

const Items = z.array(ChangeItemInput).min(1).max(ITEMS_MAX)

export const NewChangeInput = z.strictObject({ title: Title, why: Why.default(''), items: Items })

export const ChangeEditInput = z
  .strictObject({ title: Title.optional(), why: Why.optional(), items: Items.optional() })
  .refine((edit) => Object.values(edit).some((one) => one !== undefined), {
    message: 'Name what shall change: title, why or items.',
  })

export const SignatureInput = z.strictObject({
  decision: z.enum(DECISIONS),
  /** Of the change as it was looked at. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  comment: z.string().trim().max(10_000).default(''),
  /** The answer of a passkey to that hash, as JSON. */
  assertion: z.string().max(CREDENTIAL_CHARACTERS_MAX).optional(),
})

export const CommentInput = z.strictObject({ text: z.string().trim().min(1).max(10_000) })

export const WaiverInput = z.strictObject({
  number: z.int().min(1).max(ITEMS_MAX),
  code: z.string().regex(/^[a-z-]+\/[a-z0-9-]+$/).max(100), // prettier-ignore
  reason: z.string().trim().min(1).max(2_000),
})

export const ChangeListQuery = z.strictObject({
  state: z.enum([...CHANGE_STATES, 'open', 'all']).optional(),
  rule: RuleIdInput.optional(),
  target: TargetIdInput.optional(),
})
