// `/changes/{id}/impact`: what a change does beside its bytes.

import { z } from 'zod'
import {
  BACKTEST_ITEM_STATES,
  WINDOW_DAYS_MAX,
  type BacktestItem,
} from '#domain/changes/backtest.ts'
import { CHANGE_ACTIONS, type ChangeItem } from '#domain/changes/change.ts'
import type { Impact } from '#domain/changes/impact.ts'
import { QUERY_LANGUAGES } from '#languages/query.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { formatInstant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import {
  AlertsShape,
  BacktestStandingShape,
  CostShape,
  CostsShape,
  DAYS_SHAPE,
  MeasuredShape,
  measuredShape,
} from './impact-shapes.ts'
import { operation } from './operation.ts'
import {
  accepted,
  idOf,
  InstantText,
  instantOrNull,
  JobIdText,
  named,
  queryNumber,
  RuleIdText,
} from './shapes.ts'

/** Loaded by the first request and not by the start. */
const impacts = () => import('#domain/changes/impact.ts')
const changes = () => import('#domain/changes/actions.ts')
const wording = () => import('#domain/changes/impact-words.ts')

const ChangePath = z.strictObject({ id: idOf(ID_PREFIXES.change) })
const ITEMS_MAX = 200
const ItemsQuery = z.strictObject({
  offset: queryNumber(0, 5_000).default(0),
  limit: queryNumber(1, ITEMS_MAX).default(50),
})

const QuestionShape = z
  .union([
    z.strictObject({ language: z.enum(['sigma', ...QUERY_LANGUAGES]), text: z.string() }),
    z.strictObject({ why: z.string() }),
  ])
  .nullable()

const ImpactItemShape = z
  .strictObject({
    n: z.int(),
    rule: RuleIdText,
    title: z.string(),
    target: idOf(ID_PREFIXES.target),
    targetName: z.string(),
    action: z.enum(CHANGE_ACTIONS).nullable(),
    words: z.array(z.string()),
    /** Unified, without a head; null where both sides are the same or one is not known. */
    textDiff: z.string().nullable(),
    queryDiff: z.string().nullable(),
    before: QuestionShape,
    after: QuestionShape,
    state: z.enum(BACKTEST_ITEM_STATES),
    reason: z.string().nullable(),
    result: MeasuredShape.nullable(),
    beforeSearch: idOf(ID_PREFIXES.search).nullable(),
    afterSearch: idOf(ID_PREFIXES.search).nullable(),
  })
  .register(named, { id: 'ImpactItem' })

const ImpactShape = z
  .strictObject({
    change: idOf(ID_PREFIXES.change),
    backtest: z
      .strictObject({
        id: idOf(ID_PREFIXES.backtest),
        from: InstantText,
        to: InstantText,
        job: JobIdText.nullable(),
        ...BacktestStandingShape,
        createdAt: InstantText,
        createdBy: z.string(),
        endedAt: InstantText.nullable(),
      })
      .nullable(),
    isStale: z.boolean(),
    total: z.strictObject({
      measured: z.int(),
      unknown: z.int(),
      before: z.int(),
      after: z.int(),
      added: z.int(),
      removed: z.int(),
      kept: z.int(),
      perDayBefore: z.number().nullable(),
      perDayAfter: z.number().nullable(),
      cost: CostShape,
      costs: CostsShape,
      alerts: AlertsShape,
      days: z.strictObject({ of: z.enum(['alerts', 'matches']), ...DAYS_SHAPE }).nullable(),
    }),
    coverage: z.strictObject({ gained: z.array(z.string()), lost: z.array(z.string()) }),
    budgets: z.array(
      z.strictObject({
        rule: RuleIdText,
        scope: z.string(),
        perDay: z.number(),
        before: z.number().nullable(),
        after: z.number().nullable(),
      }),
    ),
    itemCount: z.int(),
    items: z.array(ImpactItemShape),
  })
  .register(named, { id: 'Impact' })

const get = operation({
  method: 'GET',
  path: '/changes/{id}/impact',
  name: 'getChangeImpact',
  summary: 'What a change does beside its bytes',
  about:
    'What its queries would have found over the window that was asked, what its rules mean in words, what of their text and their query becomes another as a unified diff, techniques gained and lost, noise budgets, and what asking cost. `backtest` is null until somebody asks. What is not known is null and never 0. Items come by `offset` and `limit`.',
  permission: 'change.read',
  params: ChangePath,
  query: ItemsQuery,
  answer: ImpactShape,
  async run({ house, caller, params: { id }, query }) {
    const { items } = await (await changes()).getChange(house, caller, id)
    const impact = await (await impacts()).readImpact(house, caller, id)
    const wanted = impact.items.slice(query.offset, query.offset + query.limit)
    return impactShape(id, impact, await withWords(house, caller, items, wanted))
  },
})

const start = operation({
  method: 'POST',
  path: '/changes/{id}/impact',
  name: 'startChangeImpact',
  summary: 'Ask what a change would find',
  about:
    'The standing and the proposed query of each item, over the last `days`; both only read. 409 while it is asked already.',
  permission: 'search.run',
  reach: 'named',
  params: ChangePath,
  body: z
    .strictObject({ days: z.int().min(1).max(WINDOW_DAYS_MAX) })
    .register(accepted, { id: 'NewImpact' }),
  answer: ImpactShape,
  async run({ house, caller, params: { id }, body }) {
    const impact = await (await impacts()).startImpact(house, caller, id, body)
    return impactShape(id, impact, [])
  },
})

const cancel = operation({
  method: 'POST',
  path: '/changes/{id}/impact/cancel',
  name: 'cancelChangeImpact',
  summary: 'Ask no further',
  about: 'What was measured stays.',
  permission: 'search.run',
  reach: 'named',
  params: ChangePath,
  async run({ house, caller, params: { id } }) {
    await (await impacts()).cancelImpact(house, caller, id)
    return undefined
  },
})

type Worded = BacktestItem &
  Pick<z.input<typeof ImpactItemShape>, 'action' | 'words' | 'textDiff' | 'queryDiff'>

async function withWords(
  house: House,
  caller: Caller,
  items: readonly ChangeItem[],
  wanted: readonly BacktestItem[],
): Promise<readonly Worded[]> {
  const { diffsOf, wordsOf } = await wording()
  const worded: Worded[] = []
  for (const one of wanted) {
    // An older backtest may be of items that the change has no longer.
    const item = items.find(
      ({ ruleId, targetId }) => ruleId === one.ruleId && targetId === one.targetId,
    )
    const words = item ? [...(await wordsOf(house, caller, item))] : []
    const diffs = await diffsOf(house, caller, item, one)
    worded.push({ ...one, action: item?.action ?? null, words, ...diffs })
  }
  return worded
}

function impactShape(
  change: z.output<typeof ChangePath>['id'],
  { backtest, isStale, total, coverage, budgets, items }: Impact,
  shown: readonly Worded[],
): z.input<typeof ImpactShape> {
  return {
    change,
    backtest: backtest && {
      id: backtest.id,
      from: formatInstant(backtest.from),
      to: formatInstant(backtest.to),
      job: backtest.jobId,
      state: backtest.state,
      reason: backtest.reason,
      counts: backtest.counts,
      createdAt: formatInstant(backtest.createdAt),
      createdBy: backtest.createdBy,
      endedAt: instantOrNull(backtest.endedAt),
    },
    isStale,
    total: {
      ...total,
      days: total.days && {
        ...total.days,
        before: [...total.days.before],
        after: [...total.days.after],
      },
    },
    coverage: { gained: [...coverage.gained], lost: [...coverage.lost] },
    budgets: budgets.map(({ ruleId: rule, ...one }) => ({ rule, ...one })),
    itemCount: items.length,
    items: shown.map(itemShape),
  }
}

function questionShape(question: Worded['before']): z.input<typeof QuestionShape> {
  if (question === null || 'why' in question) return question
  return { language: question.language, text: question.text }
}

function itemShape(one: Worded): z.input<typeof ImpactItemShape> {
  const { number: n, ruleId, ruleTitle, targetId, targetName, action, words } = one
  const { textDiff, queryDiff } = one
  const { before, after, state, reason, result } = one
  return {
    n,
    rule: ruleId,
    title: ruleTitle,
    target: targetId,
    targetName,
    action,
    words,
    textDiff,
    queryDiff,
    before: questionShape(before),
    after: questionShape(after),
    state,
    reason,
    result: result && measuredShape(result),
    beforeSearch: one.beforeSearchId,
    afterSearch: one.afterSearchId,
  }
}

export const IMPACT_OPERATIONS = [get, start, cancel]
