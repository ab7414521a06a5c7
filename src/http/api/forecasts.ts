// `/forecasts`: what many rules would bring on a target, asked within a query budget.

import { z } from 'zod'
import {
  BACKTEST_ITEM_STATES,
  perDayOf,
  weightOf,
  type BacktestItem,
} from '#domain/changes/backtest.ts'
import type { Forecast } from '#domain/changes/forecast.ts'
import { NewForecast } from '#domain/changes/forecast-input.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { formatInstant } from '#kernel/time.ts'
import { operation } from './operation.ts'
import { BacktestStandingShape, MeasuredShape, measuredShape } from './impact-shapes.ts'
import {
  accepted,
  idOf,
  InstantText,
  instantOrNull,
  JobIdText,
  named,
  PAGE_QUERY,
  pageShape,
  RuleIdText,
} from './shapes.ts'

/** Loaded by the first request and not by the start. */
const forecasts = () => import('#domain/changes/forecast.ts')
const starting = () => import('#domain/changes/backtest-start.ts')

const ForecastPath = z.strictObject({ id: idOf(ID_PREFIXES.backtest) })

const ForecastShape = z
  .strictObject({
    id: idOf(ID_PREFIXES.backtest),
    title: z.string(),
    from: InstantText,
    to: InstantText,
    atOnce: z.int(),
    perHour: z.int().nullable(),
    job: JobIdText.nullable(),
    ...BacktestStandingShape,
    createdAt: InstantText,
    createdBy: z.string(),
    endedAt: InstantText.nullable(),
  })
  .register(named, { id: 'Forecast' })
const ForecastPage = pageShape(ForecastShape).register(named, { id: 'ForecastPage' })

const ForecastRuleShape = z
  .strictObject({
    rule: RuleIdText,
    title: z.string(),
    version: z.int().nullable(),
    state: z.enum(BACKTEST_ITEM_STATES),
    reason: z.string().nullable(),
    perDay: z.number().nullable(),
    search: idOf(ID_PREFIXES.search).nullable(),
    result: MeasuredShape.nullable(),
  })
  .register(named, { id: 'ForecastRule' })
const ForecastRulePage = pageShape(ForecastRuleShape).register(named, { id: 'ForecastRulePage' })

const list = operation({
  method: 'GET',
  path: '/forecasts',
  name: 'listForecasts',
  summary: 'Forecasts, newest first',
  permission: 'search.run',
  query: z.strictObject(PAGE_QUERY),
  answer: ForecastPage,
  async run({ house, caller, query }) {
    const { items, next } = await (await forecasts()).listForecasts(house, caller, query)
    return { items: items.map(forecastShape), next }
  },
})

const start = operation({
  method: 'POST',
  path: '/forecasts',
  name: 'startForecast',
  summary: 'Ask what many rules would bring on a target',
  about:
    'Rules named in `ids`, or all that the list shows with `filter`; at most 500. Their queries are asked over the last `days`, `atOnce` at a time and at most `perHour` begun within an hour. A restart goes on where it was.',
  permission: 'search.run',
  reach: 'listed',
  body: NewForecast.register(accepted, { id: 'NewForecast' }),
  status: 201,
  answer: ForecastShape,
  async run({ house, caller, body }) {
    return forecastShape(await (await forecasts()).startForecast(house, caller, body))
  },
})

const get = operation({
  method: 'GET',
  path: '/forecasts/{id}',
  name: 'getForecast',
  summary: 'How far a forecast is',
  permission: 'search.run',
  params: ForecastPath,
  answer: ForecastShape,
  async run({ house, caller, params }) {
    return forecastShape(await (await forecasts()).getForecast(house, caller, params.id))
  },
})

const rules = operation({
  method: 'GET',
  path: '/forecasts/{id}/rules',
  name: 'listForecastRules',
  summary: 'What each rule would bring, the loudest first',
  about: '`perDay` is null where it is unknown, and `reason` says why; it is never 0 for that.',
  permission: 'search.run',
  params: ForecastPath,
  query: z.strictObject(PAGE_QUERY),
  answer: ForecastRulePage,
  async run({ house, caller, params, query }) {
    const { getForecast, listForecastRules } = await forecasts()
    const forecast = await getForecast(house, caller, params.id)
    const { items, next } = await listForecastRules(house, caller, params.id, query)
    return { items: items.map((item) => ruleShape(forecast, item)), next }
  },
})

const cancel = operation({
  method: 'POST',
  path: '/forecasts/{id}/cancel',
  name: 'cancelForecast',
  summary: 'Ask no further',
  about: 'What was measured stays.',
  permission: 'search.run',
  reach: 'named',
  params: ForecastPath,
  async run({ house, caller, params }) {
    await (await starting()).cancelBacktest(house, caller, params.id)
    return undefined
  },
})

function forecastShape(one: Forecast): z.input<typeof ForecastShape> {
  const { id, title, from, to, atOnce, perHour, jobId, state, reason, counts } = one
  return {
    id,
    title,
    from: formatInstant(from),
    to: formatInstant(to),
    atOnce,
    perHour,
    job: jobId,
    state,
    reason,
    counts,
    createdAt: formatInstant(one.createdAt),
    createdBy: one.createdBy,
    endedAt: instantOrNull(one.endedAt),
  }
}

function ruleShape(forecast: Forecast, item: BacktestItem): z.input<typeof ForecastRuleShape> {
  const { ruleId, ruleTitle, version, state, reason, afterSearchId, result } = item
  return {
    rule: ruleId,
    title: ruleTitle,
    version,
    state,
    reason,
    perDay: result && perDayOf(weightOf(result, 'after'), forecast),
    search: afterSearchId,
    result: result && measuredShape(result),
  }
}

export const FORECAST_OPERATIONS = [list, start, get, rules, cancel]
