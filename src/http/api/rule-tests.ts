// Running the test cases of rules: of one at once, of many as a job; and what came out.

import { z } from 'zod'
import type { GeneratedCases } from '#domain/rules/testing/generate-cases.ts'
import { KINDS } from '#domain/rules/renders/kinds.ts'
import { TestsInput } from '#domain/rules/input.ts'
import { requestTests } from '#domain/rules/testing/run-many.ts'
import { VERDICTS, type TestRun } from '#domain/rules/testing/test-run.ts'
import { formatInstant } from '#kernel/time.ts'
import { downloadOperation, operation } from './operation.ts'
import {
  accepted,
  idOf,
  InstantText,
  named,
  PAGE_QUERY,
  pageIn,
  pageShape,
  RuleIdText,
} from './shapes.ts'
import { startedJob, StartedJobShape } from './started-job.ts'

/** Loaded by the first request and not by the start: the reader of rules is large. */
const testing = () => import('#domain/rules/testing/actions.ts')
const reading = () => import('#domain/rules/reading.ts')

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
  /** Titles of exclusions. */
  flippedBy: z.array(z.string()),
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
const TestRunPage = pageShape(TestRunShape).register(named, { id: 'TestRunPage' })

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
  reach: 'named',
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
  about:
    'Those of `ruleIds`; of a group, by `groupId` or by its slug as `group`; of what the list shows with `filter`; or with `all` those of every rule that is not retired.',
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
  query: z.strictObject(PAGE_QUERY),
  answer: TestRunPage,
  async run(call) {
    const { house, caller, params } = call
    const { listTestRuns } = await testing()
    const runs = await listTestRuns(house, caller, params.id, RUNS_SHOWN_MAX)
    const { items, next } = pageIn(call, `runs ${params.id}`, runs, ({ id }) => id)
    return { items: items.map(testRunShape), next }
  },
})

function testRunShape({ results, at, ...run }: TestRun): z.input<typeof TestRunShape> {
  return {
    ...run,
    results: results.map((one) => ({
      ...one,
      flippedBy: [...(one.flippedBy ?? [])],
      traces: one.traces.map(({ event, lines }) => ({ event, lines: [...lines] })),
    })),
    at: formatInstant(at),
  }
}

const Case = z.strictObject({
  name: z.string(),
  expect: z.enum(['match', 'no_match']),
  events: z.array(z.record(z.string(), z.unknown())),
})
const GeneratedShape = z
  .strictObject({
    cases: z.array(Case),
    leftOut: z.array(z.strictObject({ name: z.string(), why: z.string() })),
    /** Of the rule, with the cases when they were saved. */
    version: z.int(),
    isSaved: z.boolean(),
  })
  .register(named, { id: 'GeneratedCases' })

const generate = operation({
  method: 'POST',
  path: '/rules/{id}/tests/generate',
  name: 'generateRuleTests',
  summary: 'Make test cases of a rule',
  about:
    'An event the rule finds, and for each part of its condition one it just misses; every case was run. With `save` they are added as one new version, else only shown. `leftOut` names what does not hold.',
  permission: 'rule.write',
  reach: 'named',
  params: RulePath,
  body: z.strictObject({ save: z.boolean() }).register(accepted, { id: 'TestsToGenerate' }),
  answer: GeneratedShape,
  async run({ house, caller, params: { id }, body: { save } }) {
    const { addGeneratedCases, previewCases } =
      await import('#domain/rules/testing/add-generated.ts')
    if (save) {
      const { rule, ...made } = await addGeneratedCases(house, caller, id)
      return generatedShape(made, rule.version, true)
    }
    const { version } = await (await reading()).getRule(house, caller, id)
    return generatedShape(await previewCases(house, caller, id), version, false)
  },
})

function generatedShape(
  { cases, leftOut }: GeneratedCases,
  version: number,
  isSaved: boolean,
): z.input<typeof GeneratedShape> {
  const shown = cases.map((one) => ({ ...one, events: [...one.events] }))
  return { cases: shown, leftOut: [...leftOut], version, isSaved }
}

const junit = downloadOperation({
  method: 'GET',
  path: '/rules/{id}/tests/junit',
  name: 'getRuleTestReport',
  summary: 'The newest test run of a rule as JUnit XML',
  about: 'What only the target could tell is skipped. A rule that was not tested has no cases.',
  permission: 'rule.read',
  params: RulePath,
  types: ['application/xml'],
  async run({ house, caller, params: { id } }) {
    const { listTestRuns } = await testing()
    const { junitOfRun } = await import('#domain/rules/testing/junit.ts')
    const { title } = await (await reading()).getRule(house, caller, id)
    const [run] = await listTestRuns(house, caller, id, 1)
    return { name: `${id}.xml`, type: 'application/xml', chunks: once(junitOfRun(title, run)) }
  },
})

async function* once(text: string): AsyncGenerator<string> {
  yield text
}

export const RULE_TEST_OPERATIONS = [runOne, runMany, list, generate, junit]
