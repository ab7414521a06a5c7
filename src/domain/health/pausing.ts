// Which rules to pause so that what is left fits a budget that pauses: the loudest first, never one of
// level critical, never the only cover of a technique, and never what other rules build on. Pure.

import type { Level } from '#domain/rules/product-key.ts'
import type { RuleId, TargetId } from '#kernel/id.ts'
import { techniquesIn } from '#languages/attack/technique-ids.ts'
import { isOver, type Budget } from './budget.ts'

/** A rule that is live and ours, at one target. */
export interface Loud {
  readonly ruleId: RuleId
  readonly targetId: TargetId
  readonly title: string
  readonly level: Level | null
  readonly group: string | null
  readonly tags: readonly string[]
  readonly isManaged: boolean
  /** Null where the target does not tell. */
  readonly perDay: number | null
  /** What it finds is for other rules. */
  readonly isFeed: boolean
}

export interface Breach {
  /** Alerts a day of all that runs under it. */
  readonly used: number
  readonly pause: readonly Loud[]
  /** Over the budget all the same when those are paused; 0: it is kept then. */
  readonly leftOver: number
  /** The loudest that may not be paused, and why. */
  readonly spared: { readonly title: string; readonly why: string } | null
}

/** Somebody reads what is proposed. */
const RULES_AT_ONCE = 10

/** Undefined while the budget is kept, or nothing under it tells. `running`: all that runs anywhere. */
export function breachOf(budget: Budget, running: readonly Loud[]): Breach | undefined {
  const own = running.filter((one) => isOver(budget, one))
  const used = sum(own)
  if (used <= budget.perDay) return undefined
  const rules = [...Map.groupBy(own, ({ ruleId }) => ruleId).values()]
    .filter((places) => sum(places) > 0)
    .toSorted((a, b) => sum(b) - sum(a))
  const covers = coversOf(running)
  const pause: Loud[] = []
  let left = used
  let spared: Breach['spared'] = null
  let count = 0
  for (const places of rules) {
    if (left <= budget.perDay || count === RULES_AT_ONCE) break
    const why = whyNot(places, covers)
    if (why !== null) {
      spared ??= { title: places[0]!.title, why }
      continue
    }
    // What was the second cover of a technique is the only one from here on.
    for (const technique of techniquesIn(places[0]!.tags)) {
      covers.get(technique)?.delete(places[0]!.ruleId)
    }
    pause.push(...places)
    left -= sum(places)
    count++
  }
  return { used, pause, leftOver: Math.max(0, left - budget.perDay), spared }
}

function whyNot(
  places: readonly Loud[],
  covers: ReadonlyMap<string, ReadonlySet<RuleId>>,
): string | null {
  const [{ level, tags }] = places as readonly [Loud]
  if (level === 'critical') return 'its level is critical'
  if (places.some(({ isFeed }) => isFeed)) return 'other rules build on it'
  if (places.some(({ isManaged }) => !isManaged)) return 'it is only observed there'
  const alone = techniquesIn(tags).find((technique) => (covers.get(technique)?.size ?? 0) < 2)
  return alone === undefined ? null : `it alone covers ${alone}`
}

function coversOf(running: readonly Loud[]): Map<string, Set<RuleId>> {
  const covers = new Map<string, Set<RuleId>>()
  for (const { ruleId, tags } of running) {
    for (const technique of techniquesIn(tags)) {
      covers.set(technique, (covers.get(technique) ?? new Set()).add(ruleId))
    }
  }
  return covers
}

function sum(places: readonly Loud[]): number {
  return places.reduce((total, { perDay }) => total + (perDay ?? 0), 0)
}
