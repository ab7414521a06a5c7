// One look at a target: what it tells of the rules that stand there since the last look, what it holds,
// and what follows for each rule. It asks and writes nothing there. A target that does not answer makes
// its rules unknown, and that is one finding, not one a rule.

import { permit } from '#domain/access/permission.ts'
import { listPlacements } from '#domain/placements/actions.ts'
import type { NamedPlacement } from '#domain/placements/placement.ts'
import { findRules } from '#domain/rules/reading.ts'
import type { RuleSummary } from '#domain/rules/rule.ts'
import { getTarget, readSchema } from '#domain/targets/actions.ts'
import { connectTarget } from '#domain/targets/connect.ts'
import type { Completeness, RuleRun, SchemaAnswer, SiemPort } from '#domain/targets/port.ts'
import type { Target } from '#domain/targets/target.ts'
import { AppError } from '#kernel/error.ts'
import type { RuleId, TargetId, WorkspaceId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { gapsToPlan } from './gaps.ts'
import { judgeRules, SAMPLES_JUDGED_DAYS, type JudgedRule } from './judging.ts'
import { outlineOf, type Outline } from './outline.ts'
import { nextSeries, saveKnown, selectKnown, type Known } from './rule-store.ts'
import { bucketsToAsk, countsOf, NOTHING_TOLD, type Bucket, type Counts } from './sample.ts'
import { replacePlan, rollUp, saveSamples, selectGaps, selectSamples } from './sample-store.ts'
import { updateSources } from './sources.ts'
import * as store from './target-store.ts'
import type { Watch } from './watch.ts'
import { addMs, DAY, type Instant } from '#kernel/time.ts'

export interface Sampled {
  readonly rules: number
  readonly state: Watch['state'] | 'nothing'
  readonly reason: string
}

interface Told {
  readonly bucket: Bucket
  readonly byRef: ReadonlyMap<string, RuleRun>
  readonly completeness: Completeness
  /** What it says of a rule that it does not name. */
  readonly otherwise: Counts
}

interface Heard {
  readonly told: readonly Told[]
  readonly schema: SchemaAnswer | undefined
}

/** Throws `forbidden` for a target that is not here, `cancelled`. Audited when it goes away or comes back. */
export async function takeSamples(
  house: House,
  caller: Caller,
  targetId: TargetId,
  signal: AbortSignal,
): Promise<Sampled> {
  permit(caller, 'health.tend')
  const { scope } = caller
  const target = await getTarget(house, caller, targetId)
  const placements = await listPlacements(house, caller, { targetId })
  if (placements.length === 0) return { rules: 0, state: 'nothing', reason: '' }
  const before = await store.findWatch(house.db.read(scope), scope, targetId)
  const heard = await listen(house, caller, target, before, signal)
  signal.throwIfAborted()
  const outlines = await readOutlines(house, caller, placements)
  const tested = await testedOf(house, caller, placements)
  await nextTurn()
  const watch = watchOf(targetId, before, heard, caller.now)
  await house.db.write(caller, async (tx) => {
    await keepWatch(tx, house, caller, watch, before)
    await keepSources(tx, targetId, heard)
    await keepRules(tx, { target, placements, outlines, heard, watch, tested })
    const workspaceId = scope.workspaceId as WorkspaceId
    house.events.publish(tx, { workspaceId, noun: 'health', id: targetId, verb: 'changed' })
  })
  return { rules: placements.length, state: watch.state, reason: watch.reason }
}

/** What the target says, or why it does not. */
async function listen(
  house: House,
  caller: Caller,
  target: Target,
  before: Watch | undefined,
  signal: AbortSignal,
): Promise<Heard | AppError> {
  try {
    const port = await connectTarget(house, caller, target, { purpose: 'read' })
    const told: Told[] = []
    for (const bucket of bucketsToAsk(before?.sampledUntil ?? null, caller.now)) {
      signal.throwIfAborted()
      told.push(await askBucket(port, bucket, signal))
    }
    return { told, schema: await whatItHolds(house, caller, target, port, signal) }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof AppError) return error
    throw error
  }
}

async function askBucket(port: SiemPort, bucket: Bucket, signal: AbortSignal): Promise<Told> {
  if (port.health === undefined) {
    const completeness = { kind: 'partial', reason: 'This kind does not tell.' } as const
    return { bucket, byRef: new Map(), completeness, otherwise: NOTHING_TOLD }
  }
  const { runs, completeness } = await port.health.runs(bucket, signal)
  const tellsRuns = runs.length === 0 || runs.some(({ ran }) => ran !== null)
  const isTold = completeness.kind === 'complete' && tellsRuns
  return {
    bucket,
    byRef: new Map(runs.map((run) => [run.ref, run])),
    completeness,
    // A whole answer that does not name a rule says that it did not run.
    otherwise: isTold
      ? { ...NOTHING_TOLD, ran: 0, failed: 0, skipped: 0, alerts: 0 }
      : NOTHING_TOLD,
  }
}

/** The sandbox is asked each time; others are asked by their check, which knows when that is due. */
async function whatItHolds(
  house: House,
  caller: Caller,
  { id, kind }: Target,
  port: SiemPort,
  signal: AbortSignal,
): Promise<SchemaAnswer | undefined> {
  if (kind === 'local') return port.schema(signal)
  return (await readSchema(house, caller, id))?.answer
}

async function readOutlines(
  house: House,
  caller: Caller,
  placements: readonly NamedPlacement[],
): Promise<ReadonlyMap<RuleId, Outline>> {
  const { scope } = caller
  const [first] = placements
  const known = await selectKnown(house.db.read(scope), scope, first!.targetId)
  const outlines = new Map(known.map(({ ruleId, outline }) => [ruleId, outline]))
  for (const placement of placements) {
    if (outlines.get(placement.ruleId)?.hash === placement.hash) continue
    outlines.set(placement.ruleId, await outlineOf(house, caller, placement))
  }
  return outlines
}

async function testedOf(
  house: House,
  caller: Caller,
  placements: readonly NamedPlacement[],
): Promise<ReadonlySet<RuleId>> {
  const ids = placements.map(({ ruleId }) => ruleId)
  const rules = await findRules(house, caller, ids)
  const isTested = ({ positiveTests, testVerdict }: RuleSummary) =>
    positiveTests > 0 && testVerdict === 'passed'
  return new Set(ids.filter((id) => rules.has(id) && isTested(rules.get(id)!)))
}

function watchOf(
  targetId: TargetId,
  before: Watch | undefined,
  heard: Heard | AppError,
  now: Instant,
): Watch {
  const isAway = heard instanceof AppError
  const lacking = isAway
    ? undefined
    : heard.told.find((one) => one.completeness.kind !== 'complete')
  const state = isAway ? 'away' : lacking === undefined ? 'ok' : 'partial'
  return {
    targetId,
    state,
    reason: isAway ? heard.message : lacking === undefined ? '' : wordsOf(lacking.completeness),
    since: before?.state === state ? before.since : now,
    triedAt: now,
    sampledUntil: isAway ? (before?.sampledUntil ?? null) : now,
  }
}

function wordsOf(completeness: Completeness): string {
  if (completeness.kind === 'complete') return ''
  return completeness.kind === 'partial' ? completeness.reason : completeness.limit
}

async function keepWatch(
  tx: Tx,
  house: House,
  caller: Caller,
  watch: Watch,
  before: Watch | undefined,
): Promise<void> {
  const { targetId, state, reason } = watch
  await store.saveWatch(tx, watch)
  const wasAway = before?.state === 'away'
  const isAway = state === 'away'
  if (wasAway === isAway) return
  if (isAway) {
    // It was last heard then: what happened since is not known.
    const from = before?.sampledUntil ?? caller.now
    await store.beginOutage(tx, { targetId, from, reason })
  } else await store.endOutage(tx, targetId, caller.now)
  const action = isAway ? 'health.outage' : 'health.return'
  await house.audit.record(tx, caller, { action, target: targetId, data: { reason } })
}

async function keepSources(tx: Tx, targetId: TargetId, heard: Heard | AppError): Promise<void> {
  if (heard instanceof AppError || heard.schema === undefined) return
  const before = await store.selectSources(tx, tx.scope, targetId)
  const now = heard.told.at(-1)!.bucket.to
  for (const source of updateSources(before, heard.schema, { targetId, now })) {
    await store.saveSource(tx, source)
  }
}

interface Looked {
  readonly target: Target
  readonly placements: readonly NamedPlacement[]
  readonly outlines: ReadonlyMap<RuleId, Outline>
  readonly heard: Heard | AppError
  readonly watch: Watch
  readonly tested: ReadonlySet<RuleId>
}

async function keepRules(tx: Tx, looked: Looked): Promise<void> {
  const { target, placements, outlines, heard, watch } = looked
  const now = watch.triedAt
  const known = new Map(
    (await selectKnown(tx, tx.scope, target.id)).map((one) => [one.ruleId, one]),
  )
  let next = await nextSeries(tx)
  const rules: Known[] = []
  for (const { ruleId } of placements) {
    const outline = outlines.get(ruleId)!
    const old = known.get(ruleId)
    const rule: Known = { ...(old ?? newcomer(ruleId, target.id, next++, now)), outline }
    if (old === undefined) await saveKnown(tx, rule)
    rules.push(rule)
  }
  const series = rules.map((one) => one.series)
  if (!(heard instanceof AppError)) {
    const samples = placements.flatMap(({ ref }, at) =>
      heard.told.flatMap(({ bucket, byRef, otherwise }) => {
        const run = byRef.get(ref)
        const counts = run === undefined ? otherwise : countsOf(run)
        const isTold = Object.values(counts).some((value) => value !== null)
        const { hours, from } = bucket
        return isTold ? [{ series: series[at]!, hours, at: from, ...counts }] : []
      }),
    )
    await saveSamples(tx, samples)
    await rollUp(tx, series, now)
  }
  const since = addMs(now, -SAMPLES_JUDGED_DAYS * DAY)
  const samples = await selectSamples(tx, tx.scope, series, since)
  const asked = await selectGaps(tx, tx.scope, series)
  const judged = judgeRules({
    now,
    target,
    watch,
    placements,
    rules,
    samples,
    gaps: asked,
    sources: await store.selectSources(tx, tx.scope, target.id),
    tested: looked.tested,
    budgets: new Map(),
    isSchemaWhole: !(heard instanceof AppError) && heard.schema?.completeness.kind === 'complete',
    newest: heard instanceof AppError ? new Map() : newestRuns(heard.told),
  })
  for (const one of judged) await keepJudged(tx, one)
}

/** What the newest part of the answer says of the last run of each. */
function newestRuns(told: readonly Told[]): ReadonlyMap<string, RuleRun> {
  const newest = new Map<string, RuleRun>()
  for (const { byRef } of told) {
    for (const [ref, run] of byRef) {
      if (run.lastRunAt !== null || run.lastError !== null || !newest.has(ref)) newest.set(ref, run)
    }
  }
  return newest
}

async function keepJudged(tx: Tx, { known, missed }: JudgedRule): Promise<void> {
  await saveKnown(tx, known)
  await replacePlan(tx, known.series, gapsToPlan(missed))
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
      delayMs: null,
      sources: [],
      flow: 'unknown' as const,
      fields: [],
      own: null,
    },
  }
}
