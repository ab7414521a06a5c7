// Questions about rule texts: what is wrong with them, what queries they are, what they find in these
// events. Nothing is stored. The texts are foreign, so a worker thread reads them, for a limited time.

import { attackInForce } from '#domain/instance/attack-in-force.ts'
import { permit } from '#domain/access/permission.ts'
import { formatInstant } from '#kernel/time.ts'
import { settle, type LintedDocument } from '#languages/sigma/lint.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { TaskLimits } from '#platform/worker.ts'
import { convertRules, type ConvertedDocument } from '#domain/rules/renders/convert-task.ts'
import { examineRules } from './examine-task.ts'
import { explainTexts, type ExplainedText } from './explain-task.ts'
import type { ExplainInput, RulesToConvert, RulesToLint, RulesToMatch } from './input.ts'
import { matchRules, type Matched } from './match-task.ts'
import { getRule } from './reading.ts'

/** A megabyte of rules is read in about a second. */
const LIMITS: TaskLimits = { timeoutMs: 20_000 }

/** In the order of the texts. Throws `timeout`, and `busy` when too much waits. */
export async function lintRules(
  house: House,
  caller: Caller,
  { rules }: RulesToLint,
): Promise<readonly LintedDocument[]> {
  permit(caller, 'rule.check')
  const today = formatInstant(caller.now).slice(0, 10)
  const attack = await attackInForce(house, caller)
  return settle(await house.workers.run(examineRules, { files: rules, today, attack }, LIMITS))
}

/** Every document that stands on its own, in the order of the texts. Throws as lintRules. */
export async function convertRuleTexts(
  { workers }: House,
  caller: Caller,
  input: RulesToConvert,
): Promise<readonly ConvertedDocument[]> {
  permit(caller, 'rule.check')
  return workers.run(convertRules, input, LIMITS)
}

/** By event, then by rule. Throws as lintRules. */
export async function matchRuleTexts(
  { workers }: House,
  caller: Caller,
  input: RulesToMatch,
): Promise<Matched> {
  permit(caller, 'rule.check')
  return workers.run(matchRules, input, LIMITS)
}

/**
 * Why a rule judges an event as it does, without what exclusions take out. Throws `forbidden` for a rule
 * that is not there, and as lintRules.
 */
export async function explainText(
  house: House,
  caller: Caller,
  { ruleId, text, event }: ExplainInput,
): Promise<ExplainedText> {
  permit(caller, 'rule.check')
  const read = ruleId === undefined ? text! : (await getRule(house, caller, ruleId)).text
  return house.workers.run(explainTexts, { text: read, event }, LIMITS)
}
