// A forecast: what many rules would bring on one target, asked within a query budget, so that whoever
// has five hundred of them begins with those that stay quiet.

import { permit } from '#domain/access/permission.ts'
import { RuleListQuery } from '#domain/rules/input.ts'
import { listRules } from '#domain/rules/reading.ts'
import { listRenders } from '#domain/rules/renders/actions.ts'
import type { StoredRender } from '#domain/rules/renders/render.ts'
import { RULE_STATES, type RuleSummary } from '#domain/rules/rule.ts'
import { getTarget } from '#domain/targets/actions.ts'
import type { Target } from '#domain/targets/target.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import type { BacktestId } from '#kernel/id.ts'
import { readPage, type Page } from '#kernel/page.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { FORECAST_RULES_MAX, type Backtest, type BacktestItem } from './backtest.ts'
import { questionOf, type Question } from './backtest-query.ts'
import { beginBacktest, standingOf, type Standing } from './backtest-start.ts'
import * as store from './backtest-store.ts'
import type { NewForecast } from './forecast-input.ts'

export interface Forecast extends Backtest, Standing {}

/**
 * Throws `forbidden` for a target that is not here, `invalid` where nothing fits, and `too_large` for
 * more rules than a forecast takes. Audited.
 */
export async function startForecast(
  house: House,
  caller: Caller,
  { targetId, ids, filter, title, ...budget }: NewForecast,
): Promise<Forecast> {
  permit(caller, 'search.run')
  const target = await getTarget(house, caller, targetId)
  const rules = await chosenRules(house, caller, { ids, filter })
  const items: store.NewItem[] = []
  for (const [at, { id: ruleId, title: ruleTitle, version }] of rules.entries()) {
    const after = await candidateOf(house, caller, ruleId, target)
    items.push({
      number: at + 1,
      ruleId,
      ruleTitle,
      version,
      targetId,
      targetName: target.name,
      kind: target.kind,
      before: null,
      after,
      state: 'waiting',
      reason: null,
    })
  }
  const backtest = await house.db.write(caller, (tx) =>
    beginBacktest(tx, house, caller, {
      ...budget,
      items,
      title: title || `${items.length} rules on ${target.name}`,
      changeId: null,
      changeHash: null,
    }),
  )
  const counts = { waiting: items.length, asking: 0, measured: 0, unknown: 0, unchanged: 0 }
  return { ...backtest, state: 'running', reason: null, counts }
}

async function chosenRules(
  house: House,
  caller: Caller,
  { ids, filter }: Pick<NewForecast, 'ids' | 'filter'>,
): Promise<readonly RuleSummary[]> {
  const { sort, ...listed } = RuleListQuery.parse(filter ?? {})
  const wanted = ids === undefined ? listed : { ids, state: RULE_STATES }
  const page = await listRules(house, caller, { filter: wanted, sort, limit: FORECAST_RULES_MAX })
  if (page.count > FORECAST_RULES_MAX) {
    const most = `A forecast takes at most ${FORECAST_RULES_MAX} rules`
    throw new AppError('too_large', `${most}, and these are ${page.count}. Narrow the list.`)
  }
  if (page.items.length === 0) throw new AppError('invalid', 'No rule fits. Choose others.')
  return page.items
}

/** What would be written there, as the query that it holds. */
async function candidateOf(
  house: House,
  caller: Caller,
  ruleId: RuleSummary['id'],
  target: Target,
): Promise<Question> {
  const renders = await listRenders(house, caller, ruleId)
  const made =
    renders.find((one) => one.kind === target.kind && one.target === target.name) ??
    renders.find((one) => one.kind === target.kind && one.target === null)
  const body = made && bodyFor(made, target.name)
  const problem = body?.problems[0] ?? made?.problems[0]
  if (!body?.body) {
    return { why: problem?.message ?? 'It is not compiled for this kind of target.' }
  }
  return questionOf(house, caller, target.kind, body.body)
}

function bodyFor({ bodies }: StoredRender, name: string) {
  return (
    bodies.find(({ overlay }) => overlay === name) ?? bodies.find(({ overlay }) => overlay === null)
  )
}

/** Newest first. */
export async function listForecasts(
  house: House,
  caller: Caller,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<Page<Forecast>> {
  permit(caller, 'search.run')
  const { scope } = caller
  const reader = house.db.read(scope)
  const page = await readPage({
    key: house.keys.purpose('cursor'),
    binding: { workspaceId: scope.workspaceId, list: 'forecasts' },
    limit,
    cursor,
    placeOf: ({ id }: Backtest) => id,
    select: (wanted) => store.selectForecasts(reader, scope, wanted),
  })
  const items: Forecast[] = []
  for (const one of page.items) items.push({ ...one, ...(await standingOf(house, caller, one)) })
  return { ...page, items }
}

/** Throws `forbidden` for one that is not here. */
export async function getForecast(house: House, caller: Caller, id: BacktestId): Promise<Forecast> {
  permit(caller, 'search.run')
  const found = await requireForecast(house, caller, id)
  return { ...found, ...(await standingOf(house, caller, found)) }
}

/** What is the impact of a change is looked at there. */
async function requireForecast(house: House, { scope }: Caller, id: BacktestId): Promise<Backtest> {
  const found = await store.getBacktest(house.db.read(scope), scope, id)
  if (found.changeId !== null) throw forbidden()
  return found
}

/** Those that would bring most alerts first, and those of which nothing is known last. */
export async function listForecastRules(
  house: House,
  caller: Caller,
  id: BacktestId,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<Page<BacktestItem>> {
  permit(caller, 'search.run')
  const { scope } = caller
  const reader = house.db.read(scope)
  await requireForecast(house, caller, id)
  let offset = 0
  return readPage({
    key: house.keys.purpose('cursor'),
    binding: { workspaceId: scope.workspaceId, list: 'forecast-rules', id },
    limit,
    cursor,
    // Their order changes while they are measured, so a place is how many were passed.
    placeOf: () => offset,
    select: async ({ limit: max, after }) => {
      const from = after ?? 0
      offset = from + limit
      return store.selectItems(reader, scope, id, { sort: 'perDay', limit: max, offset: from })
    },
  })
}
