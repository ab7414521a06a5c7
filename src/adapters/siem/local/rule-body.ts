// What is deployed to the sandbox: the body that languages/rule-formats/write makes for it. What is not
// read here is kept as it is.

import { z } from 'zod'
import { MINUTE, parseDuration } from '#kernel/time.ts'

const Text = z.string().max(1024 * 1024)

export const LocalRuleBody = z.looseObject({
  title: z.string().max(1_000),
  /** Sigma. */
  rule: Text,
  /** The rules it builds on and the filters laid over it. */
  others: z.array(Text).max(1_000).optional(),
  enabled: z.boolean().optional(),
  /** It runs and counts, and makes no alerts. */
  silent: z.boolean().optional(),
  schedule: z.looseObject({ every: z.string().optional() }).optional(),
})
export type LocalRuleBody = z.infer<typeof LocalRuleBody>

/** At the earliest: rules are looked at when events come in and every five minutes. */
export function everyMsOf({ schedule }: LocalRuleBody): number {
  return parseDuration(schedule?.every ?? '') ?? 5 * MINUTE
}

const NOT_APPLIED = ['throttle', 'threshold', 'queries'] as const

/** What the body says and the sandbox does not do. */
export function noticesOf(body: LocalRuleBody): readonly string[] {
  return NOT_APPLIED.filter((name) => body[name] !== undefined).map(
    (name) => `The sandbox does not apply: ${name}.`,
  )
}
