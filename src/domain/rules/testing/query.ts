// Test cases of a rule that speaks a target's own language, run by our evaluator of that language. What
// it does not know exactly it refuses, and then only the target could tell.

import { runQuery } from '#domain/queries/actions.ts'
import type { Instant } from '#kernel/time.ts'
import type { Workers } from '#platform/worker.ts'
import { languageOf } from '#domain/rules/renders/own-language.ts'
import { toResult, type SoundCase } from './case.ts'
import type { CaseResult } from './test-run.ts'
import type { OwnQuery, TestedRule } from './task.ts'

const TIMEOUT_MS = 5_000
/** Results of the detection first, then of each query in the order of the places. */
export async function testOwnQueries(
  workers: Workers,
  { results, queries, cases }: TestedRule,
  now: Instant,
): Promise<readonly CaseResult[]> {
  const told = [...results]
  for (const query of queries) {
    for (const one of cases) told.push(await testQuery(workers, query, one, now))
  }
  return told
}

async function testQuery(
  workers: Workers,
  { kind, implementation }: OwnQuery,
  one: SoundCase,
  now: Instant,
): Promise<CaseResult> {
  const language = languageOf(kind, implementation)
  const on = kind
  if (language === undefined) {
    const message = 'Needs the target: queries of this language are not run here.'
    return toResult(one, { on, verdict: 'untold', message })
  }
  const { count, problems } = await runQuery(workers, {
    language,
    text: implementation.query!,
    events: one.events,
    lookups: {},
    now,
    rowsMax: 1,
    timeoutMs: TIMEOUT_MS,
  })
  const [problem] = problems.filter(({ severity }) => severity === 'error')
  if (problem) {
    const message = `Needs the target: ${problem.message}`
    return toResult(one, { on, verdict: 'untold', message })
  }
  if (count > 0 === (one.expect === 'match')) return toResult(one, { on, verdict: 'passed' })
  const found = count === 0 ? 'the query gave no row' : `the query gave rows: ${count}`
  return toResult(one, { on, verdict: 'failed', message: `expected ${one.expect}, but ${found}` })
}
