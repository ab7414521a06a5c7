// What doors may ask of searches.

import { z } from 'zod'
import { isId, type RuleId, type TargetId } from '#kernel/id.ts'
import { QUERY_CHARS_MAX } from '#kernel/limits.ts'
import { QUERY_LANGUAGES } from '#languages/query.ts'
import { CAPS_USUAL, ROWS_MAX, SECONDS_MAX, TARGETS_MAX } from './search.ts'

const TargetIdText = z
  .string()
  .refine((text): text is TargetId => isId('tgt', text), 'is no id of a target')
const RuleIdText = z
  .string()
  .refine((text): text is RuleId => isId('rul', text), 'is no id of a rule')

export const SEARCH_LANGUAGES = ['sigma', ...QUERY_LANGUAGES] as const

/** A query of somebody's own, or a rule; each target gets it in the language it runs. */
export const SearchQuestion = z.union([
  z.strictObject({
    language: z.enum(SEARCH_LANGUAGES),
    text: z.string().trim().min(1, 'asks nothing').max(QUERY_CHARS_MAX),
  }),
  z.strictObject({ ruleId: RuleIdText }),
])
export type SearchQuestion = z.output<typeof SearchQuestion>

export const SearchInput = z.strictObject({
  question: SearchQuestion,
  targetIds: z.array(TargetIdText).min(1, 'names no target').max(TARGETS_MAX),
  from: z.int().min(0),
  /** Exclusive. */
  to: z.int().min(0),
  rows: z.int().min(1).max(ROWS_MAX).default(CAPS_USUAL.rows),
  seconds: z.int().min(1).max(SECONDS_MAX).default(CAPS_USUAL.seconds),
  /** Why, for the log here and, where it can say it, on the target. */
  purpose: z.string().trim().max(500).default(''),
})
export type SearchInput = z.output<typeof SearchInput>
