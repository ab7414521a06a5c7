// A test case made of an event that somebody has: the rule is run over it, and what it does is what the
// case expects from then on. Nothing is guessed: a rule that cannot be run gets no case.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import type { RuleId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { saveRule } from '#domain/rules/actions.ts'
import type { NewCase } from '#domain/rules/input.ts'
import { getRule } from '#domain/rules/reading.ts'
import { LIMITS, type Kept } from '#domain/rules/save.ts'
import { withCases } from './generate-cases.ts'
import { aroundOf } from './actions.ts'
import { testOwnQueries } from './query.ts'
import { testRules, type TestedRule } from './task.ts'

export interface AddedCase extends Kept {
  readonly expect: 'match' | 'no_match'
}

/** A new version; comments and every other byte stay. Throws `invalid`, and as saveRule. */
export async function addCase(
  house: House,
  caller: Caller,
  ruleId: RuleId,
  { name, event }: NewCase,
): Promise<AddedCase> {
  permit(caller, 'rule.write')
  const rule = await getRule(house, caller, ruleId)
  const around = await aroundOf(house.db.read(caller.scope), caller, ruleId)
  const candidates = (['match', 'no_match'] as const).map((expect) => {
    return { expect, text: withCases(rule.text, [{ name, expect, events: [event] }]) }
  })
  const inputs = candidates.map(({ text }) => around(text))
  const tested = await house.workers.run(testRules, inputs, LIMITS)
  const told = await Promise.all(tested.map((one) => judgeLast(house, caller, one)))
  const holds = candidates.find((_, at) => told[at]!.isHolding)
  if (!holds) {
    const why = told[0]!.why ?? 'nothing here can be run over an event'
    throw new AppError('invalid', `No case was made of the event: ${why}.`)
  }
  const reason = `Adds the test case "${name}"`
  const expected = new Set([String(rule.version)])
  const kept = await saveRule(house, caller, ruleId, { text: holds.text, reason, expected })
  return { ...kept, expect: holds.expect }
}

/** The newest case: by the detection, and where there is none by the queries of the rule's own. */
async function judgeLast(house: House, { now }: Caller, tested: TestedRule) {
  const last = tested.results.at(-1)
  if (last !== undefined) return { isHolding: last.verdict === 'passed', why: last.message }
  const asked = { ...tested, cases: tested.cases.slice(-1) }
  const results = await testOwnQueries(house.workers, asked, now)
  const isHolding =
    results.some(({ verdict }) => verdict === 'passed') &&
    results.every(({ verdict }) => verdict !== 'failed')
  return { isHolding, why: results.find(({ message }) => message !== null)?.message }
}
