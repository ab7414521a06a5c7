// Running the test cases of rules and keeping what came out: of one rule at once, of many in batches.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type RuleId } from '#kernel/id.ts'
import { fillLists } from '#languages/sigma/fill.ts'
import type { Caller } from '#platform/caller.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import type { TaskLimits } from '#platform/worker.ts'
import { lookAround, RENDERER } from '#domain/rules/renders/actions.ts'
import { selectReferences } from '#domain/rules/renders/store.ts'
import { getRule, selectRulesById, updateRule } from '#domain/rules/rule-store.ts'
import { tellPages } from '#domain/rules/save.ts'
import { testOwnQueries } from './query.ts'
import { countVerdicts, toKeep, type TestRun } from './test-run.ts'
import {
  countRulesWithCases,
  insertTestRun,
  selectRulesWithCases,
  selectTestRuns,
  type RulesWanted,
  type RuleWithCases,
} from './store.ts'
import { testRules, type RuleToTest } from './task.ts'

const LIMITS: TaskLimits = { timeoutMs: 60_000 }

/** Throws `invalid` for a rule without cases and for one that is retired, `forbidden` as getRule. */
export async function runTests(house: House, caller: Caller, ruleId: RuleId): Promise<TestRun> {
  permit(caller, 'rule.test')
  const { scope } = caller
  const reader = house.db.read(scope)
  await getRule(reader, scope, ruleId)
  const wanted = { ruleIds: [ruleId], limit: 1, after: null }
  const [rule] = await selectRulesWithCases(reader, scope, wanted)
  if (!rule) {
    throw new AppError('invalid', 'This rule has no test cases to run, or it is retired.')
  }
  const [made] = await testBatch(house, caller, [rule])
  return house.db.write(caller, async (tx) => {
    const { version, verdict, passed, failed, untold } = made!
    await keepRun(tx, house, made!)
    await house.audit.record(tx, caller, {
      action: 'rule.test',
      target: ruleId,
      data: { version, verdict, passed, failed, untold },
    })
    return made!
  })
}

export interface TestsTold {
  readonly rules: number
  readonly passed: number
  readonly failed: number
  readonly untold: number
}

export interface TestsWatch {
  readonly signal: AbortSignal
  readonly progress: (done: number, total: number, told: TestsTold) => void
}

/** A batch keeps the writer for some 20 ms. */
const BATCH = 100

/** Cases, not rules, are counted. Throws what the signal aborts with, after a whole batch. */
export async function runManyTests(
  house: House,
  caller: Caller,
  wanted: RulesWanted,
  { signal, progress }: TestsWatch,
): Promise<TestsTold> {
  permit(caller, 'rule.test')
  const { scope } = caller
  const total = await countRulesWithCases(house.db.read(scope), scope, wanted)
  let told: TestsTold = { rules: 0, passed: 0, failed: 0, untold: 0 }
  let after: RuleId | null = null
  for (;;) {
    signal.throwIfAborted()
    await nextTurn() // the reader is not used in the turn of a commit
    const page: readonly RuleWithCases[] = await selectRulesWithCases(house.db.read(scope), scope, {
      ...wanted,
      limit: BATCH,
      after,
    })
    if (page.length === 0) return told
    const made = await testBatch(house, caller, page)
    await house.db.write(caller, async (tx) => {
      for (const run of made) await keepRun(tx, house, run)
    })
    told = made.reduce(add, told)
    progress(told.rules, total, told)
    after = page.at(-1)!.id
  }
}

function add(told: TestsTold, { passed, failed, untold }: TestRun): TestsTold {
  return {
    rules: told.rules + 1,
    passed: told.passed + passed,
    failed: told.failed + failed,
    untold: told.untold + untold,
  }
}

async function testBatch(
  house: House,
  caller: Caller,
  rules: readonly RuleWithCases[],
): Promise<readonly TestRun[]> {
  const reader = house.db.read(caller.scope)
  const inputs: RuleToTest[] = []
  for (const { id, text } of rules) {
    const fill = await aroundOf(reader, caller, id)
    inputs.push(fill(text))
  }
  const tested = await house.workers.run(testRules, inputs, LIMITS)
  const runs: TestRun[] = []
  for (const [at, { id, version }] of rules.entries()) {
    const one = tested[at]!
    const results = await testOwnQueries(house.workers, one, caller.now)
    runs.push({
      id: makeId(ID_PREFIXES.testRun, caller.now, house.random(10)),
      ruleId: id,
      version,
      ...countVerdicts(results),
      engine: RENDERER,
      durationMs: one.durationMs,
      results: toKeep(results),
      at: caller.now,
      by: caller.actor,
    })
  }
  return runs
}

/**
 * What a rule is tested with: the exclusions over it, the rules it builds on with theirs, and the values
 * of the lists that all of them name. For any text of that rule.
 */
export async function aroundOf(
  reader: Reader,
  { scope, now }: Caller,
  id: RuleId,
): Promise<(text: string) => RuleToTest> {
  const references = await selectReferences(reader, scope, [id])
  const { lists, filters, sources } = await lookAround(reader, scope, { id, references }, now)
  return (text) => ({ text: fillLists(text, lists), filters, sources })
}

/** A rule that was removed meanwhile keeps nothing; one that was saved keeps its new text untested. */
async function keepRun(tx: Tx, house: House, run: TestRun): Promise<void> {
  const { ruleId, version, verdict } = run
  const [rule] = await selectRulesById(tx, tx.scope, [ruleId])
  if (!rule) return
  await insertTestRun(tx, run)
  if (rule.version === version) await updateRule(tx, ruleId, { testVerdict: verdict })
  tellPages(tx, house, ruleId, 'changed')
}

/** Newest first; as many as are kept. Throws `forbidden` as getRule. */
export async function listTestRuns(
  house: House,
  caller: Caller,
  ruleId: RuleId,
  limit: number,
): Promise<readonly TestRun[]> {
  permit(caller, 'rule.read')
  const reader = house.db.read(caller.scope)
  await getRule(reader, caller.scope, ruleId)
  return selectTestRuns(reader, caller.scope, ruleId, limit)
}
