// Runs an ES|QL query over events in memory. Behind FROM stand all events given, whatever the index
// pattern says; the limit a cluster adds to a query without LIMIT is a setting of it and not applied.
// Source: elastic.co/docs, ES|QL "Commands" 9.x, read 2026-11.

import { hasErrors, LineMap, type Checked, type Problem } from '#kernel/problem.ts'
import {
  answerOf,
  Budget,
  refusable,
  unsupported,
  type Answer,
  type EvaluateOptions,
  type EventRecord,
  type Fields,
  type Value,
} from '#languages/evaluation.ts'
import { readDocument, type ElasticMapping } from '#languages/elastic-documents.ts'
import { parseEsql } from './parse.ts'
import { Schema } from './schema.ts'
import { compileCommand, type Lookups } from './steps.ts'
import { compute } from './compute.ts'
import type { ComputeScope, FullText } from './computed.ts'
import type { EsqlCommand, EsqlFrom, EsqlPlain } from './tree.ts'
import { nameOf } from './stats.ts'

export interface EsqlEvaluateOptions extends EvaluateOptions {
  readonly mapping?: ElasticMapping
  /** Rows of the indexes that LOOKUP JOIN names. */
  readonly lookups?: Lookups
  readonly fullText?: FullText
}

export function evaluateEsql(
  text: string,
  events: Iterable<EventRecord>,
  options: EsqlEvaluateOptions,
): Checked<Answer> {
  const { value: query, problems } = parseEsql(text)
  if (query === undefined || hasErrors(problems)) return { problems }
  return refusable('esql', text, () => {
    const budget = new Budget(options)
    const warnings = new Set<Problem>()
    const warnAt = (command: EsqlCommand) => multivalueWarning(text, command)
    const types: ElasticMapping = new Map([['@timestamp', 'date'], ...(options.mapping ?? [])])
    let schema = new Schema(types, true)
    let rows: Iterable<Fields> = []
    for (const [at, command] of query.commands.entries()) {
      const warning = warnAt(command)
      const held = schema
      const scope: ComputeScope = {
        text,
        now: options.now,
        fullText: options.fullText,
        typeOf: (name) => held.typeOf(name),
        warnMultivalue: () => void warnings.add(warning),
      }
      if (at === 0) {
        const source = compileSource(command, scope, () => read(events, types, budget))
        rows = source.rows
        schema = source.schema ?? schema
      } else {
        const step = compileCommand(command, { scope, schema, budget, lookups: options.lookups })
        rows = step.run(rows)
        schema = step.schema
      }
    }
    const value = finish(budget.collect(rows), schema)
    return { value, problems: [...problems, ...warnings] }
  })
}

function multivalueWarning(text: string, command: EsqlCommand): Problem {
  const message = 'A function of single values met several and answered null.'
  const span = new LineMap(text).span(command.start, command.end)
  return { code: 'esql/multivalue', severity: 'warning', message, ...span }
}

function* read(
  events: Iterable<EventRecord>,
  types: ElasticMapping,
  budget: Budget,
): Generator<Fields> {
  for (const event of events) {
    budget.step()
    yield readDocument(event, types)
  }
}

function compileSource(
  command: EsqlCommand,
  scope: ComputeScope,
  documents: () => Iterable<Fields>,
): { readonly rows: Iterable<Fields>; readonly schema?: Schema } {
  if (command.kind === 'from') {
    refuseParts(command)
    return { rows: documents() }
  }
  if (command.name !== 'row')
    throw unsupported(`The command ${command.name.toUpperCase()}`, command)
  const row: Fields = new Map()
  let schema = new Schema(new Map(), false)
  for (const item of (command as EsqlPlain).arguments) {
    const own = schema
    const { type, of } = compute(item.value, { ...scope, typeOf: (name) => own.typeOf(name) })
    const name = nameOf(item, scope)
    row.set(name, of(row))
    schema = schema.with(name, type)
  }
  return { rows: [row], schema }
}

function refuseParts(command: EsqlFrom): void {
  if (command.name === 'ts') throw unsupported('The command TS', command)
  if (command.subqueries.length > 0) throw unsupported('A query inside FROM', command)
}

/** Dates leave as text, and a closed list of columns stands in its order, nulls too. */
function finish(rows: readonly Fields[], schema: Schema): Answer {
  const dates = [...schema.types].filter(([, type]) => type === 'date').map(([name]) => name)
  for (const row of rows) {
    for (const name of dates) {
      const value = row.get(name)
      if (value !== undefined && value !== null) row.set(name, writeDates(value))
    }
  }
  if (schema.isOpen) return answerOf(rows)
  const columns = [...schema.types.keys()]
  return { ...answerOf(rows.map((row) => pick(row, columns))), columns }
}

function pick(row: Fields, columns: readonly string[]): Fields {
  return new Map(columns.map((name) => [name, row.get(name) ?? null]))
}

function writeDates(value: Value): Value {
  if (typeof value === 'number') return new Date(value).toISOString()
  return Array.isArray(value) ? value.map(writeDates) : value
}
