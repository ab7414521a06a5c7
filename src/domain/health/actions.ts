// Looking at how deployed rules fare. Judging happens when a target is looked at; here is what came of it.

import { permit } from '#domain/access/permission.ts'
import { getRule } from '#domain/rules/reading.ts'
import type { RuleId } from '#kernel/id.ts'
import { definedIn } from '#kernel/json.ts'
import { readPage, type Page } from '#kernel/page.ts'
import { addMs, DAY, instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { ListedHealth, RuleHealth, RuleHealthAt } from './figures.ts'
import { HEALTH_STATES, type HealthState } from './health.ts'
import type { HealthFilter } from './input.ts'
import * as rules from './rule-store.ts'
import { byDay, dayOf } from './sample.ts'
import { selectGaps, selectSamples } from './sample-store.ts'
import { selectOutages } from './target-store.ts'
import type { Outage } from './watch.ts'

/** Days that a line of the list draws. */
export const SPARK_DAYS = 30

export interface HealthPage extends Page<ListedHealth> {
  /** Of the whole list, by state. */
  readonly states: Readonly<Record<HealthState, number>>
}

export interface HealthWanted {
  readonly filter: HealthFilter
  readonly limit: number
  readonly cursor?: string | undefined
  readonly days?: number
}

/** What stands somewhere and was looked at, the worst first. Throws `invalid` for another list's cursor. */
export async function listHealth(
  house: House,
  caller: Caller,
  { filter, limit, cursor, days = SPARK_DAYS }: HealthWanted,
): Promise<HealthPage> {
  permit(caller, 'health.read')
  const { scope, now } = caller
  const reader = house.db.read(scope)
  const page = await readPage({
    key: house.keys.purpose('cursor'),
    binding: {
      workspaceId: scope.workspaceId,
      list: 'health',
      filter: definedIn(filter),
    },
    limit,
    cursor,
    placeOf: ({ figures: _, state, series }: RuleHealth) =>
      [HEALTH_STATES.indexOf(state), series] as const,
    select: (wanted) => rules.selectRuleHealth(reader, scope, filter, wanted),
  })
  const series = page.items.map((one) => one.series)
  const from = instant(Math.max(0, dayOf(now) - (days - 1) * DAY))
  const samples = Map.groupBy(
    await selectSamples(reader, scope, series, from),
    (sample) => sample.series,
  )
  const counts = await countStates(house, caller, filter)
  const states = Object.fromEntries(HEALTH_STATES.map((state) => [state, counts.get(state) ?? 0]))
  return {
    items: page.items.map((one) => ({
      ...one,
      days: byDay(samples.get(one.series) ?? [], now, days),
    })),
    next: page.next,
    states: states as HealthPage['states'],
  }
}

/** How many are in each state, whatever state the filter names. */
export async function countStates(
  house: House,
  caller: Caller,
  { state: _, ...filter }: HealthFilter,
): Promise<ReadonlyMap<HealthState, number>> {
  permit(caller, 'health.read')
  const { scope } = caller
  return house.db.remember(scope, { health: definedIn(filter) }, () =>
    rules.countStates(house.db.read(scope), scope, filter),
  )
}

const PLACES_MAX = 100
const TIMELINE_DAYS = 90

/** At each target where it stands. Throws `forbidden` for a rule that is not here. */
export async function getRuleHealth(
  house: House,
  caller: Caller,
  ruleId: RuleId,
): Promise<readonly RuleHealthAt[]> {
  permit(caller, 'health.read')
  await getRule(house, caller, ruleId)
  const { scope, now } = caller
  const reader = house.db.read(scope)
  const wanted = { limit: PLACES_MAX, after: null }
  const found = await rules.selectRuleHealth(reader, scope, { rule: ruleId }, wanted)
  const series = found.map((one) => one.series)
  const from = instant(Math.max(0, dayOf(now) - (TIMELINE_DAYS - 1) * DAY))
  const samples = await selectSamples(reader, scope, series, from)
  const gaps = await selectGaps(reader, scope, series)
  return found.map((one) => {
    const own = samples.filter((sample) => sample.series === one.series)
    return {
      ...one,
      days: byDay(own, now, TIMELINE_DAYS),
      samples: own,
      gaps: gaps.filter((gap) => gap.series === one.series),
    }
  })
}

/** Targets that do not answer, and those that came back within a week: one finding each. */
export async function listOutages(house: House, caller: Caller): Promise<readonly Outage[]> {
  permit(caller, 'health.read')
  const { scope, now } = caller
  return selectOutages(house.db.read(scope), scope, addMs(now, -7 * DAY))
}
