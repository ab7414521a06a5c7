// What a change would do to its targets, read from them: for each item what becomes of which field, and
// whether what stands there is what it was made to replace. Nothing is written.

import { permit } from '#domain/access/permission.ts'
import { getChange } from '#domain/changes/actions.ts'
import type { ChangeAction } from '#domain/changes/change.ts'
import { ID_PREFIXES, makeId, type ChangeId, type RuleId, type TargetId } from '#kernel/id.ts'
import type { SiemKind } from '#kernel/siem.ts'
import { MINUTE } from '#kernel/time.ts'
import { withoutMarker } from '#languages/rule-formats/write/marker.ts'
import type { ObservedRule } from '#domain/targets/port.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { inTurns, nextTurn } from '#platform/turns.ts'
import { changedFields, judgeStanding, type FieldChange, type Item } from './item.ts'
import { openPlaces, placeOf, readAll, type Place } from './places.ts'
import { freshItem, wishOf } from './wishes.ts'

export interface PlanItem {
  /** As in the change. */
  readonly number: number
  readonly ruleId: RuleId
  readonly ruleTitle: string
  readonly targetId: TargetId
  readonly targetName: string
  readonly kind: SiemKind
  readonly ref: string
  /** `conflict`: what stands there is not what the change replaces. */
  readonly verdict: ChangeAction | 'same' | 'conflict'
  readonly reason: string | null
  readonly fields: readonly FieldChange[]
}

export interface ChangePlan {
  readonly changeId: ChangeId
  readonly items: readonly PlanItem[]
}

const PATIENCE_MS = 2 * MINUTE

/** Throws `upstream` or `timeout` for a target that does not answer, `forbidden` for no change of ours. */
export async function planChange(
  house: House,
  caller: Caller,
  changeId: ChangeId,
): Promise<ChangePlan> {
  permit(caller, 'deployment.read')
  const { items } = await getChange(house, caller, changeId)
  const targetIds = items.map(({ targetId }) => targetId)
  const places = await openPlaces(house, caller, targetIds, 'read')
  const { installId } = house.keys
  const parts = { places, installId, isSigned: false, soakDays: 0 }
  const none = makeId(ID_PREFIXES.deployment, caller.now, house.random(10))
  const wished = items.map((item, index) => freshItem(wishOf(item, parts), index, none))
  const standing = await readAll(places, wished, installId, AbortSignal.timeout(PATIENCE_MS))
  const planned: PlanItem[] = []
  await nextTurn()
  for await (const item of inTurns(wished)) {
    planned.push(planOf(placeOf(places, item), item, standing.get(item.number) ?? null))
  }
  return { changeId, items: planned }
}

function planOf({ rules }: Place, item: Item, now: ObservedRule | null): PlanItem {
  const { number, ruleId, ruleTitle, targetId, targetName, kind, action, body } = item
  const verdict = judgeStanding(rules, item, now)
  const removed = action === 'remove' ? Object.entries(withoutMarker(now?.normalised ?? {})) : []
  return {
    number,
    ruleId,
    ruleTitle,
    targetId,
    targetName,
    kind,
    ref: now?.ref ?? item.ref,
    verdict: verdict.kind === 'ready' ? action : verdict.kind,
    reason: verdict.kind === 'conflict' ? verdict.reason : null,
    fields:
      body === null
        ? removed.map(([field, from]) => ({ field, from, to: null }))
        : changedFields(rules, kind, body, now),
  }
}
