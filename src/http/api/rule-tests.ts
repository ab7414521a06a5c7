// Running the test cases of rules: of one at once, of many as a job; and what came out.

import { z } from 'zod'
import { KINDS } from '#domain/rules/kinds.ts'
import { TestsInput } from '#domain/rules/input.ts'
import { requestTests } from '#domain/rules/test-job.ts'
import { VERDICTS, type TestRun } from '#domain/rules/test-run.ts'
import { formatInstant } from '#kernel/time.ts'
import { operation } from './operation.ts'
import { accepted, idOf, InstantText, named, queryNumber, RuleIdText } from './shapes.ts'
import { startedJob, StartedJobShape } from './started-job.ts'

/** Loaded by the first request and not by the start: the reader of rules is large. */
const testing = () => import('#domain/rules/test-runs.ts')

const Line = z.strictObject({
  depth: z.int(),
  isTrue: z.boolean().nullable(),
  label: z.string(),
  saw: z.string().nullable(),
})
const Result = z.strictObject({
  name: z.string(),
  expect: z.enum(['match', 'no_match']).nullable(),
  on: z.enum(KINDS).nullable(),
  verdict: z.enum(VERDICTS),
  message: z.string().nullable(),
  traces: z.array(z.strictObject({ event: z.int(), lines: z.array(Line) })),
})
const TestRunShape = z
  .strictObject({
    id: idOf('trn'),
    ruleId: RuleIdText,
    version: z.int(),
    verdict: z.enum(VERDICTS),
    passed: z.int(),
    failed: z.int(),
    untold: z.int(),
    engine: z.string(),
    durationMs: z.int(),
    results: z.array(Result),
    at: InstantText,
    by: z.string(),
  })
  .register(named, { id: 'TestRun' })
const TestRunsShape = z
  .strictObject({ runs: z.array(TestRunShape) })
  .register(named, { id: 'TestRuns' })

const RulePath = z.strictObject({ id: RuleIdText })
const RUNS_SHOWN_MAX = 30

const runOne = operation({
  method: 'POST',
  path: '/rules/{id}/tests/run',
  name: 'runRuleTests',
  summary: 'Run the test cases of a rule',
  about:
    'The detection is run by the matcher, a query of its own by our evaluator of that language; `untold` is what only the target could tell. A case that failed says in `traces` how its events were judged.',
  permission: 'rule.test',
  params: RulePath,
  answer: TestRunShape,
  async run({ house, caller, params }) {
    return testRunShape(await (await testing()).runTests(house, caller, params.id))
  },
})

const runMany = operation({
  method: 'POST',
  path: '/tests/run',
  name: 'runTests',
  summary: 'Run the test cases of many rules',
  about: 'Those of `ruleIds`, of a `group`, or with `all` those of every rule that is not retired.',
  permission: 'rule.test',
  body: TestsInput.register(accepted, { id: 'TestsToRun' }),
  status: 202,
  answer: StartedJobShape,
  async run({ house, caller, body }) {
    return startedJob(await requestTests(house, caller, body))
  },
})

const list = operation({
  method: 'GET',
  path: '/rules/{id}/tests/runs',
  name: 'listRuleTestRuns',
  summary: 'What the tests of a rule said, newest first',
  about: `The newest ${RUNS_SHOWN_MAX} runs are kept.`,
  permission: 'rule.read',
  params: RulePath,
  query: z.strictObject({ limit: queryNumber(1, RUNS_SHOWN_MAX).default(10) }),
  answer: TestRunsShape,
  async run({ house, caller, params, query }) {
    const { listTestRuns } = await testing()
    const runs = await listTestRuns(house, caller, params.id, query.limit)
    return { runs: runs.map(testRunShape) }
  },
})

function testRunShape({ results, at, ...run }: TestRun): z.input<typeof TestRunShape> {
  return {
    ...run,
    results: results.map((one) => ({
      ...one,
      traces: one.traces.map(({ event, lines }) => ({ event, lines: [...lines] })),
    })),
    at: formatInstant(at),
  }
}

export const RULE_TEST_OPERATIONS = [runOne, runMany, list]
