// `/w/{slug}/forecasts`: what rules of the list would bring on a target.

import { z } from 'zod'
import { FORECAST_RULES_MAX, perDayOf, weightOf, WINDOW_DAYS } from '#domain/changes/backtest.ts'
import { cancelBacktest } from '#domain/changes/backtest-start.ts'
import {
  getForecast,
  listForecastRules,
  listForecasts,
  startForecast,
} from '#domain/changes/forecast.ts'
import { NewForecast } from '#domain/changes/forecast-input.ts'
import { listRules } from '#domain/rules/reading.ts'
import { listTargets } from '#domain/targets/actions.ts'
import { AppError } from '#kernel/error.ts'
import { PAGE_LIMIT_MAX } from '#kernel/page.ts'
import { ForecastPage } from '#views/forecasts/forecast-page.tsx'
import { ForecastsPage } from '#views/forecasts/forecasts-page.tsx'
import { NewForecastPage } from '#views/forecasts/new-forecast-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { problemsByField, readForm, readId, readQuery } from '#http/input.ts'
import { changed, fragment, goTo, page, wantsOnly } from '#http/respond.tsx'
import { CHOICE, filterOf, resent, wantedOf, type Choice } from './rule-choice.ts'

const rootOf = (c: HttpContext) => `${placeOf(c)}/forecasts`
const searchesOf = (c: HttpContext) => ({ label: 'Searches', href: `${placeOf(c)}/searches` })
const trailOf = (c: HttpContext) => [searchesOf(c), { label: 'Forecasts', href: rootOf(c) }]
const LISTED = 50
const CursorQuery = z.object({ cursor: z.string().max(2_000).optional().catch(undefined) })

export async function showForecasts(c: HttpContext): Promise<Response> {
  const { cursor } = readQuery(c, CursorQuery)
  const found = await listForecasts(c.var.house, callerOf(c), { limit: LISTED, cursor })
  const place = placeOf(c)
  const paths = { path: rootOf(c), searches: `${place}/searches`, rules: `${place}/rules` }
  const props = { ...paths, ...found, cursor: cursor ?? null }
  return page(c, { title: 'Forecasts', trail: [searchesOf(c)] }, <ForecastsPage {...props} />)
}

const TITLES_SHOWN = 12
const USUAL = { target: '', days: String(WINDOW_DAYS), atOnce: '2', perHour: '120' }

export async function showNew(c: HttpContext): Promise<Response> {
  const choice = readQuery(c, z.object(CHOICE))
  return showForm(c, choice, USUAL, {})
}

async function showForm(
  c: HttpContext,
  choice: Choice,
  asked: typeof USUAL,
  {
    fields = {},
    refusal = null,
  }: { fields?: Readonly<Record<string, string>>; refusal?: string | null },
): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const wanted = { filter: filterOf(choice), sort: 'title', limit: TITLES_SHOWN } as const
  const { items, count } = await listRules(house, caller, wanted)
  const targets = await listTargets(house, caller, { limit: PAGE_LIMIT_MAX })
  const rules = `${placeOf(c)}/rules`
  const props = {
    path: rootOf(c),
    back: choice.of === '' ? rules : `${rules}?${choice.of}`,
    chosen: resent(choice),
    count,
    most: FORECAST_RULES_MAX,
    titles: items.map(({ title }) => title),
    targets: targets.items.map(({ target: { id, name } }) => ({ id, name })),
    asked,
    fields,
    refusal,
  }
  const status = Object.keys(fields).length === 0 && refusal === null ? 200 : 422
  const content = <NewForecastPage {...props} />
  return page(c, { title: 'New forecast', trail: trailOf(c), status }, content)
}

const AskForm = z.strictObject({
  ...CHOICE,
  on: z.string().max(100),
  days: z.string().max(10),
  atOnce: z.string().max(10),
  perHour: z.string().max(10),
})

const FIELDS = { days: 'Days', atOnce: 'Searches at a time', perHour: 'Searches within an hour' }

export async function ask(c: HttpContext): Promise<Response> {
  const { on: target, days, atOnce, perHour, ...choice } = await readForm(c, AskForm)
  const asked = { target, days, atOnce, perHour }
  const budget = { days: Number(days), atOnce: Number(atOnce), perHour: Number(perHour) }
  const wanted = NewForecast.safeParse({ targetId: target, ...budget, ...wantedOf(choice) })
  if (!wanted.success) {
    const fields = problemsByField(wanted.error, FIELDS)
    return showForm(c, choice, asked, { fields })
  }
  try {
    const { id } = await startForecast(c.var.house, callerOf(c), wanted.data)
    return goTo(c, `${rootOf(c)}/${id}`)
  } catch (error) {
    const isTold = error instanceof AppError && ['invalid', 'too_large'].includes(error.code)
    if (!isTold) throw error
    return showForm(c, choice, asked, { refusal: error.message })
  }
}

export async function showForecast(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const id = readId(c, 'bkt')
  const { cursor } = readQuery(c, CursorQuery)
  const forecast = await getForecast(house, caller, id)
  const found = await listForecastRules(house, caller, id, { limit: LISTED, cursor })
  const place = placeOf(c)
  const paths = {
    path: `${rootOf(c)}/${id}`,
    rules: `${place}/rules`,
    searches: `${place}/searches`,
  }
  const items = found.items.map((item) => ({
    ...item,
    perDay: item.result && perDayOf(weightOf(item.result, 'after'), forecast),
  }))
  const props = { ...paths, items, next: found.next, forecast, cursor: cursor ?? null }
  const content = <ForecastPage {...props} />
  if (wantsOnly(c, 'forecast')) return fragment(c, content)
  return page(c, { title: forecast.title, trail: trailOf(c) }, content)
}

export async function cancel(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const id = readId(c, 'bkt')
  await getForecast(house, callerOf(c), id)
  await cancelBacktest(house, callerOf(c), id)
  return changed(c, { redirect: `${rootOf(c)}/${id}`, notice: 'It asks no further.' })
}
