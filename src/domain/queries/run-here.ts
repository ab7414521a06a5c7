// Runs a query of any language but Kusto over events, in a worker thread.

import type { Checked } from '#kernel/problem.ts'
import { evaluateEql } from '#languages/eql/evaluate.ts'
import type { ElasticMapping, ElasticType } from '#languages/elastic-documents.ts'
import { evaluateEsql } from '#languages/esql/evaluate.ts'
import { answerOf, flatten, type Answer, type EventRecord } from '#languages/evaluation.ts'
import { evaluateSpl } from '#languages/spl/evaluate.ts'
import { macrosOf } from '#languages/spl/macro.ts'
import { cut, limitsOf } from './limits.ts'
import type { QueryToRun, RanQuery } from './run-task.ts'

export function runQueryHere(asked: QueryToRun): RanQuery {
  return cut(evaluate(asked), asked)
}

function evaluate(asked: QueryToRun): Checked<Answer> {
  const { language, text, events, timeField } = asked
  const lookups = new Map(Object.entries(asked.lookups))
  const options = {
    ...limitsOf(asked),
    lookups,
    ...(timeField !== undefined && { timestampField: timeField }),
  }
  switch (language) {
    case 'spl':
      return evaluateSpl(text, events, { ...options, macros: macrosOf(asked.schema) })
    case 'esql':
      return evaluateEsql(text, events, { ...options, mapping: mappingOf(asked) })
    case 'eql':
      return evaluateRows({ ...asked, mapping: mappingOf(asked) }, options)
    case 'kusto':
    case 'lucene':
    case 'kuery':
      return { problems: [notRun(language)] }
  }
}

function notRun(language: string) {
  const message = `Queries in ${language} are not run here.`
  return { code: 'query/not-run', severity: 'error', message } as const
}

/** The events of sequences follow each other, each with the number of its sequence. */
function evaluateRows(
  { text, events, mapping }: QueryToRun & { readonly mapping: ElasticMapping },
  options: ReturnType<typeof limitsOf>,
): Checked<Answer> {
  const { value, problems } = evaluateEql(text, events, { ...options, mapping })
  if (value === undefined) return { problems }
  const row = (event: EventRecord) => flatten(event)
  const sequences = value.sequences.flatMap((sequence, index) =>
    sequence.events.map((event) => new Map([['sequence', index + 1], ...row(event)])),
  )
  return { value: answerOf([...value.events.map(row), ...sequences]), problems }
}

const ELASTIC_TYPES: ReadonlySet<string> = new Set<ElasticType>([
  'keyword',
  'long',
  'double',
  'boolean',
  'date',
  'ip',
])

function mappingOf({ schema }: QueryToRun): ElasticMapping {
  const columns = Object.values(schema?.tables ?? {}).flatMap((table) => Object.entries(table))
  const known = columns.filter((column): column is [string, ElasticType] =>
    ELASTIC_TYPES.has(column[1]),
  )
  return new Map(known)
}
