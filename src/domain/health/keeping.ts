// What a look brought, kept: samples, and the judgement of each rule. In many short writes, so that whoever
// writes meanwhile does not wait for a thousand rules.

import type { NamedPlacement } from '#domain/placements/placement.ts'
import type { RuleSummary } from '#domain/rules/rule.ts'
import type { Target } from '#domain/targets/target.ts'
import { AppError } from '#kernel/error.ts'
import type { RuleId, TargetId } from '#kernel/id.ts'
import { addMs, DAY, type Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { budgetOver, type Budget } from './budget.ts'
import { selectBudgets } from './budget-store.ts'
import { gapsToPlan } from './gaps.ts'
import {
  digestOf,
  judgeRules,
  SAMPLES_JUDGED_DAYS,
  type Digest,
  type JudgedRule,
} from './judging.ts'
import { newestRuns, type Heard } from './listening.ts'
import type { Outline } from './outline.ts'
import { nextSeries, saveKnown, selectKnown, type Known } from './rule-store.ts'
import { countsOf, NOTHING_TOLD } from './sample.ts'
import {
  replacePlan,
  rollUp,
  saveSamples,
  selectGaps,
  selectSamples,
  type SeriesSample,
} from './sample-store.ts'
import { selectSources } from './target-store.ts'
import type { Watch } from './watch.ts'

export interface Looked {
  readonly target: Target
  readonly placements: readonly NamedPlacement[]
  readonly outlines: ReadonlyMap<RuleId, Outline>
  readonly heard: Heard | AppError
  readonly watch: Watch
  readonly rules: ReadonlyMap<RuleId, RuleSummary>
}

/** Rules of one write: some tens of milliseconds. */
const BATCH = 40

/** Safe to be given up between any two writes: what was kept is written over by the next look. */
export async function keepRules(
  house: House,
  caller: Caller,
  looked: Looked,
  signal: AbortSignal,
): Promise<void> {
  const { target, placements, heard, watch } = looked
  const { scope } = caller
  const now = watch.triedAt
  const inBatches = async <T>(
    items: readonly T[],
    write: (tx: Tx, batch: readonly T[]) => Promise<void>,
  ) => {
    for (let at = 0; at < items.length; at += BATCH) {
      signal.throwIfAborted()
      await house.db.write(caller, (tx) => write(tx, items.slice(at, at + BATCH)))
      await nextTurn()
    }
  }
  const before = await selectKnown(house.db.read(scope), scope, target.id)
  const known = new Map(before.map((one) => [one.ruleId, one]))
  const missing = placements.filter(({ ruleId }) => !known.has(ruleId))
  await inBatches(missing, async (tx, batch) => {
    let series = await nextSeries(tx)
    for (const { ruleId } of batch) {
      const outline = looked.outlines.get(ruleId)!
      const rule = { ...newcomer(ruleId, target.id, series++, now), outline }
      await saveKnown(tx, rule)
      known.set(ruleId, rule)
    }
  })
  const rules = placements.map(({ ruleId }) => ({
    ...known.get(ruleId)!,
    outline: looked.outlines.get(ruleId)!,
  }))
  if (!(heard instanceof AppError)) {
    const fresh = placements.map(({ ref }, at) => samplesOf(heard, ref, rules[at]!.series))
    await inBatches(fresh, async (tx, batch) => {
      const samples = batch.flat()
      await saveSamples(tx, samples)
      await rollUp(tx, [...new Set(samples.map(({ series }) => series))], now)
    })
  }
  const digests = await digest(house, caller, rules, now)
  const reader = house.db.read(scope)
  const series = rules.map((one) => one.series)
  const judged = judgeRules({
    now,
    target,
    watch,
    placements,
    rules,
    digests,
    gaps: await selectGaps(reader, scope, series),
    sources: await selectSources(reader, scope, target.id),
    tested: testedOf(looked.rules),
    budgets: budgetsOver(await selectBudgets(reader, scope), placements, looked.rules),
    own: heard instanceof AppError ? new Map() : heard.own,
    accelerations: heard instanceof AppError ? [] : heard.accelerations,
    isSchemaWhole: !(heard instanceof AppError) && heard.schema?.completeness.kind === 'complete',
    newest: heard instanceof AppError ? new Map() : newestRuns(heard.told),
  })
  await inBatches(judged, async (tx, batch) => {
    for (const one of batch) await keepJudged(tx, one)
  })
}

async function keepJudged(tx: Tx, { known, missed }: JudgedRule): Promise<void> {
  await saveKnown(tx, known)
  await replacePlan(tx, known.series, gapsToPlan(missed))
}

function samplesOf({ told }: Heard, ref: string, series: number): readonly SeriesSample[] {
  return told.flatMap(({ bucket: { hours, from: at }, byRef, otherwise }) => {
    const run = byRef.get(ref)
    const counts = run === undefined ? otherwise : countsOf(run)
    const isTold = Object.values(counts).some((value) => value !== null)
    return isTold ? [{ series, hours, at, ...counts }] : []
  })
}

/** A month of samples of many rules is much: no more is held than what judging needs. */
async function digest(
  house: House,
  { scope }: Caller,
  rules: readonly Known[],
  now: Instant,
): Promise<ReadonlyMap<number, Digest>> {
  const since = addMs(now, -SAMPLES_JUDGED_DAYS * DAY)
  const digests = new Map<number, Digest>()
  for (let at = 0; at < rules.length; at += BATCH) {
    const series = rules.slice(at, at + BATCH).map((one) => one.series)
    const found = await selectSamples(house.db.read(scope), scope, series, since)
    const bySeries = Map.groupBy(found, (sample) => sample.series)
    for (const one of series) digests.set(one, digestOf(bySeries.get(one) ?? [], now))
    await nextTurn()
  }
  return digests
}

function testedOf(rules: ReadonlyMap<RuleId, RuleSummary>): ReadonlySet<RuleId> {
  const tested = [...rules.values()].filter(
    ({ positiveTests, testVerdict }) => positiveTests > 0 && testVerdict === 'passed',
  )
  return new Set(tested.map(({ id }) => id))
}

function budgetsOver(
  budgets: readonly Budget[],
  placements: readonly NamedPlacement[],
  rules: ReadonlyMap<RuleId, RuleSummary>,
): ReadonlyMap<RuleId, number> {
  return new Map(
    placements.flatMap(({ ruleId }) => {
      const found = budgetOver(budgets, { ruleId, group: rules.get(ruleId)?.group ?? null })
      return found === undefined ? [] : [[ruleId, found.perDay] as const]
    }),
  )
}

function newcomer(ruleId: RuleId, targetId: TargetId, series: number, now: Instant) {
  return {
    series,
    ruleId,
    targetId,
    state: 'unknown' as const,
    reason: '',
    since: now,
    judgedAt: now,
    watchedFrom: now,
    figures: {
      day: NOTHING_TOLD,
      month: NOTHING_TOLD,
      perDay: null,
      lastRunAt: null,
      lastError: null,
      budgetPerDay: null,
      missedHours: 0,
      delay: null,
      sources: [],
      flow: 'unknown' as const,
      fields: [],
      own: null,
    },
  }
}
