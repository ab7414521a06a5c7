// The state of a rule as a person changes it: put away and taken back; and as it follows from where it
// runs, which no person sets.

import { AppError } from '#kernel/error.ts'
import type { RuleId } from '#kernel/id.ts'
import type { ExpectedVersion } from '#kernel/version.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { requireRevision, type RuleState, type RuleSummary } from './rule.ts'
import { getRule, toSummary, updateRule } from './rule-store.ts'
import { tellPages } from './save.ts'

export interface Move {
  readonly ruleId: RuleId
  readonly expected: ExpectedVersion
  readonly to: 'draft' | 'retired'
}

export interface Moved {
  /** False when it was there already. */
  readonly isChanged: boolean
  readonly before: RuleSummary
  readonly rule: RuleSummary
}

/** Throws `conflict` for a rule that runs somewhere, and `stale`. Nothing is changed then. Audited. */
export async function moveRule(
  tx: Tx,
  house: House,
  caller: Caller,
  { ruleId, expected, to }: Move,
): Promise<Moved> {
  const row = await getRule(tx, tx.scope, ruleId)
  requireRevision(expected, row)
  const before = toSummary(row)
  if (row.state === to) return { isChanged: false, before, rule: before }
  const from: RuleState = to === 'retired' ? 'draft' : 'retired'
  if (row.state !== from) {
    throw new AppError(
      'conflict',
      to === 'retired'
        ? 'This rule still runs somewhere. Remove it there first.'
        : 'Only a retired rule can be revived.',
    )
  }
  const change = { state: to, updatedAt: caller.now, updatedBy: caller.actor }
  await updateRule(tx, ruleId, change)
  const action = to === 'retired' ? 'rule.retire' : 'rule.revive'
  await house.audit.record(tx, caller, { action, target: ruleId, data: { from, to } })
  tellPages(tx, house, ruleId, 'changed')
  return { isChanged: true, before, rule: { ...before, ...change } }
}

/** Where it runs: somewhere, only switched off, or nowhere. A retired rule stays retired. */
export async function setRunning(
  tx: Tx,
  house: House,
  caller: Caller,
  ruleId: RuleId,
  to: Exclude<RuleState, 'retired'>,
): Promise<void> {
  const { state } = await getRule(tx, tx.scope, ruleId)
  if (state === to || state === 'retired') return
  await updateRule(tx, ruleId, { state: to })
  tellPages(tx, house, ruleId, 'changed')
}
