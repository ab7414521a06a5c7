// Correlations as queries give the matcher's answer on events of one window, run by the evaluators, and
// bind with Kusto's parser.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluateEsql } from '#languages/esql/evaluate.ts'
import { parseKusto } from '#languages/kusto/parse.ts'
import { collect, type ResolvedCorrelation } from '#languages/sigma/collection.ts'
import { convertCorrelation } from '#languages/sigma/convert.ts'
import { parsePipeline } from '#languages/sigma/pipeline.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { builtinPipeline } from '#languages/sigma/pipelines/builtin.ts'
import { MatchRun } from '#languages/sigma/run.ts'
import { evaluateSpl } from '#languages/spl/evaluate.ts'
import type { Backend } from '#languages/sigma/names.ts'

type Event = Readonly<Record<string, string | number>>

const RULES = `title: Failed
name: failed
logsource: {product: linux, category: process_creation}
detection: {s: {A: x}, condition: s}
---
title: Worked
name: worked
logsource: {product: linux, category: process_creation}
detection: {s: {B: y}, condition: s}
---
title: Cleared
name: cleared
logsource: {product: linux, category: process_creation}
detection: {s: {C: z}, condition: s}
---
`

function resolve(correlations: string): { text: string; outermost: ResolvedCorrelation } {
  const text = RULES + correlations
  const parsed = parseSigma(text)
  assert.deepEqual(parsed.problems, [])
  const collection = collect(parsed.documents)
  assert.deepEqual([...collection.problems.values()], [])
  return { text, outermost: collection.correlations.at(-1)! }
}

function at(minute: number, fields: Event): Event {
  const time = new Date(Date.UTC(2026, 10, 22, 6, minute)).toISOString()
  return { ...fields, U: 'ada', '@timestamp': time }
}

function matches(text: string, events: readonly Event[]): boolean {
  const run = new MatchRun(collect(parseSigma(text).documents))
  const answers = events.flatMap((event) => [...run.next(event, undefined)])
  return [...answers, ...run.finish()].some(({ kind }) => kind === 'correlation')
}

function finds(backend: Backend, outermost: ResolvedCorrelation, events: readonly Event[]) {
  const { queries, problems } = convertCorrelation(outermost, backend)
  const [query] = queries
  assert.ok(query !== undefined, problems[0]?.message)
  const evaluate = backend === 'spl' ? evaluateSpl : evaluateEsql
  const { value, problems: refusals } = evaluate(query, events, { now: 0 })
  assert.deepEqual(
    refusals.filter(({ severity }) => severity === 'error'),
    [],
    query,
  )
  return value!.rows.length > 0
}

const BY = 'group-by: [U], timespan: 1h'
const ab = [at(1, { A: 'x' }), at(2, { B: 'y' })]
const ba = ab.toReversed().map((event, index) => ({ ...event, ...at(index + 1, event) }))
const both = [at(1, { A: 'x', B: 'y' })]

const CASES: readonly (readonly [string, string, readonly (readonly Event[])[]])[] = [
  [
    'an order of two rules',
    `title: C\ncorrelation: {type: temporal_ordered, rules: [failed, worked], ${BY}}\n`,
    [ab, ba, ab.slice(1)],
  ],
  [
    'a condition over rules, with a negation',
    `title: C\ncorrelation: {type: temporal, ${BY}, condition: failed and not (worked or cleared)}\n`,
    [ab, ba, ab.slice(0, 1), ab.slice(1), [at(1, { A: 'x' }), at(2, { C: 'z' })]],
  ],
  [
    'all rules in any order',
    `title: C\ncorrelation: {type: temporal, rules: [failed, worked, cleared], ${BY}}\n`,
    [ab, [...ab, at(9, { C: 'z' })]],
  ],
  [
    'a range of counts',
    `title: C\ncorrelation: {type: event_count, rules: [failed], ${BY}, condition: {gt: 1, lte: 2}}\n`,
    [1, 2, 3].map((count) =>
      Array.from({ length: count }, (_none, index) => at(index, { A: 'x' })),
    ),
  ],
]

for (const [title, correlation, sets] of CASES) {
  void test(`${title}: SPL and ES|QL answer as the matcher does`, () => {
    const { text, outermost } = resolve(correlation)
    const verdicts = sets.map((events) => matches(text, events))
    assert.ok(new Set(verdicts).size === 2, 'some sets match and some do not')
    for (const backend of ['spl', 'esql'] as const) {
      const found = sets.map((events) => finds(backend, outermost, events))
      assert.deepEqual(found, verdicts, backend)
    }
    bindsInKusto(outermost)
  })
}

void test('an event that satisfies two rules counts for both', () => {
  const { text, outermost } = resolve(
    `title: C\ncorrelation: {type: temporal, rules: [failed, worked], ${BY}}\n`,
  )
  assert.equal(matches(text, both), true)
  for (const backend of ['spl', 'esql'] as const) {
    assert.equal(finds(backend, outermost, both), true, backend)
  }
})

const CHAIN = `title: Many
name: many
correlation: {type: event_count, rules: [failed], group-by: [U], timespan: 5m, condition: {gte: 2}}
---
title: Again
correlation: {type: event_count, rules: [many], group-by: [U], timespan: 1h, condition: {gte: 2}}
`

void test('what a correlation found can be counted again', () => {
  const { text, outermost } = resolve(CHAIN)
  const pair = (minute: number) => [at(minute, { A: 'x' }), at(minute + 1, { A: 'x' })]
  const sets = [[...pair(1), ...pair(21)], pair(1)]
  const verdicts = sets.map((events) => matches(text, events))
  assert.deepEqual(verdicts, [true, false])
  for (const backend of ['spl', 'esql'] as const) {
    assert.deepEqual(
      sets.map((events) => finds(backend, outermost, events)),
      verdicts,
      backend,
    )
    const { problems } = convertCorrelation(outermost, backend)
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['sigma/side-by-side-windows'],
    )
  }
  bindsInKusto(outermost)
  assert.match(convertCorrelation(outermost, 'eql').problems[0]!.message, /correlation of correlat/)
})

void test('a chain that groups by what its findings do not have is refused', () => {
  const { outermost } = resolve(
    CHAIN.replace('rules: [many], group-by: [U]', 'rules: [many], group-by: [V]'),
  )
  for (const backend of ['spl', 'kusto', 'esql'] as const) {
    const { queries, problems } = convertCorrelation(outermost, backend)
    assert.deepEqual(queries, [])
    assert.match(problems[0]!.message, /groups by V, which the findings of "Many" do not have/)
  }
})

void test('findings together with a rule are joined where the language can', () => {
  const [many] = CHAIN.split('---')
  const { text, outermost } = resolve(
    `${many}---\ntitle: C\ncorrelation: {type: temporal, rules: [many, worked], ${BY}}\n`,
  )
  const events = [at(1, { A: 'x' }), at(2, { A: 'x' }), at(9, { B: 'y' })]
  assert.equal(matches(text, events), true)
  assert.equal(finds('spl', outermost, events), true)
  assert.equal(finds('spl', outermost, events.slice(0, 2)), false)
  assert.match(convertCorrelation(outermost, 'esql').problems[0]!.message, /correlation of correla/)
  bindsInKusto(outermost)
})

const TABLE = { TimeGenerated: 'datetime', A: 'string', B: 'string', C: 'string', U: 'string' }

/** Every rule in a table of its own, as pipelines would have it. */
function bindsInKusto(outermost: ResolvedCorrelation): void {
  const { pipeline } = parsePipeline(
    'transformations: [{type: set_state, key: query_table, val: T}]',
    'test',
  )
  const { queries } = convertCorrelation(outermost, 'kusto', [pipeline!])
  assert.equal(queries.length, 1)
  assert.deepEqual(parseKusto(queries[0]!, { tables: { T: TABLE } }).problems, [], queries[0])
}

void test("a correlation over Defender's tables goes by their time", () => {
  const rule = `title: R
name: r
logsource: {product: windows, category: process_creation}
detection: {s: {Image: x}, condition: s}
---
title: S
name: s
logsource: {product: windows, category: file_event}
detection: {s: {TargetFilename: x}, condition: s}
---
title: C
correlation: {type: temporal_ordered, rules: [r, s], group-by: [Computer], timespan: 5m, aliases: {Computer: {r: DeviceName, s: DeviceName}}}
`
  const [outermost] = collect(parseSigma(rule).documents).correlations
  const { queries, problems } = convertCorrelation(outermost!, 'kusto', [
    builtinPipeline('rw_defender')!,
  ])
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['sigma/side-by-side-windows'],
  )
  assert.match(queries[0]!, /^union\n {2}\(DeviceProcessEvents\n/)
  assert.match(queries[0]!, /bin\(Timestamp, 5m\), DeviceName/)
  assert.deepEqual(parseKusto(queries[0]!).problems, [], queries[0])
})
