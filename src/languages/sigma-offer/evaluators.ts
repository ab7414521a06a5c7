// What runs queries for an offer. Fields hold what an index would hold: texts where they are compared with
// texts, numbers where with numbers.

import { evaluateEql } from '#languages/eql/evaluate.ts'
import { evaluateEsql } from '#languages/esql/evaluate.ts'
import type { EventRecord } from '#languages/evaluation.ts'
import type { Problem } from '#kernel/problem.ts'
import { evaluateSpl } from '#languages/spl/evaluate.ts'
import type { Evaluate } from './prove.ts'
import { Declined } from './read.ts'

const ID = 'rw_event'
/** Any instant: nothing that is offered depends on it. */
const NOW_MS = Date.UTC(2026, 0, 1)

export const evaluateSplFor: Evaluate = (query, events) => {
  const { value, problems } = evaluateSpl(query, numbered(events), { now: NOW_MS })
  return placesIn(value?.rows, problems)
}

export const evaluateEsqlFor: Evaluate = (query, events) => {
  const { value, problems } = evaluateEsql(query, numbered(events), { now: NOW_MS })
  return placesIn(value?.rows, problems)
}

export const evaluateEqlFor: Evaluate = (query, events) => {
  const { value, problems } = evaluateEql(query, numbered(events), { now: NOW_MS })
  return placesIn(value?.events, problems)
}

export function numbered(events: readonly EventRecord[]): readonly EventRecord[] {
  return events.map((event, at) => ({ ...event, [ID]: at }))
}

type Rows = readonly Readonly<Record<string, unknown>>[]

export function placesIn(
  rows: Rows | undefined,
  problems: readonly Problem[],
): ReadonlySet<number> {
  if (rows) return new Set(rows.map((row) => Number(row[ID])))
  const message = problems[0]?.message ?? 'The query cannot be run here.'
  throw new Declined('not_evaluated', message)
}
