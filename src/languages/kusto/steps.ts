// The tabular operators of Kusto, each from a table to a table. Source: learn.microsoft.com, Kusto
// "Tabular operators", read 2026-11.

import { unsupported } from '#languages/evaluation.ts'
import type { Aggregate } from './aggregates.ts'
import { columns, compileColumns, type Column } from './column-steps.ts'
import { compileFilter, compute } from './compute.ts'
import type { Computed, ComputeScope } from './computed.ts'
import { expand } from './expand-step.ts'
import { compileAggregates, groupRows, type Group } from './groups.ts'
import { join, union } from './join-steps.ts'
import { parseColumns } from './parse-step.ts'
import { makeSeries } from './series-step.ts'
import { constant, stepped, type StepScope } from './step.ts'
import type { KustoExpression, KustoOperator, KustoSort, KustoSummarize, KustoTop } from './tree.ts'
import { orderOf, type KustoRow, type KustoTable, type KustoType } from './values.ts'

/** `isOrdered` holds while rows have an order: `prev` and `row_number` need one. Throws `Refusal`. */
export function applyOperator(
  table: KustoTable,
  operator: KustoOperator,
  scope: StepScope,
  isOrdered: boolean,
): KustoTable {
  const own = scope.computeScope(table.columns)
  switch (operator.kind) {
    case 'where': {
      const holds = compileFilter(operator.condition, own)
      return { ...table, rows: stepped(table, scope).filter(holds) }
    }
    case 'columns':
      return columns(table, operator, scope, isOrdered)
    case 'summarize':
      return summarize(table, operator, scope)
    case 'limit':
      if (operator.name === 'sample') throw unsupported('The operator sample', operator)
      return { ...table, rows: table.rows.slice(0, constant(operator.count, own)) }
    case 'sort':
      return sort(table, operator, own)
    case 'top':
      return top(table, operator, own)
    case 'count': {
      const name = operator.as ?? 'Count'
      return { columns: new Map([[name, 'long']]), rows: [new Map([[name, table.rows.length]])] }
    }
    case 'join':
      return join(table, operator, scope)
    case 'union':
      return union(table, operator, scope)
    case 'expand':
      return expand(table, operator, scope)
    case 'series':
      return makeSeries(table, operator, scope)
    case 'render': // says how rows are drawn
      return table
    case 'parse':
      return parseColumns(table, operator, own)
    default:
      throw unsupported(`The operator ${operator.name}`, operator)
  }
}

function summarize(
  table: KustoTable,
  { aggregates, by }: KustoSummarize,
  scope: StepScope,
): KustoTable {
  const own = scope.computeScope(table.columns)
  const keys = compileColumns(by, table, scope, 'Column', false)
  const unique = compileAggregates(aggregates, keys, own, scope.budget)
  const found = groupRows(table, keys, scope)
  const groups = by.length === 0 && found.length === 0 ? [{ keys: [], rows: [] }] : found
  const types = new Map<string, KustoType>(keys.map(({ name, type }) => [name, type]))
  for (const { columns: made } of unique) for (const { name, type } of made) types.set(name, type)
  const rows = groups.map((group) => finishGroup(group, keys, unique))
  return { columns: types, rows }
}

function finishGroup(
  group: Group,
  keys: readonly Column[],
  aggregates: readonly Aggregate[],
): KustoRow {
  const row: KustoRow = new Map(keys.map(({ name }, at) => [name, group.keys[at]!]))
  for (const aggregate of aggregates) {
    const values = aggregate.finish(group.rows)
    for (const [at, { name }] of aggregate.columns.entries()) row.set(name, values[at] ?? null)
  }
  return row
}

interface SortKey extends Computed {
  readonly isDown: boolean
  readonly isNullFirst: boolean
}

/** Descending unless it says otherwise; nulls come last then, and first where it ascends. */
function sortKeys(nodes: readonly KustoExpression[], scope: ComputeScope): readonly SortKey[] {
  return nodes.map((node) => {
    const [item, direction, nulls] =
      node.kind === 'ordered' ? [node.item, node.direction, node.nulls] : [node, null, null]
    const isDown = direction !== 'asc'
    return {
      ...compute(item, scope),
      isDown,
      isNullFirst: nulls === null ? !isDown : nulls === 'first',
    }
  })
}

function compareBy(keys: readonly SortKey[]): (a: KustoRow, b: KustoRow) => number {
  return (a, b) => {
    for (const { of, isDown, isNullFirst } of keys) {
      const [x, y] = [of(a), of(b)]
      if (x === null && y === null) continue
      if (x === null || y === null) return (x === null) === isNullFirst ? -1 : 1
      const order = orderOf(x, y) ?? 0
      if (order !== 0) return isDown ? -order : order
    }
    return 0
  }
}

function sort(table: KustoTable, { by }: KustoSort, scope: ComputeScope): KustoTable {
  return { ...table, rows: table.rows.toSorted(compareBy(sortKeys(by, scope))) }
}

function top(table: KustoTable, { count, by }: KustoTop, scope: ComputeScope): KustoTable {
  const sorted = table.rows.toSorted(compareBy(sortKeys([by], scope)))
  return { ...table, rows: sorted.slice(0, constant(count, scope)) }
}
