// What a Kusto expression becomes: a type, and a function over a row.

import type { KustoCall, KustoExpression } from './tree.ts'
import type { KustoRow, KustoTable, KustoType, KustoValue } from './values.ts'

export type Compute = (row: KustoRow) => KustoValue

export interface Computed {
  readonly type: KustoType
  readonly of: Compute
}

export interface ComputeScope {
  /** Unix milliseconds. */
  readonly now: number
  readonly columns: ReadonlyMap<string, KustoType>
  /** What a `let` gave the name; undefined when none did. */
  scalarNamed(name: string): { readonly type: KustoType; readonly value: KustoValue } | undefined
  /** Rows that stand in an expression: `in (T | project a)`. */
  tableOf(node: KustoExpression): KustoTable
  /** Functions that look at other rows; undefined behind commands that lose their order. */
  window?(call: KustoCall, given: readonly Computed[]): Computed | undefined
}
