// Where rules stand: looked at by everybody, changed by what adopts, deploys and looks again. What
// follows for the state of the rule is settled in the same transaction.

import { permit } from '#domain/access/permission.ts'
import { setRunning } from '#domain/rules/rule-state.ts'
import type { RuleId, TargetId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { keepSpan } from './history.ts'
import { runningStateOf, type NamedPlacement, type Placement } from './placement.ts'
import {
  deletePlacement,
  savePlacement,
  selectLastWrites,
  selectPlacements,
  selectStates,
  updatePlacement,
  type LastWrite,
  type Which,
} from './store.ts'

/** By title of the rule, then by name of the target. Narrow it: bodies come with each. */
export async function listPlacements(
  house: House,
  caller: Caller,
  which: Which,
): Promise<readonly NamedPlacement[]> {
  permit(caller, 'rule.read')
  return selectPlacements(house.db.read(caller.scope), caller.scope, which)
}

/** Undefined where the rule is not deployed there. For reading inside of a transaction, too. */
export async function findPlacement(
  db: Pick<Reader, 'selectFrom'>,
  scope: WorkspaceScope,
  at: { readonly ruleId: RuleId; readonly targetId: TargetId },
): Promise<NamedPlacement | undefined> {
  const [found] = await selectPlacements(db, scope, {
    ruleIds: [at.ruleId],
    targetId: at.targetId,
  })
  return found
}

/** What was written last where these rules stand. */
export async function listLastWrites(
  house: House,
  caller: Caller,
  ruleIds: readonly RuleId[],
): Promise<readonly LastWrite[]> {
  permit(caller, 'rule.read')
  return selectLastWrites(house.db.read(caller.scope), caller.scope, ruleIds)
}

/** All of a target, inside of a transaction. */
export function placementsOf(tx: Tx, targetId: TargetId): Promise<readonly NamedPlacement[]> {
  return selectPlacements(tx, tx.scope, { targetId })
}

/** Of these rules at a target, inside of a transaction. */
export function placementsAmong(
  tx: Tx,
  targetId: TargetId,
  ruleIds: readonly RuleId[],
): Promise<readonly NamedPlacement[]> {
  return selectPlacements(tx, tx.scope, { targetId, ruleIds })
}

/** Makes it, or replaces what is known of that rule at that target. */
export async function place(
  tx: Tx,
  house: House,
  caller: Caller,
  placement: Placement,
): Promise<void> {
  await savePlacement(tx, placement)
  await keepSpan(tx, house, placement)
  await settle(tx, house, caller, placement.ruleId)
}

/** Does nothing for a rule that does not stand there. */
export async function changePlacement(
  tx: Tx,
  house: House,
  caller: Caller,
  at: Pick<Placement, 'ruleId' | 'targetId'>,
  change: Parameters<typeof updatePlacement>[2],
): Promise<void> {
  await updatePlacement(tx, at, change)
  await keepSpan(tx, house, at)
  // Not to know how it stands is no news about the rule.
  const isNews = change.state !== undefined && change.state !== 'unknown'
  if (isNews) await settle(tx, house, caller, at.ruleId)
}

/** It stands there no longer, or is not ours any more. */
export async function unplace(
  tx: Tx,
  house: House,
  caller: Caller,
  at: Pick<Placement, 'ruleId' | 'targetId'>,
): Promise<void> {
  await deletePlacement(tx, at)
  await keepSpan(tx, house, at)
  await settle(tx, house, caller, at.ruleId)
}

async function settle(tx: Tx, house: House, caller: Caller, ruleId: RuleId): Promise<void> {
  const running = runningStateOf(await selectStates(tx, ruleId))
  await setRunning(tx, house, caller, ruleId, running)
}
