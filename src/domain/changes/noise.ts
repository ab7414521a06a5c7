// What a change would add to the noise, held against the budgets of its rules: by what was measured of the
// very queries that it would deploy, for its impact or for a forecast. What was not measured is unknown
// and said, never 0. A change that makes a loud rule quieter passes.

import type { RuleId } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import { addMs, DAY, formatInstant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { perDayOf, weightOf } from './backtest.ts'
import { questionOf } from './backtest-query.ts'
import { selectProjections, type Projection } from './backtest-store.ts'
import { problemOf } from './checks.ts'
import { NOISE_BUDGETS, type NoiseBudgetOf } from './impact-budgets.ts'
import type { PreparedItem } from './prepare.ts'

/** What was measured longer ago says nothing of today. */
const FRESH_DAYS = 30

/** The same items, with what speaks against them. `isStrict`: nor may what nobody has measured be deployed. */
export async function judgeNoise(
  house: House,
  caller: Caller,
  items: readonly PreparedItem[],
  isStrict: boolean,
): Promise<readonly PreparedItem[]> {
  const louder = items.filter(({ body }) => body !== null)
  const ruleIds = [...new Set(louder.map(({ ruleId }) => ruleId))]
  const budgets = await house.ports.get(NOISE_BUDGETS)(house, caller, ruleIds)
  if (budgets.length === 0) return items
  const since = addMs(caller.now, -FRESH_DAYS * DAY)
  const known = await selectProjections(house.db.read(caller.scope), caller.scope, since)
  const over = new Map(budgets.map((one) => [one.ruleId, one]))
  const expected = new Map<PreparedItem, Projection | undefined>()
  for (const item of louder) {
    if (!over.has(item.ruleId)) continue
    const asked = JSON.stringify(await questionOf(house, caller, item.kind, item.body!))
    const found = known.get(`${item.ruleId} ${item.targetId}`)?.find(({ after }) => after === asked)
    expected.set(item, found)
  }
  const problems = new Map<PreparedItem, Problem>()
  for (const own of Map.groupBy(expected.keys(), (item) => budgetName(over, item)).values()) {
    const budget = over.get(own[0]!.ruleId)!
    for (const [item, problem] of judgeBudget(budget, own, expected, isStrict)) {
      problems.set(item, problem)
    }
  }
  return items.map((item) => {
    const problem = problems.get(item)
    return problem ? { ...item, problems: [...item.problems, problem] } : item
  })
}

/** Rules of a group share what the group may make. */
function budgetName(over: ReadonlyMap<RuleId, NoiseBudgetOf>, { ruleId }: PreparedItem): string {
  const { scope, perDay } = over.get(ruleId)!
  return scope === 'rule' ? ruleId : `${scope} ${perDay}`
}

function* judgeBudget(
  budget: NoiseBudgetOf,
  items: readonly PreparedItem[],
  expected: ReadonlyMap<PreparedItem, Projection | undefined>,
  isStrict: boolean,
): Generator<readonly [PreparedItem, Problem]> {
  const rates = items.flatMap((item) => expected.get(item) ?? [])
  const after = rates.reduce((sum, one) => sum + perDayOf(weightOf(one.result, 'after'), one), 0)
  for (const item of items) {
    const projection = expected.get(item)
    if (projection === undefined) {
      yield [item, unknownProblem(budget, isStrict)]
      continue
    }
    const { result } = projection
    const [before, own] = [weightOf(result, 'before'), weightOf(result, 'after')]
    if (after <= budget.perDay || own <= before) continue
    const { ruleTitle, targetName } = item
    const days = Math.round((projection.to - projection.from) / DAY)
    const until = formatInstant(projection.to).slice(0, 10)
    const measured = `${own} ${result.alerts.after === null ? 'matches' : 'alerts'} within the ${days} days until ${until}, where ${before} are now`
    const together =
      rates.length > 1 ? ` ${rates.length} items of it together make ${inWords(after)}.` : ''
    yield [
      item,
      problemOf(
        'change/budget',
        `${ruleTitle} would make ${inWords(perDayOf(own, projection))} alerts a day on ${targetName} (${measured}).${together} The noise budget of ${nameOf(budget)} allows ${inWords(budget.perDay)}.`,
        { hint: 'Make it find less, raise the budget, or waive it by name.' },
      ),
    ]
  }
}

function unknownProblem(budget: NoiseBudgetOf, isStrict: boolean): Problem {
  return problemOf(
    'change/noise-unknown',
    `How many alerts it would make is not known; the noise budget of ${nameOf(budget)} allows ${inWords(budget.perDay)} a day.`,
    {
      severity: isStrict ? 'error' : 'info',
      hint: 'Ask for the impact of the change, then render it again.',
    },
  )
}

const NAMES: Readonly<Record<string, string>> = {
  workspace: 'the workspace',
  group: 'its group',
  rule: 'the rule',
}
const nameOf = ({ scope }: NoiseBudgetOf) => NAMES[scope] ?? scope

const inWords = (perDay: number) => String(Math.round(perDay * 10) / 10)
