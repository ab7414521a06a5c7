// What speaks against the accelerations that a rule reads: a rule that asks summaries finds what is in
// them, whatever came in since. Pure.

import type { Acceleration } from '#domain/targets/port.ts'
import { HOUR, type Instant } from '#kernel/time.ts'
import { spanOf } from './health.ts'

/** Splunk builds them every five minutes, and what it is still at is no finding. */
const BEHIND_LEAST_MS = HOUR
const BUILT_LEAST = 0.95

export interface ReadsModels {
  /** Data models that it reads by their summaries. */
  readonly models: readonly string[]
  /** How far back each run looks; null where the rule does not say. */
  readonly windowMs: number | null
}

/** Why what it reads is off or behind; null where nothing is, or nothing is told. */
export function laggingOf(
  { models, windowMs }: ReadsModels,
  accelerations: readonly Acceleration[],
  now: Instant,
): string | null {
  const wanted = new Set(models.map((name) => name.toLowerCase()))
  for (const one of accelerations) {
    if (!wanted.has(one.name.toLowerCase())) continue
    const why = reasonOf(one, Math.max(BEHIND_LEAST_MS, windowMs ?? 0), now)
    if (why !== null) return why
  }
  return null
}

function reasonOf(
  { name, isEnabled, share, reachesTo, lastError }: Acceleration,
  behindMs: number,
  now: Instant,
): string | null {
  if (isEnabled === false) return `The data model ${name} is not accelerated.`
  const because = lastError === null ? '.' : `: ${lastError}`
  if (reachesTo !== null && now - reachesTo > behindMs) {
    return `The summary of ${name} ends ${spanOf(now - reachesTo)} ago${because}`
  }
  if (share !== null && share < BUILT_LEAST) {
    return `The summary of ${name} is ${Math.floor(share * 100)} % built${because}`
  }
  return null
}
