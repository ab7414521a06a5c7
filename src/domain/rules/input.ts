// What doors accept about rule texts that are not stored.

import { z } from 'zod'
import { RULE_BYTES_MAX } from '#kernel/limits.ts'
import { BACKENDS, BUILTIN_NAMES } from '#languages/sigma/names.ts'

const FILES_MAX = 500
const EVENTS_MAX = 10_000
const PIPELINES_MAX = 10

const RuleText = z.strictObject({
  /** Names the text in answers. */
  path: z.string().min(1).max(500).default('rule.yml'),
  text: z.string().max(RULE_BYTES_MAX),
})

const Rules = z.array(RuleText).min(1).max(FILES_MAX)

export const RulesToLint = z.strictObject({ rules: Rules })

export const RulesToConvert = z.strictObject({
  rules: Rules,
  to: z.enum(BACKENDS),
  pipelines: z.array(z.enum(BUILTIN_NAMES)).max(PIPELINES_MAX).default([]),
})

export const RulesToMatch = z.strictObject({
  rules: Rules,
  events: z.array(z.record(z.string(), z.unknown())).max(EVENTS_MAX),
  timeField: z.string().min(1).max(500).optional(),
})

export type RulesToLint = z.infer<typeof RulesToLint>
export type RulesToConvert = z.infer<typeof RulesToConvert>
export type RulesToMatch = z.infer<typeof RulesToMatch>
