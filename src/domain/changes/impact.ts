// What a change does beside its bytes: what its queries would have found over a window where others find
// something now, which techniques it gains and loses, what of its noise budgets it takes, and what asking
// cost.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import type { ChangeId, RuleId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import {
  perDayOf,
  weightOf,
  WINDOW_DAYS,
  type Backtest,
  type BacktestItem,
  type Cost,
  type Days,
  type Measured,
} from './backtest.ts'
import { questionOf, type Question } from './backtest-query.ts'
import { beginBacktest, cancelBacktest, standingOf, type Standing } from './backtest-start.ts'
import * as store from './backtest-store.ts'
import * as changes from './store.ts'
import type { Change, ChangeItem } from './change.ts'
import { NOISE_BUDGETS, type NoiseBudgetOf } from './impact-budgets.ts'
import { coverageDelta, type CoverageDelta } from './impact-coverage.ts'

/** What is looked at. */
export interface ImpactSubject {
  readonly change: Pick<Change, 'id' | 'title' | 'hash'>
  readonly items: readonly ChangeItem[]
}

export interface Impact {
  /** The newest that was asked; null before that. */
  readonly backtest: (Backtest & Standing) | null
  /** It was asked for other bytes than the change has now. */
  readonly isStale: boolean
  /** Before it was asked, what would be. */
  readonly items: readonly BacktestItem[]
  readonly total: ImpactTotal
  readonly coverage: CoverageDelta
  readonly budgets: readonly BudgetEffect[]
}

/** Over the items that were measured; `unknown` says how many were not. */
export interface ImpactTotal {
  readonly measured: number
  readonly unknown: number
  readonly before: number
  readonly after: number
  readonly added: number
  readonly removed: number
  readonly kept: number
  /** Null while one of them is not counted. */
  readonly alerts: { readonly before: number | null; readonly after: number | null }
  /** Of alerts where all are counted, else of matches; null where neither is known of all. */
  readonly days: (Days & { readonly of: 'alerts' | 'matches' }) | null
  /** Alerts where they are counted, else matches. Null while nothing is measured. */
  readonly perDayBefore: number | null
  readonly perDayAfter: number | null
  readonly cost: Cost
  /** Of the query that stands and of the one proposed, where one is asked. */
  readonly costs: { readonly before: Cost | null; readonly after: Cost | null }
}

/** A noise budget that the change touches. */
export interface BudgetEffect {
  readonly ruleId: RuleId
  /** Of what: the rule, its group, the workspace. */
  readonly scope: string
  /** Alerts that it allows. */
  readonly perDay: number
  /** Of the items of this rule that were measured; null while one of them is not. */
  readonly before: number | null
  readonly after: number | null
}

/** Asks, or asks again. Throws `forbidden` for a change that is not here, and as startImpactOf. Audited. */
export async function startImpact(
  house: House,
  caller: Caller,
  id: ChangeId,
  { days }: { readonly days: number } = { days: WINDOW_DAYS },
): Promise<Impact> {
  return startImpactOf(house, caller, await subjectOf(house, caller, id), { days })
}

/** As far as it is known now. Throws `forbidden` for a change that is not here. */
export async function readImpact(house: House, caller: Caller, id: ChangeId): Promise<Impact> {
  permit(caller, 'change.read')
  return readImpactOf(house, caller, await subjectOf(house, caller, id))
}

/** Throws `conflict` when nothing is asked. Audited. */
export async function cancelImpact(house: House, caller: Caller, id: ChangeId): Promise<void> {
  permit(caller, 'search.run')
  const { change } = await subjectOf(house, caller, id)
  const last = await store.findImpact(house.db.read(caller.scope), caller.scope, change.id)
  if (!last) throw new AppError('conflict', 'Nothing was asked.')
  await cancelBacktest(house, caller, last.id)
}

async function subjectOf(house: House, { scope }: Caller, id: ChangeId): Promise<ImpactSubject> {
  const reader = house.db.read(scope)
  const change = await changes.getChangeRow(reader, scope, id)
  return { change, items: await changes.selectItems(reader, scope, id) }
}

/** So many items are asked at a time: somebody waits for it. */
const AT_ONCE = 4

/**
 * Asks both queries of each item over the last `days`. Throws `conflict` while it is asked already.
 * Audited.
 */
export async function startImpactOf(
  house: House,
  caller: Caller,
  { change, items }: ImpactSubject,
  { days }: { readonly days: number },
): Promise<Impact> {
  permit(caller, 'search.run')
  const asked: store.NewItem[] = []
  for (const item of items) asked.push(await askedItem(house, caller, item))
  const reader = house.db.read(caller.scope)
  const last = await store.findImpact(reader, caller.scope, change.id)
  if (last && (await standingOf(house, caller, last)).state === 'running') {
    throw new AppError('conflict', 'It is asked already. Wait for it, or cancel it.')
  }
  const coverage = await coverageDelta(house, caller, items)
  const budgets = await budgetsOf(house, caller, items)
  const backtest = await house.db.write(caller, (tx) =>
    beginBacktest(tx, house, caller, {
      days,
      items: asked,
      title: change.title,
      changeId: change.id,
      changeHash: change.hash,
      atOnce: AT_ONCE,
      perHour: null,
    }),
  )
  const unchanged = asked.filter(({ state }) => state === 'unchanged').length
  const waiting = asked.length - unchanged
  const counts = { waiting, asking: 0, measured: 0, unknown: 0, unchanged }
  return {
    backtest: { ...backtest, state: 'running', reason: null, counts },
    isStale: false,
    items: asked.map(unasked),
    total: totalOf(backtest, []),
    coverage,
    budgets: budgets.map((one) => ({ ...one, before: null, after: null })),
  }
}

function unasked(item: store.NewItem): BacktestItem {
  const none = { beforeSearchId: null, afterSearchId: null, askedAt: null }
  return { ...item, ...none, result: null, endedAt: null }
}

async function askedItem(
  house: House,
  caller: Caller,
  { action, body, replaces, problems, ...item }: ChangeItem,
): Promise<store.NewItem> {
  const { number, ruleId, ruleTitle, version, targetId, targetName, kind } = item
  const named = { number, ruleId, ruleTitle, version, targetId, targetName, kind }
  if (action === 'adopt' || action === 'unmanage') {
    const reason = 'Nothing that runs there becomes another.'
    return { ...named, before: null, after: null, state: 'unchanged', reason }
  }
  const ask = (one: ChangeItem['body']): Promise<Question> | null =>
    one === null ? null : questionOf(house, caller, kind, one)
  const before = replaces?.isEnabled === false ? null : await ask(replaces?.body ?? null)
  const stops = action === 'remove' || action === 'pause'
  const writes = action === 'add' || action === 'change'
  const [problem] = problems
  // What cannot be written there asks nothing; it is not what stands there.
  const refused = writes &&
    body === null && { why: problem?.message ?? 'It cannot be written there.' }
  const after = stops ? null : refused || (await ask(body ?? replaces?.body ?? null))
  if (before === null && after === null) {
    const reason = 'Nothing runs there, before and after.'
    return { ...named, before, after, state: 'unchanged', reason }
  }
  return { ...named, before, after, state: 'waiting', reason: null }
}

/** As far as it is known now. */
export async function readImpactOf(
  house: House,
  caller: Caller,
  { change, items }: ImpactSubject,
): Promise<Impact> {
  const { scope } = caller
  const found = await store.findImpact(house.db.read(scope), scope, change.id)
  const coverage = await coverageDelta(house, caller, items)
  const budgets = await budgetsOf(house, caller, items)
  if (!found) {
    const none = { before: null, after: null }
    const wouldAsk: BacktestItem[] = []
    for (const item of items) wouldAsk.push(unasked(await askedItem(house, caller, item)))
    return {
      backtest: null,
      isStale: false,
      items: wouldAsk,
      total: totalOf(null, []),
      coverage,
      budgets: budgets.map((one) => ({ ...one, ...none })),
    }
  }
  const backtest = { ...found, ...(await standingOf(house, caller, found)) }
  const asked = await store.selectItems(house.db.read(scope), scope, found.id)
  return {
    backtest,
    isStale: found.changeHash !== change.hash,
    items: asked,
    total: totalOf(found, asked),
    coverage,
    budgets: budgets.map((one) => ({ ...one, ...ratesOf(found, asked, one.ruleId) })),
  }
}

function totalOf(window: Backtest | null, items: readonly BacktestItem[]): ImpactTotal {
  const results = items.flatMap(({ result }) => result ?? [])
  const sum = (of: (one: Measured) => number) => results.reduce((total, one) => total + of(one), 0)
  const alertsOf = (side: 'before' | 'after') =>
    results.length === 0 || results.some(({ alerts }) => alerts[side] === null)
      ? null
      : sum(({ alerts }) => alerts[side]!)
  const rateOf = (side: 'before' | 'after') =>
    window !== null && results.length > 0
      ? perDayOf(
          sum((one) => weightOf(one, side)),
          window,
        )
      : null
  return {
    measured: results.length,
    unknown: items.filter(({ state }) => state === 'unknown').length,
    before: sum((one) => one.before),
    after: sum((one) => one.after),
    added: sum((one) => one.added),
    removed: sum((one) => one.removed),
    kept: sum((one) => one.kept),
    alerts: { before: alertsOf('before'), after: alertsOf('after') },
    days: totalDays(results),
    perDayBefore: rateOf('before'),
    perDayAfter: rateOf('after'),
    cost: totalCost(results.map(({ cost }) => cost)) ?? NO_COST,
    costs: {
      before: totalCost(results.flatMap(({ costs }) => costs.before ?? [])),
      after: totalCost(results.flatMap(({ costs }) => costs.after ?? [])),
    },
  }
}

const NO_COST: Cost = { scanned: 0, bytes: 0, seconds: 0 }

function totalCost(costs: readonly Cost[]): Cost | null {
  if (costs.length === 0) return null
  const known = (of: (cost: Cost) => number | null) =>
    costs.reduce<number | null>((total, cost) => {
      const more = of(cost)
      return total === null || more === null ? null : total + more
    }, 0)
  return {
    scanned: known(({ scanned }) => scanned),
    bytes: known(({ bytes }) => bytes),
    seconds: costs.reduce((total, { seconds }) => total + seconds, 0),
  }
}

function totalDays(results: readonly Measured[]): ImpactTotal['days'] {
  for (const what of ['alerts', 'matches'] as const) {
    const all = results.map(({ days }) => days[what])
    const known = all.filter((days) => days !== null)
    const [first] = known
    if (!first || known.length < all.length) continue
    const sumOf = (side: 'before' | 'after') =>
      first[side].map((_, day) => known.reduce((total, days) => total + days[side][day]!, 0))
    return { of: what, before: sumOf('before'), after: sumOf('after') }
  }
  return null
}

function ratesOf(window: Backtest, items: readonly BacktestItem[], ruleId: RuleId) {
  const own = items.filter((item) => item.ruleId === ruleId && item.state !== 'unchanged')
  if (own.length === 0 || own.some(({ result }) => result === null)) {
    return { before: null, after: null }
  }
  const { perDayBefore: before, perDayAfter: after } = totalOf(window, own)
  return { before, after }
}

async function budgetsOf(
  house: House,
  caller: Caller,
  items: readonly ChangeItem[],
): Promise<readonly NoiseBudgetOf[]> {
  const ids = [...new Set(items.map(({ ruleId }) => ruleId))]
  return house.ports.get(NOISE_BUDGETS)(house, caller, ids)
}
