// One look at a target: what it tells of the rules that stand there since the last look, what it holds,
// and what follows for each rule. It asks and writes nothing there. A target that does not answer makes
// its rules unknown, and that is one finding, not one a rule.

import { permit } from '#domain/access/permission.ts'
import { listPlacements } from '#domain/placements/actions.ts'
import type { NamedPlacement } from '#domain/placements/placement.ts'
import { findRules } from '#domain/rules/reading.ts'
import { getTarget } from '#domain/targets/actions.ts'
import type { Completeness, SiemAlert } from '#domain/targets/port.ts'
import type { Target } from '#domain/targets/target.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type RuleId, type TargetId, type WorkspaceId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { outlineMark, outlineOf, type Outline } from './outline.ts'
import { selectKnown, type Known } from './rule-store.ts'
import { keepCoverage } from './coverage-keeping.ts'
import { deleteAlertsBefore, saveAlerts } from './alert-store.ts'
import { keepRules, type Looked } from './keeping.ts'
import { listen, type Heard } from './listening.ts'
import { KEPT_DAYS } from './sample.ts'
import { updateSources } from './sources.ts'
import * as store from './target-store.ts'
import type { Watch } from './watch.ts'
import { addMs, DAY, type Instant } from '#kernel/time.ts'

export interface Sampled {
  readonly rules: number
  readonly state: Watch['state'] | 'nothing'
  readonly reason: string
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
  const known = await selectKnown(house.db.read(scope), scope, targetId)
  const sources = await store.selectSources(house.db.read(scope), scope, targetId)
  const heard = await listen(house, caller, target, { watch: before, known, sources }, signal)
  signal.throwIfAborted()
  const outlines = await readOutlines(house, caller, placements, known)
  const rules = await findRules(
    house,
    caller,
    placements.map(({ ruleId }) => ruleId),
  )
  await nextTurn()
  const watch = watchOf(targetId, before, heard, caller.now)
  if (!(heard instanceof AppError)) {
    await house.db.write(caller, async (tx) => {
      await keepSources(tx, watch, heard)
      await keepAlerts(tx, house, caller, { target, placements }, heard.alerts.alerts)
    })
    await nextTurn()
  }
  await keepRules(house, caller, { target, placements, outlines, heard, watch, rules }, signal)
  await keepCoverage(house, caller, { placements, watch, rules }, signal)
  // The last: a look that was given up before asks for the same times again.
  await house.db.write(caller, async (tx) => {
    await keepWatch(tx, house, caller, watch, before)
    const workspaceId = scope.workspaceId as WorkspaceId
    house.events.publish(tx, { workspaceId, noun: 'health', id: targetId, verb: 'changed' })
  })
  return { rules: placements.length, state: watch.state, reason: watch.reason }
}

async function readOutlines(
  house: House,
  caller: Caller,
  placements: readonly NamedPlacement[],
  known: readonly Known[],
): Promise<ReadonlyMap<RuleId, Outline>> {
  const outlines = new Map(known.map(({ ruleId, outline }) => [ruleId, outline]))
  for (const placement of placements) {
    if (outlines.get(placement.ruleId)?.hash === outlineMark(placement)) continue
    outlines.set(placement.ruleId, await outlineOf(house, caller, placement))
  }
  return outlines
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
    : [...heard.told, heard.alerts].find((one) => one.completeness.kind !== 'complete')
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

async function keepSources(
  tx: Tx,
  { targetId, triedAt: now }: Watch,
  { schema, delays }: Heard,
): Promise<void> {
  if (schema === undefined) return
  const before = await store.selectSources(tx, tx.scope, targetId)
  for (const source of updateSources(before, schema, { targetId, now, delays })) {
    await store.saveSource(tx, source)
  }
}

async function keepAlerts(
  tx: Tx,
  house: House,
  { now }: Caller,
  { target: { kind }, placements }: Pick<Looked, 'target' | 'placements'>,
  alerts: readonly SiemAlert[],
): Promise<void> {
  const byRef = new Map(placements.map((one) => [refOf(one.kind, one.ref), one]))
  const own = alerts.flatMap(({ ref, remoteId, at, disposition }) => {
    const placement = byRef.get(refOf(kind, ref))
    if (placement === undefined) return []
    const { ruleId, targetId, version, since } = placement
    return [
      {
        id: makeId(ID_PREFIXES.alert, now, house.random(10)),
        ruleId,
        targetId,
        remoteId,
        at,
        // What stood there before is not known here.
        version: at >= since ? version : null,
        disposition,
        disposedAt: disposition === null ? null : now,
      },
    ]
  })
  await saveAlerts(tx, own)
  await deleteAlertsBefore(tx, addMs(now, -KEPT_DAYS * DAY))
}

/** Azure compares ids without regard to case, and its tables write them in their own. */
function refOf(kind: Target['kind'], ref: string): string {
  return kind === 'sentinel' ? ref.toLowerCase() : ref
}
