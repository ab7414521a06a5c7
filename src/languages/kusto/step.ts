// What the tabular operators of Kusto share.

import { Refusal, type Budget } from '#languages/evaluation.ts'
import { compute } from './compute.ts'
import type { ComputeScope } from './computed.ts'
import type { KustoExpression, KustoOption } from './tree.ts'
import type { KustoRow, KustoTable, KustoType } from './values.ts'

export interface StepScope {
  readonly budget: Budget
  /** For expressions over the columns of a table. */
  computeScope(columns: ReadonlyMap<string, KustoType>): ComputeScope
  tableOf(node: KustoExpression): KustoTable
}

/** The rows, each of them counted. */
export function stepped(table: KustoTable, { budget }: StepScope): readonly KustoRow[] {
  for (const _ of table.rows) budget.step()
  return table.rows
}

export function optionOf(options: readonly KustoOption[], name: string): string | undefined {
  const value = options.find((one) => one.name === name)?.value
  return value?.kind === 'literal' ? value.text : value?.kind === 'name' ? value.name : undefined
}

/** A number that no row changes. */
export function constant(node: KustoExpression, scope: ComputeScope): number {
  const value = compute(node, scope).of(new Map())
  if (typeof value !== 'number') throw new Refusal('wrong-arguments', 'A number is needed.', node)
  return value
}
