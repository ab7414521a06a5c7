// Exclusions as a page shows them: with what they exclude in words, and what is to be known about each.
// It is worked out when somebody looks, so it is true of the texts as they are at that moment.

import type { RuleId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { TaskLimits } from '#platform/worker.ts'
import type { Exclusion } from './exclusion.ts'
import type { ExclusionMarks } from './marks.ts'
import { selectExclusionTexts, selectLaidOver, selectRuleTexts } from './store.ts'
import { judgeExclusions } from './task.ts'

const LIMITS: TaskLimits = { timeoutMs: 20_000 }
/** Of each exclusion; a page is read by somebody who waits. */
export const RULES_JUDGED = 10

export interface ExclusionShown extends Exclusion {
  readonly marks: ExclusionMarks
  /** Titles of the exclusions and rules that the marks name. */
  readonly titles: ReadonlyMap<string, string>
}

/** For exclusions that the caller was given. */
export async function lookAtExclusions(
  { db, workers }: House,
  { scope, now }: Caller,
  exclusions: readonly Exclusion[],
): Promise<readonly ExclusionShown[]> {
  if (exclusions.length === 0) return []
  const reader = db.read(scope)
  const own = await selectExclusionTexts(
    reader,
    scope,
    exclusions.map(({ id }) => id),
  )
  const ruleIds = new Set(exclusions.flatMap((one) => judgedOf(one)))
  const rules = await selectRuleTexts(reader, scope, [...ruleIds])
  const inForce = await selectLaidOver(reader, scope, [...ruleIds], now)
  const marks = await workers.run(
    judgeExclusions,
    exclusions.map((one) => {
      const judged = new Set(judgedOf(one))
      const beside = inForce.filter(
        (other) => judged.has(other.ruleId) && other.exclusionId !== one.id,
      )
      return {
        id: one.id,
        text: own.find(({ id }) => id === one.id)!.text,
        rules: rules.filter(({ id }) => judged.has(id)),
        beside: uniqueById(beside.map((other) => ({ id: other.exclusionId, text: other.text }))),
      }
    }),
    LIMITS,
  )
  const titles = new Map<string, string>([
    ...exclusions.flatMap((one) => one.rules.map(({ id, title }) => [id, title] as const)),
    ...inForce.map(({ exclusionId, title }) => [exclusionId, title] as const),
  ])
  return exclusions.map((one, at) => ({ ...one, marks: marks[at]!, titles }))
}

function judgedOf({ rules }: Exclusion): readonly RuleId[] {
  return rules.slice(0, RULES_JUDGED).map(({ id }) => id)
}

function uniqueById<T extends { readonly id: string }>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((item) => [item.id, item])).values()]
}
