// A run of a rule's test cases: what came out, of which version, and when.

import type { Actor } from '#kernel/actor.ts'
import type { RuleId, TestRunId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Kind } from '#domain/rules/renders/kinds.ts'
import type { Trace } from './trace.ts'

export const VERDICTS = ['passed', 'failed', 'untold'] as const
/** `untold`: only the target itself could tell. */
export type Verdict = (typeof VERDICTS)[number]

export interface CaseResult {
  readonly name: string
  /** Null for a case that does not say it. */
  readonly expect: 'match' | 'no_match' | null
  /** The place whose own query was run; null for the detection. */
  readonly on: Kind | null
  readonly verdict: Verdict
  /** Why it did not pass. */
  readonly message: string | null
  /** Titles of the exclusions without which it would have come out otherwise. */
  readonly flippedBy?: readonly string[]
  /** How the events were judged, for a case that failed. */
  readonly traces: readonly Trace[]
}

export interface TestRun {
  readonly id: TestRunId
  readonly ruleId: RuleId
  /** Of the rule, whose text was tested. */
  readonly version: number
  readonly verdict: Verdict
  readonly passed: number
  readonly failed: number
  /** Cases that only a target could tell. */
  readonly untold: number
  /** What ran it, by version. */
  readonly engine: string
  readonly durationMs: number
  readonly results: readonly CaseResult[]
  readonly at: Instant
  readonly by: Actor
}

/** One that fails decides; else one that could not be told. */
export function countVerdicts(results: readonly CaseResult[]) {
  const having = (verdict: Verdict) => results.filter((one) => one.verdict === verdict).length
  const [passed, failed, untold] = [having('passed'), having('failed'), having('untold')]
  const verdict: Verdict = failed > 0 ? 'failed' : untold > 0 ? 'untold' : 'passed'
  return { verdict, passed, failed, untold }
}

const TRACED_MAX = 20

/** As it is kept: the first failures explain themselves, and each case has one line of name. */
export function toKeep(results: readonly CaseResult[]): readonly CaseResult[] {
  let traced = 0
  return results.map((one) => ({
    ...one,
    name: one.name.slice(0, NAME_CHARS).toWellFormed(),
    message: one.message?.slice(0, MESSAGE_CHARS).toWellFormed() ?? null,
    traces: one.traces.length > 0 && traced++ < TRACED_MAX ? one.traces : [],
  }))
}

const NAME_CHARS = 500
const MESSAGE_CHARS = 1_000
