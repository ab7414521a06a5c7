// From a rule to the queries of a target language: through the pipelines, then one query for each
// condition.

import type { Problem } from '#kernel/problem.ts'
import type { Predicate } from '#languages/predicate.ts'
import { printEql } from './backends/eql.ts'
import { printEsql } from './backends/esql.ts'
import { printKusto } from './backends/kusto.ts'
import { printLucene } from './backends/lucene.ts'
import { printSpl } from './backends/spl.ts'
import type { Printed } from './backends/walk.ts'
import { lower } from './lower.ts'
import { applyPipelines, type Pipeline } from './pipeline.ts'
import type { SigmaRule } from './rule.ts'

export const BACKENDS = ['spl', 'kusto', 'esql', 'lucene', 'eql'] as const
export type Backend = (typeof BACKENDS)[number]

export interface Conversion {
  /** Empty when there are errors among the problems. */
  readonly queries: readonly string[]
  readonly problems: readonly Problem[]
}

type Printer = (predicate: Predicate, state: ReadonlyMap<string, unknown>) => Printed

const PRINTERS: Readonly<Record<Backend, Printer>> = {
  spl: printSpl,
  kusto: printKusto,
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
  const printed = lowered.predicates.map((predicate) =>
    PRINTERS[backend](predicate, transformed.state),
  )
  const problems = printed.flatMap((one) => one.problems)
  const queries = printed.flatMap((one) => one.query ?? [])
  return problems.length > 0 ? { queries: [], problems } : { queries, problems }
}

/** `index` may be one pattern or a list of them. */
function indexOf(state: ReadonlyMap<string, unknown>): string | undefined {
  const index = state.get('index')
  return index === undefined ? undefined : [index].flat().map(String).join(',')
}
