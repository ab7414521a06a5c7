// What people and programs do with the rules of a workspace: write them, go back to an older text, put
// them away. Reading is in reading.ts, many at once in save-many.ts.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import type { RuleId } from '#kernel/id.ts'
import type { ExpectedVersion } from '#kernel/version.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { renderWaiting } from '#domain/rules/renders/jobs.ts'
import { markPending } from '#domain/rules/renders/store.ts'
import { requireRevision, type RuleOrigin, type RuleSummary } from './rule.ts'
import { moveRule, type Move } from './rule-state.ts'
import { deleteRule as removeRule, getRule } from './rule-store.ts'
import {
  keepText,
  namesOf,
  prepareTexts,
  requireKeepable,
  tellPages,
  type Kept,
  type RuleText,
} from './save.ts'
import { getVersion } from './version-store.ts'

export interface NewRule {
  readonly text: string
  readonly reason: string
  readonly origin: RuleOrigin
}

/**
 * Throws `invalid` with every problem for a text of which no rule can be kept; a rule with other
 * mistakes is kept and says so. `conflict` when a rule of this workspace has its Sigma id.
 */
export async function createRule(house: House, caller: Caller, rule: NewRule): Promise<Kept> {
  permit(caller, 'rule.write')
  return keepAlone(house, caller, rule)
}

async function keepAlone(house: House, caller: Caller, item: RuleText): Promise<Kept> {
  const [prepared] = await prepareTexts(house, caller, [item])
  const text = requireKeepable(prepared!)
  return house.db.write(caller, async (tx) => {
    const kept = await keepText(tx, house, caller, text)
    await renderWaiting(tx, house, caller, kept.marked)
    return kept
  })
}

export interface RuleEdit {
  readonly text: string
  readonly reason: string
  /** The versions it may be written over: what the editor showed. */
  readonly expected: ExpectedVersion
}

/** A new version, unless the text is the one it has. Throws as createRule, and `stale` on a lost race. */
export async function saveRule(
  house: House,
  caller: Caller,
  ruleId: RuleId,
  edit: RuleEdit,
): Promise<Kept> {
  permit(caller, 'rule.write')
  const { origin } = await getRule(house.db.read(caller.scope), caller.scope, ruleId)
  return keepAlone(house, caller, { ...edit, ruleId, origin })
}

export interface Restoring {
  readonly version: number
  readonly reason: string
  readonly expected: ExpectedVersion
}

/** The text of an older version as the newest one. Throws as saveRule. */
export async function restoreRule(
  house: House,
  caller: Caller,
  ruleId: RuleId,
  { version, reason, expected }: Restoring,
): Promise<Kept> {
  permit(caller, 'rule.write')
  const reader = house.db.read(caller.scope)
  const { origin } = await getRule(reader, caller.scope, ruleId)
  const { text } = await getVersion(reader, caller.scope, ruleId, version)
  const item = { text, reason, origin, ruleId, expected, restoredFrom: version }
  return keepAlone(house, caller, item)
}

/** Puts a rule away that runs nowhere: it keeps its history and leaves the lists. Throws `conflict`. */
export async function retireRule(
  house: House,
  caller: Caller,
  ruleId: RuleId,
  expected: ExpectedVersion = 'any',
): Promise<RuleSummary> {
  permit(caller, 'rule.write')
  return moveAlone(house, caller, { ruleId, expected, to: 'retired' })
}

/** Takes it back as a draft. Throws `conflict` for one that is not retired. */
export async function reviveRule(
  house: House,
  caller: Caller,
  ruleId: RuleId,
  expected: ExpectedVersion = 'any',
): Promise<RuleSummary> {
  permit(caller, 'rule.write')
  return moveAlone(house, caller, { ruleId, expected, to: 'draft' })
}

/**
 * Removes a draft with all its versions; the log keeps that it was there. What was ever deployed is
 * retired instead, so that its history answers for it. Throws `conflict` for anything but a draft.
 */
export async function deleteRule(
  house: House,
  caller: Caller,
  ruleId: RuleId,
  expected: ExpectedVersion,
): Promise<void> {
  permit(caller, 'rule.write')
  await house.db.write(caller, async (tx) => {
    const rule = await getRule(tx, tx.scope, ruleId)
    requireRevision(expected, rule)
    const { state, version, contentHash, title } = rule
    if (state !== 'draft') {
      throw new AppError('conflict', 'Only a draft can be deleted. Retire this rule instead.')
    }
    await removeRule(tx, ruleId)
    await markPending(tx, namesOf(rule))
    await house.audit.record(tx, caller, {
      action: 'rule.delete',
      target: ruleId,
      data: { version, contentHash, title: title.slice(0, 200).toWellFormed() },
    })
    tellPages(tx, house, ruleId, 'removed')
  })
}

async function moveAlone(house: House, caller: Caller, move: Move): Promise<RuleSummary> {
  const { rule } = await house.db.write(caller, (tx) => moveRule(tx, house, caller, move))
  return rule
}
