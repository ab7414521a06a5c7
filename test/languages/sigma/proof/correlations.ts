// Which groups a correlation finds: by the matcher, by the matcher's judgement of windows that stand
// side by side, and by the printed text, run by the language's own evaluator.

import assert from 'node:assert/strict'
import { evaluateEql } from '#languages/eql/evaluate.ts'
import { evaluateEsql } from '#languages/esql/evaluate.ts'
import { evaluateKusto } from '#languages/kusto/evaluate.ts'
import type { KustoType } from '#languages/kusto/values.ts'
import { collect, type ResolvedCorrelation } from '#languages/sigma/collection.ts'
import { convertCorrelation } from '#languages/sigma/convert.ts'
import { holds, type Occurrence } from '#languages/sigma/correlate.ts'
import type { Backend } from '#languages/sigma/names.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { parsePipeline, type Pipeline } from '#languages/sigma/pipeline.ts'
import { MatchRun } from '#languages/sigma/run.ts'
import { evaluateSpl } from '#languages/spl/evaluate.ts'

/** `a`, `b` and `c` say which of three rules match; `user`, `host` and `owner` hold groups, `size` a number. */
export interface CorrelatedEvent {
  readonly second: number
  readonly a?: true
  readonly b?: true
  readonly c?: true
  readonly user?: string
  readonly host?: string
  readonly owner?: string
  readonly size?: number
}

const RULES = ['a', 'b', 'c']
  .map(
    (name) =>
      `title: ${name}\nname: ${name}\nlogsource: {category: t}\ndetection: {s: {${name.toUpperCase()}: x}, condition: s}\n---\n`,
  )
  .join('')
const START = Date.UTC(2026, 10, 22)

export interface CorrelationCase {
  readonly text: string
  readonly outermost: ResolvedCorrelation
}

export function correlationCase(correlation: string): CorrelationCase {
  const text = RULES + correlation
  const parsed = parseSigma(text)
  assert.deepEqual(parsed.problems, [])
  const collection = collect(parsed.documents)
  assert.deepEqual([...collection.problems.values()], [])
  return { text, outermost: collection.correlations.at(-1)! }
}

type Groups = readonly string[]

/** In the order the events are given, which need not be that of their time. */
export function groupsOfMatcher(
  { text, outermost }: CorrelationCase,
  events: readonly CorrelatedEvent[],
): Groups {
  const run = new MatchRun(collect(parseSigma(text).documents))
  const answers = events.map(recordOf).flatMap((event) => [...run.next(event, undefined)])
  const found = [...answers, ...run.finish()].flatMap((answer) =>
    answer.kind === 'correlation' && answer.correlation.title === outermost.correlation.title
      ? [Object.values(answer.group).join(' ')]
      : [],
  )
  return distinct(found)
}

/** As if each window began on a multiple of the timespan. */
export function groupsSideBySide(
  given: CorrelationCase,
  events: readonly CorrelatedEvent[],
): Groups {
  const { correlation } = given.outermost
  const found = [...windowsOf(given, events)].filter(([, window]) => holds(correlation, window))
  return distinct(found.map(([key]) => key.slice(key.indexOf(' ') + 1)))
}

/** By number of the window and group. */
export function windowsOf(
  { outermost: { correlation } }: CorrelationCase,
  events: readonly CorrelatedEvent[],
): ReadonlyMap<string, readonly Occurrence[]> {
  const windows = new Map<string, Occurrence[]>()
  for (const event of events.toSorted((one, other) => one.second - other.second)) {
    for (const rule of correlation.rules.map(({ text }) => text)) {
      if (event[rule as 'a'] !== true) continue
      const field = (name: string) => {
        const value = recordOf(event)[correlation.aliases.get(name)?.get(rule) ?? name]
        return value === undefined ? undefined : [String(value)]
      }
      const group = correlation.groupBy.map((name) => field(name)?.[0])
      if (group.includes(undefined)) continue
      const key = `${Math.floor(event.second / correlation.timespanSeconds)} ${group.join(' ')}`
      const window = windows.get(key) ?? []
      window.push({ reference: rule, atMs: event.second * 1000, events: [], field })
      windows.set(key, window)
    }
  }
  return windows
}

/** `isSideBySide` when the text comes with that warning. */
export function groupsOfQuery(
  { outermost }: CorrelationCase,
  backend: Backend,
  events: readonly CorrelatedEvent[],
  hasTables = true,
): { readonly groups: Groups; readonly isSideBySide: boolean; readonly query: string } {
  const pipelines = backend === 'kusto' && hasTables ? [TABLE] : []
  const { queries, problems } = convertCorrelation(outermost, backend, pipelines)
  const [query] = queries
  assert.ok(query !== undefined, problems[0]?.message)
  const names = outermost.correlation.groupBy
  const rows = RUNNERS[backend](query, events.map(recordOf), names)
  const groups = distinct(
    rows.map((row) => names.map((name) => String(row[name] ?? '?')).join(' ')),
  )
  const isSideBySide = problems.some(({ code }) => code === 'sigma/side-by-side-windows')
  return { groups, isSideBySide, query }
}

type Row = Readonly<Record<string, unknown>>
type Run = (query: string, events: readonly Row[], names: readonly string[]) => readonly Row[]

const RUNNERS: Readonly<Record<Backend, Run>> = {
  spl: (query, events) => rowsOf(evaluateSpl(query, events, { now: START }), query),
  esql: (query, events) => {
    const mapping = new Map([
      ...['A', 'B', 'C', 'User', 'Host', 'Owner'].map((name) => [name, 'keyword'] as const),
      ['Size', 'long'] as const,
    ])
    return rowsOf(evaluateEsql(query, events, { now: START, mapping }), query)
  },
  kusto: (query, events) =>
    rowsOf(
      evaluateKusto(query.startsWith('where ') ? `T | ${query}` : query, new Map([['T', events]]), {
        now: START,
        types: TYPES,
      }),
      query,
    ),
  eql: (query, events, names) => {
    const { value, problems } = evaluateEql(query, events, { now: START })
    assert.ok(value !== undefined, `${problems[0]?.message} in ${query}`)
    return value.sequences.map(({ joinKeys }) =>
      Object.fromEntries(names.map((name, at) => [name, joinKeys[at]])),
    )
  },
  lucene: () => assert.fail('Lucene knows no correlations'),
}

function rowsOf(
  checked: {
    readonly value?: { readonly rows: readonly Row[] }
    readonly problems: readonly { readonly message: string }[]
  },
  query: string,
): readonly Row[] {
  assert.ok(checked.value !== undefined, `${checked.problems[0]?.message} in ${query}`)
  return checked.value.rows
}

const TABLE: Pipeline = parsePipeline(
  'transformations: [{type: set_state, key: query_table, val: T}]',
  'one table',
).pipeline!

const TYPES = new Map([
  [
    'T',
    new Map<string, KustoType>([
      ['TimeGenerated', 'datetime'],
      ...['A', 'B', 'C', 'User', 'Host', 'Owner'].map((name): [string, KustoType] => [
        name,
        'string',
      ]),
      ['Size', 'long'],
    ]),
  ],
])

function recordOf({ second, a, b, c, user, host, owner, size }: CorrelatedEvent): Row {
  const time = new Date(START + second * 1000).toISOString()
  return {
    '@timestamp': time,
    TimeGenerated: time,
    ...(a && { A: 'x' }),
    ...(b && { B: 'x' }),
    ...(c && { C: 'x' }),
    ...(user !== undefined && { User: user }),
    ...(host !== undefined && { Host: host }),
    ...(owner !== undefined && { Owner: owner }),
    ...(size !== undefined && { Size: size }),
  }
}

function distinct(groups: readonly string[]): Groups {
  return [...new Set(groups)].toSorted()
}
