// Makes up for times in which rules did not run: each is searched once, with the rule as it is there. What
// is found are rows of a search, looked at by people; no alert is raised after the fact.

import { permit } from '#domain/access/permission.ts'
import { getRule } from '#domain/rules/reading.ts'
import { startSearch } from '#domain/searches/actions.ts'
import { CAPS_USUAL } from '#domain/searches/search.ts'
import { AppError } from '#kernel/error.ts'
import type { RuleId, SearchId, TargetId } from '#kernel/id.ts'
import { addMs, MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { claimGap, selectPlanned, settleGap, type PlannedGap } from './sample-store.ts'

export interface BackfillWanted {
  /** One of them, or both. */
  readonly ruleId?: RuleId | undefined
  readonly targetId?: TargetId | undefined
}

export interface Backfilled {
  readonly searches: readonly SearchId[]
  /** Times that are planned still, because one call asks for so many only. */
  readonly left: number
  /** The first reason why one could not be asked. */
  readonly refused: string | null
}

/** Somebody waits, and each is a search on a target. */
const AT_ONCE = 25
/** Who claimed one and did not ask within so long has stopped. */
const CLAIM_MS = 10 * MINUTE

/** Audited, as each search is. */
export async function backfill(
  house: House,
  caller: Caller,
  wanted: BackfillWanted,
): Promise<Backfilled> {
  permit(caller, 'search.run')
  permit(caller, 'health.read')
  if (wanted.ruleId !== undefined) await getRule(house, caller, wanted.ruleId)
  const { scope } = caller
  const stale = addMs(caller.now, -CLAIM_MS)
  const planned = await selectPlanned(house.db.read(scope), scope, { ...wanted, stale })
  const searches: SearchId[] = []
  let refused: string | null = null
  for (const gap of planned.slice(0, AT_ONCE)) {
    const isOurs = await house.db.write(caller, (tx) => claimGap(tx, gap, caller.now, stale))
    await nextTurn()
    if (!isOurs) continue
    try {
      searches.push(await ask(house, caller, gap))
    } catch (error) {
      await house.db.write(caller, (tx) => settleGap(tx, gap, null))
      if (!(error instanceof AppError)) throw error
      refused ??= error.message
    }
    await nextTurn()
  }
  const left = planned.length - searches.length
  if (searches.length > 0) {
    await house.db.write(caller, (tx) =>
      house.audit.record(tx, caller, {
        action: 'health.backfill',
        target: wanted.ruleId ?? wanted.targetId ?? scope.workspaceId,
        data: { searches: searches.length, left },
      }),
    )
  }
  return { searches, left, refused }
}

async function ask(house: House, caller: Caller, gap: PlannedGap): Promise<SearchId> {
  const { id } = await startSearch(house, caller, {
    question: { ruleId: gap.ruleId },
    targetIds: [gap.targetId],
    from: gap.from,
    to: gap.to,
    ...CAPS_USUAL,
    purpose: 'A time in which the rule did not run',
  })
  await house.db.write(caller, (tx) => settleGap(tx, gap, id))
  return id
}
