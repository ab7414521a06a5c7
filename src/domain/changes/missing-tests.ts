// Tests that a change needs and that nobody has run since their rules, or what is laid over them, became
// others: run before it is handed in, so that the gate judges what is there.

import { permit } from '#domain/access/permission.ts'
import { findRules } from '#domain/rules/reading.ts'
import { runTests } from '#domain/rules/testing/actions.ts'
import { requestTests } from '#domain/rules/testing/run-many.ts'
import { readPolicy } from '#domain/workspaces/policy-actions.ts'
import { AppError } from '#kernel/error.ts'
import type { ChangeId, RuleId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { policyOf, stricter } from './moves.ts'
import * as store from './store.ts'

/** Somebody waits for so many; more are a job. */
const AT_ONCE_MAX = 50
const FOUND_AT_ONCE = 100

/**
 * How many rules were tested; none where no policy asks that tests pass. Throws `busy` where they are so
 * many that a job runs them, which the page of jobs shows. Audited.
 */
export async function runMissingTests(house: House, caller: Caller, id: ChangeId): Promise<number> {
  permit(caller, 'change.write')
  const reader = house.db.read(caller.scope)
  const { policy } = await store.getChangeRow(reader, caller.scope, id)
  const now = policyOf((await readPolicy(house, caller)).policy, policy.strictGroups)
  if (!stricter(policy, now).testGate) return 0
  const items = await store.selectItems(reader, caller.scope, id)
  const written = items.filter(({ version }) => version !== null)
  const missing = await withoutVerdict(house, caller, [
    ...new Set(written.map(({ ruleId }) => ruleId)),
  ])
  if (missing.length > AT_ONCE_MAX) {
    for (let at = 0; at < missing.length; at += IN_JOB) {
      await requestTests(house, caller, { ruleIds: missing.slice(at, at + IN_JOB) })
    }
    const words = `The tests of ${missing.length} rules have to run first, and do now. Hand it in when they are done.`
    throw new AppError('busy', words)
  }
  for (const ruleId of missing) {
    await runTests(house, caller, ruleId)
    await nextTurn() // the reader is not used in the turn of a commit
  }
  return missing.length
}

const IN_JOB = 500

/** That have tests. */
async function withoutVerdict(
  house: House,
  caller: Caller,
  ids: readonly RuleId[],
): Promise<readonly RuleId[]> {
  const missing: RuleId[] = []
  for (let at = 0; at < ids.length; at += FOUND_AT_ONCE) {
    const found = await findRules(house, caller, ids.slice(at, at + FOUND_AT_ONCE))
    for (const { id, testVerdict, positiveTests, negativeTests, state } of found.values()) {
      const hasTests = positiveTests + negativeTests > 0 && state !== 'retired'
      if (hasTests && testVerdict === null) missing.push(id)
    }
  }
  return missing
}
