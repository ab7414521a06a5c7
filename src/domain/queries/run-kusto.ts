// Runs a Kusto query over events, in the worker that has Microsoft's parser. Events that say their table
// (`Type`, as Log Analytics writes it) stand in that table; the others in every table the query names.

import { evaluateKusto } from '#languages/kusto/evaluate.ts'
import { parseKusto } from '#languages/kusto/parse.ts'
import { readKusto } from '#languages/kusto/reads.ts'
import { typeNamed } from '#languages/kusto/values.ts'
import { refusable, type EventRecord } from '#languages/evaluation.ts'
import type { QueryToRun, RanQuery } from './run-task.ts'
import { cut, limitsOf } from './limits.ts'

export function runKustoHere(asked: QueryToRun): RanQuery {
  const { text, schema } = asked
  const answer = refusable('kusto', text, () => {
    const types = new Map(
      Object.entries(schema?.tables ?? {}).map(([name, columns]) => [
        name,
        new Map(Object.entries(columns).map(([column, type]) => [column, typeNamed(type)])),
      ]),
    )
    return evaluateKusto(text, tablesOf(asked), { ...limitsOf(asked), types })
  })
  const { value, problems } = answer
  const rows = value && { columns: value.columns.map(({ name }) => name), rows: value.rows }
  return cut({ problems, ...(rows && { value: rows }) }, asked)
}

function tablesOf({ text, events }: QueryToRun): ReadonlyMap<string, readonly EventRecord[]> {
  const { value } = parseKusto(text)
  const sources = value === undefined ? [] : readKusto(value, text).sources
  const named = sources.filter(({ kind, isPattern }) => kind === 'table' && !isPattern)
  const own = events.map(tableOf).filter((name) => name !== undefined)
  const names = new Set([...named.map(({ name }) => name), ...own])
  const open = events.filter((event) => tableOf(event) === undefined)
  return new Map(
    [...names].map((name) => [
      name,
      own.length === 0 ? open : events.filter((event) => (tableOf(event) ?? name) === name),
    ]),
  )
}

function tableOf({ Type }: EventRecord): string | undefined {
  return typeof Type === 'string' && /^\w+$/.test(Type) ? Type : undefined
}
