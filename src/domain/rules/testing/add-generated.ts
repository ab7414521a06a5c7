// Test cases made of a rule, shown first and then added to its text as one new version.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import type { RuleId } from '#kernel/id.ts'
import type { ExpectedVersion } from '#kernel/version.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { saveRule } from '#domain/rules/actions.ts'
import { getRule } from '#domain/rules/reading.ts'
import type { RuleSummary } from '#domain/rules/rule.ts'
import { LIMITS } from '#domain/rules/save.ts'
import { countCases, withCases, type GeneratedCases } from './generate-cases.ts'
import { generateTestCases } from './generate-task.ts'
import { aroundOf } from './actions.ts'

/** What would be added. Writes nothing. */
export async function previewCases(
  house: House,
  caller: Caller,
  ruleId: RuleId,
): Promise<GeneratedCases> {
  permit(caller, 'rule.read')
  const { text } = await getRule(house, caller, ruleId)
  const around = await aroundOf(house.db.read(caller.scope), caller, ruleId)
  return house.workers.run(generateTestCases, around(text), LIMITS)
}

export interface AddedCases extends GeneratedCases {
  readonly rule: RuleSummary
}

/** Throws `invalid` when there is nothing to add, and as saveRule. */
export async function addGeneratedCases(
  house: House,
  caller: Caller,
  ruleId: RuleId,
  over: ExpectedVersion = 'any',
): Promise<AddedCases> {
  permit(caller, 'rule.write')
  const { text, version } = await getRule(house, caller, ruleId)
  const made = await previewCases(house, caller, ruleId)
  if (made.cases.length === 0) {
    const why = made.leftOut[0]?.why ?? 'the rule has them all already'
    throw new AppError('invalid', `No case was made: ${why}.`)
  }
  const reason = `Adds test cases made of the rule: ${countCases(made.cases)}`
  const expected = over === 'any' ? new Set([String(version)]) : over
  const edit = { text: withCases(text, made.cases), reason, expected }
  const { rule } = await saveRule(house, caller, ruleId, edit)
  return { ...made, rule }
}
