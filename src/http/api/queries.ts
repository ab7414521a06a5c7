// Questions about queries: a text comes in, with events where it is to run; nothing is kept.

import { z } from 'zod'
import { lintQuery, runQuery } from '#domain/queries/actions.ts'
import { QuerySchemaInput, QueryToRunInput } from '#domain/queries/input.ts'
import { QUERY_CHARS_MAX } from '#kernel/limits.ts'
import { QUERY_LANGUAGES } from '#languages/query.ts'
import { operation } from './operation.ts'
import { ProblemShape, problemShape } from './rules.ts'
import { accepted, named } from './shapes.ts'

const QueryToLint = z
  .strictObject({
    language: z.enum(QUERY_LANGUAGES),
    query: z.string().max(QUERY_CHARS_MAX),
    schema: QuerySchemaInput.optional(),
  })
  .register(accepted, { id: 'QueryToLint' })
const LintedQuery = z
  .strictObject({ problems: z.array(ProblemShape) })
  .register(named, { id: 'LintedQuery' })

const lint = operation({
  method: 'POST',
  path: '/queries/lint',
  name: 'lintQuery',
  summary: 'What is wrong with a query, and what it costs',
  permission: 'rule.check',
  body: QueryToLint,
  answer: LintedQuery,
  isQuestion: true,
  async run({ house, body: { language, query, schema } }) {
    const problems = await lintQuery(house.workers, {
      language,
      text: query,
      ...(schema && { schema }),
    })
    return { problems: problems.map(problemShape) }
  },
})

const ROWS_MAX = 1_000
const RUN_LIMIT_MS = 10_000

const RanQueryShape = z
  .strictObject({
    columns: z.array(z.string()),
    rows: z.array(z.record(z.string(), z.unknown())),
    count: z.int(),
    completeness: z.enum(['complete', 'truncated']),
    problems: z.array(ProblemShape),
  })
  .register(named, { id: 'RanQuery' })

const run = operation({
  method: 'POST',
  path: '/queries/run',
  name: 'runQuery',
  summary: 'What a query answers over these events',
  about:
    'SPL, Kusto, ES|QL and EQL, in memory. What is not known exactly is refused by name in `problems`, and there are no rows then. In Kusto events stand in the table their `Type` names, or in every table the query names. `completeness` is `truncated` when there were more rows than an answer holds: `count` says how many.',
  permission: 'rule.check',
  body: QueryToRunInput.register(accepted, { id: 'QueryToRun' }),
  answer: RanQueryShape,
  isQuestion: true,
  async run({ house, caller, body: { query: text, schema, now, timeField, ...rest } }) {
    const ran = await runQuery(house.workers, {
      ...rest,
      text,
      ...(schema && { schema }),
      ...(timeField !== undefined && { timeField }),
      now: now === undefined ? caller.now : Date.parse(now),
      rowsMax: ROWS_MAX,
      timeoutMs: RUN_LIMIT_MS,
    })
    const { columns, rows, count, problems } = ran
    return {
      columns: [...columns],
      rows: rows.map((row) => ({ ...row })),
      count,
      completeness: rows.length === count ? ('complete' as const) : ('truncated' as const),
      problems: problems.map(problemShape),
    }
  },
})

export const QUERY_OPERATIONS = [lint, run]
