// From a rule to the queries of a target language: through the pipelines, then one query for each
// condition.

import type { Problem } from '#kernel/problem.ts'
import { anyOf, type Predicate } from '#languages/predicate.ts'
import { printEqlCorrelation } from './backends/correlation/eql.ts'
import { printEsqlCorrelation } from './backends/correlation/esql.ts'
import {
  sharedName,
  type CorrelatedSource,
  type CorrelationInput,
} from './backends/correlation/input.ts'
import { printKustoCorrelation } from './backends/correlation/kusto.ts'
import { printSplCorrelation } from './backends/correlation/spl.ts'
import { printEql } from './backends/eql.ts'
import { printEsql } from './backends/esql.ts'
import { printKusto } from './backends/kusto.ts'
import { printLucene } from './backends/lucene.ts'
import { printSpl, type DataModel } from './backends/spl.ts'
import type { Printed } from './backends/walk.ts'
import type { ResolvedCorrelation } from './collection.ts'
import { lower } from './lower.ts'
import { applyPipelines, type Pipeline } from './pipeline.ts'
import type { Backend } from './names.ts'
import type { DetectionGroup, DetectionItem, SigmaRule } from './rule.ts'

export interface Conversion {
  /** Empty when there are errors among the problems. */
  readonly queries: readonly string[]
  readonly problems: readonly Problem[]
  /** Where the queries look, when pipelines say it; Elastic's rules name it beside the query. */
  readonly indexes?: readonly string[]
}

type Printer = (predicate: Predicate, state: ReadonlyMap<string, unknown>) => Printed

const PRINTERS: Readonly<Record<Backend, Printer>> = {
  spl: (predicate, state) => printSpl(predicate, dataModelOf(state)),
  kusto: (predicate, state) => printKusto(predicate, textIn(state, 'query_table')),
  esql: (predicate, state) => printEsql(predicate, indexOf(state)),
  lucene: printLucene,
  eql: printEql,
}

export function convertRule(
  rule: SigmaRule,
  backend: Backend,
  pipelines: readonly Pipeline[] = [],
): Conversion {
  const transformed = applyPipelines(rule, pipelines)
  if (transformed.rule === undefined) return { queries: [], problems: transformed.problems }
  const lowered = lower(transformed.rule.detections)
  if (lowered.problems.length > 0) return { queries: [], problems: lowered.problems }
  const printed = lowered.predicates.map((one) => printPredicate(one, backend, transformed.state))
  const problems = printed.flatMap((one) => one.problems)
  const queries = printed.flatMap((one) => (one.query ? [transformed.finish(one.query)] : []))
  if (problems.length > 0) return { queries: [], problems }
  const index = indexOf(transformed.state)
  return { queries, problems, ...(index === undefined ? {} : { indexes: index.split(',') }) }
}

/** `state` is what the pipelines left. */
export function printPredicate(
  predicate: Predicate,
  backend: Backend,
  state: ReadonlyMap<string, unknown> = new Map(),
): Printed {
  return PRINTERS[backend](predicate, state)
}

const CORRELATION_PRINTERS: Readonly<
  Record<Backend, ((input: CorrelationInput) => Printed) | undefined>
> = {
  spl: printSplCorrelation,
  kusto: printKustoCorrelation,
  esql: printEsqlCorrelation,
  lucene: undefined,
  eql: printEqlCorrelation,
}

/** One query for the whole correlation; its problems may be warnings beside a query. */
export function convertCorrelation(
  resolved: ResolvedCorrelation,
  backend: Backend,
  pipelines: readonly Pipeline[] = [],
): Conversion {
  const printer = CORRELATION_PRINTERS[backend]
  if (printer === undefined) return refused(`${backend} cannot say this: correlations.`)
  const built = inputOf(resolved, pipelines)
  if ('problems' in built) return { queries: [], problems: built.problems }
  const { query, problems } = printer(built)
  const indexes = built.index === '*' ? [] : built.index.split(',')
  return { queries: query === undefined ? [] : [query], problems, indexes }
}

type Built = CorrelationInput | { readonly problems: readonly Problem[] }

function inputOf(
  { correlation, sources }: ResolvedCorrelation,
  pipelines: readonly Pipeline[],
): Built {
  const indexes = new Set<string>()
  const correlated: CorrelatedSource[] = []
  let timeField = 'TimeGenerated'
  for (const { reference, source } of sources) {
    const nameOf = (name: string) => correlation.aliases.get(name)?.get(reference) ?? name
    if ('correlation' in source) {
      const input = inputOf(source, pipelines)
      if ('problems' in input) return input
      const fieldOf = (name: string) => sharedName(input, nameOf(name))
      const missing = correlation.groupBy.find(
        (name) => !source.correlation.groupBy.includes(nameOf(name)),
      )
      if (missing !== undefined) return refused(notGrouped(missing, source.correlation.title))
      indexes.add(input.index)
      timeField = input.timeField
      correlated.push({ kind: 'correlation', reference, input, fieldOf })
      continue
    }
    const transformed = applyPipelines(source, pipelines)
    if (transformed.rule === undefined) return { problems: transformed.problems }
    const { predicates, problems } = lower(transformed.rule.detections)
    if (problems.length > 0) return { problems }
    const { state } = transformed
    indexes.add(indexOf(state) ?? '*')
    timeField = textIn(state, 'time_field') ?? timeField
    correlated.push({
      kind: 'rule',
      reference,
      predicate: anyOf(predicates),
      table: textIn(state, 'query_table'),
      fieldOf: (name) => mappedField(source, nameOf(name), pipelines),
    })
  }
  return { correlation, sources: correlated, index: [...indexes].join(','), timeField }
}

function notGrouped(name: string, title: string): string {
  return `The correlation groups by ${name}, which the findings of "${title}" do not have.`
}

/** What the pipelines call a field of the rule's events: asked by sending an item through them. */
export function mappedField(
  rule: SigmaRule,
  field: string,
  pipelines: readonly Pipeline[],
): string {
  if (pipelines.length === 0) return field
  const place = { start: 0, end: 0 }
  const item: DetectionItem = {
    kind: 'item',
    field,
    modifiers: [],
    values: [{ kind: 'exists' }],
    link: 'or',
    isNegated: false,
    written: [],
    ...place,
  }
  const group: DetectionGroup = { kind: 'group', link: 'and', items: [item], ...place }
  const probe = { ...rule, detections: { searches: new Map([['field', group]]), conditions: [] } }
  const [first] =
    applyPipelines(probe, pipelines).rule?.detections.searches.get('field')?.items ?? []
  return (first?.kind === 'item' ? first.field : undefined) ?? field
}

function refused(message: string): Conversion {
  return { queries: [], problems: [{ code: 'sigma/cannot-convert', severity: 'error', message }] }
}

function textIn(state: ReadonlyMap<string, unknown>, key: string): string | undefined {
  const value = state.get(key)
  return typeof value === 'string' ? value : undefined
}

/** `Model.Set` and the fields to show of it, as pipelines for accelerated data models leave them. */
function dataModelOf(state: ReadonlyMap<string, unknown>): DataModel | undefined {
  const [name, fields] = [state.get('data_model_set'), state.get('fields')]
  if (typeof name !== 'string' || !Array.isArray(fields)) return undefined
  return { name, fields: fields.map(String) }
}

/** `index` may be one pattern or a list of them. */
function indexOf(state: ReadonlyMap<string, unknown>): string | undefined {
  const index = state.get('index')
  return index === undefined ? undefined : [index].flat().map(String).join(',')
}
