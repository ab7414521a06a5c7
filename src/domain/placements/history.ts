// Where rules stood: every change of a place ends a span of time and begins the next, in the transaction
// that changes it. Nothing of it is ever changed again.

import { permit } from '#domain/access/permission.ts'
import type { TargetId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import * as history from './history-store.ts'
import type { Placement, PlacementSpan, SpanWithBody } from './placement.ts'
import { selectPlacements } from './store.ts'

/** What stands there now, as a span; ends the one before where it is another. */
export async function keepSpan(
  tx: Tx,
  house: House,
  { ruleId, targetId }: Pick<Placement, 'ruleId' | 'targetId'>,
): Promise<void> {
  const last = await history.findLastSpan(tx, { ruleId, targetId })
  const open = last?.toAt === null ? last : undefined
  const [now] = await selectPlacements(tx, tx.scope, { ruleIds: [ruleId], targetId })
  if (open && now && isSame(open, now)) return
  // When it happened, which may be long after the run began. A clock that was set back turns nothing round.
  const at = Math.max(house.clock.now(), last?.toAt ?? last?.fromAt ?? 0) as Instant
  if (open) await history.endSpan(tx, open, at)
  if (now) await history.insertSpan(tx, now, { number: (last?.number ?? 0) + 1, fromAt: at })
}

const TELLING = [
  'ref',
  'ownership',
  'state',
  'version',
  'hash',
  'origin',
  'deploymentId',
  'isSigned',
] as const

function isSame(span: PlacementSpan, now: Placement): boolean {
  return TELLING.every((name) => span[name] === now[name])
}

/** What stood where at an instant, by title of the rule. */
export async function listSpansAt(
  house: House,
  caller: Caller,
  wanted: history.SpansWanted,
): Promise<readonly SpanWithBody[]> {
  permit(caller, 'rule.read')
  return history.selectSpansAt(house.db.read(caller.scope), caller.scope, wanted)
}

/** All rules of a target were read, from `at` on. */
export async function keepLook(
  tx: Tx,
  look: { readonly targetId: TargetId; readonly at: Instant; readonly isComplete: boolean },
): Promise<void> {
  await history.insertLook(tx, look)
}

/** When a target's rules were read last before an instant, and first after it. */
export async function findLooks(
  house: House,
  caller: Caller,
  targetId: TargetId,
  at: Instant,
): Promise<history.Looks> {
  permit(caller, 'rule.read')
  return history.selectLooks(house.db.read(caller.scope), caller.scope, targetId, at)
}
