// Makes up for times in which rules did not run: each is searched once, with the rule as it is there. What
// is found are rows of a search, looked at by people; no alert is raised after the fact.

import { permit } from '#domain/access/permission.ts'
import { getRule } from '#domain/rules/reading.ts'
import { getTarget } from '#domain/targets/actions.ts'
import { startSearch } from '#domain/searches/actions.ts'
import { CAPS_USUAL } from '#domain/searches/search.ts'
import { AppError } from '#kernel/error.ts'
import type { Actor } from '#kernel/actor.ts'
import type { JobId, RuleId, SearchId, TargetId } from '#kernel/id.ts'
import { addMs, MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { backfillJob } from './jobs.ts'
import { claimGap, selectPlanned, settleGap, type PlannedGap } from './sample-store.ts'

export interface BackfillWanted {
  /** One of them, or both; neither is all that is planned in the workspace. */
  readonly ruleId?: RuleId | undefined
  readonly targetId?: TargetId | undefined
}

/** Its job ends at once where nothing is planned. Throws `forbidden` for what is not here. Audited once. */
export async function requestBackfill(
  house: House,
  caller: Caller,
  wanted: BackfillWanted,
): Promise<JobId> {
  permit(caller, 'search.run')
  permit(caller, 'health.read')
  const { ruleId, targetId } = wanted
  if (ruleId !== undefined) await getRule(house, caller, ruleId)
  if (targetId !== undefined) await getTarget(house, caller, targetId)
  const planned = await plannedNow(house, caller, wanted)
  return house.db.write(caller, async (tx) => {
    const title = 'Search what rules missed'
    const jobId = await house.jobs.enqueue(tx, caller, backfillJob, wanted, { title })
    await house.audit.record(tx, caller, {
      action: 'health.backfill',
      target: ruleId ?? targetId ?? caller.scope.workspaceId,
      data: { planned: planned.length, rule: ruleId ?? null, on: targetId ?? null },
    })
    return jobId
  })
}

export interface Backfilled {
  readonly searches: readonly SearchId[]
  /** Times that are planned still: beyond the budget, or refused. */
  readonly left: number
  /** The first reason why one could not be asked. */
  readonly refused: string | null
}

export interface BackfillRun {
  /** Whose searches they are. */
  readonly askedBy: Actor
  readonly signal: AbortSignal
  readonly report: (done: number, total: number) => void
}

/** Each is a search on a target: as many a run, and what is left stays planned. */
export const SEARCHES_MAX = 200
/** Who claimed one and did not ask within so long has stopped. */
const CLAIM_MS = 10 * MINUTE

/** Safe to be given up and begun again: what was asked is claimed, and of two who ask one does. */
export async function backfill(
  house: House,
  caller: Caller,
  wanted: BackfillWanted,
  { askedBy, signal, report }: BackfillRun,
): Promise<Backfilled> {
  permit(caller, 'search.run')
  permit(caller, 'health.read')
  const stale = addMs(caller.now, -CLAIM_MS)
  const planned = await plannedNow(house, caller, wanted)
  const asked = planned.slice(0, SEARCHES_MAX)
  const searches: SearchId[] = []
  let refused: string | null = null
  for (const [at, gap] of asked.entries()) {
    signal.throwIfAborted()
    report(at, asked.length)
    const isOurs = await house.db.write(caller, (tx) => claimGap(tx, gap, caller.now, stale))
    await nextTurn()
    if (!isOurs) continue
    try {
      searches.push(await ask(house, caller, gap, askedBy))
    } catch (error) {
      await house.db.write(caller, (tx) => settleGap(tx, gap, null))
      if (!(error instanceof AppError)) throw error
      refused ??= error.message
    }
    await nextTurn()
  }
  report(asked.length, asked.length)
  return { searches, left: (await plannedNow(house, caller, wanted)).length, refused }
}

function plannedNow(
  house: House,
  { scope, now }: Caller,
  wanted: BackfillWanted,
): Promise<readonly PlannedGap[]> {
  return selectPlanned(house.db.read(scope), scope, { ...wanted, stale: addMs(now, -CLAIM_MS) })
}

/** How many times in which rules did not run nobody has made up for. */
export async function countPlanned(house: House, caller: Caller): Promise<number> {
  permit(caller, 'health.read')
  return (await plannedNow(house, caller, {})).length
}

async function ask(
  house: House,
  caller: Caller,
  gap: PlannedGap,
  askedBy: Actor,
): Promise<SearchId> {
  const input = {
    question: { ruleId: gap.ruleId },
    targetIds: [gap.targetId],
    from: gap.from,
    to: gap.to,
    ...CAPS_USUAL,
    purpose: 'A time in which the rule did not run',
  }
  const { id } = await startSearch(house, caller, input, { askedBy })
  await house.db.write(caller, (tx) => settleGap(tx, gap, id))
  return id
}
