// The operators of Kusto that make and choose columns: `extend`, `project` and its kin, `distinct`,
// `print`, `serialize`. Source: learn.microsoft.com, Kusto "Tabular operators", read 2026-11.

import { unsupported } from '#languages/evaluation.ts'
import { compilePattern } from '#languages/sigma/test.ts'
import { readWildcards } from '#languages/wildcard.ts'
import { compute } from './compute.ts'
import type { Computed, ComputeScope } from './computed.ts'
import { stepped, type StepScope } from './step.ts'
import type { KustoCall, KustoColumns, KustoExpression } from './tree.ts'
import { missing, type KustoRow, type KustoTable } from './values.ts'

export interface Column extends Computed {
  readonly name: string
}

/** `isOrdered` as in `applyOperator`. */
export function columns(
  table: KustoTable,
  operator: KustoColumns,
  scope: StepScope,
  isOrdered: boolean,
): KustoTable {
  switch (operator.name) {
    case 'extend':
    case 'serialize':
      return extend(table, operator.columns, scope, isOrdered || operator.name === 'serialize')
    case 'project':
      return project(table, operator.columns, scope, isOrdered)
    case 'print': {
      const one: KustoTable = { columns: new Map(), rows: [new Map()] }
      return project(one, operator.columns, scope, false, 'print_')
    }
    case 'distinct': {
      const { columns: kept, rows } = operator.columns.some(({ kind }) => kind === 'star')
        ? table
        : project(table, operator.columns, scope, isOrdered)
      const seen = new Map(
        rows.map((row) => [
          JSON.stringify([...kept].map(([name, type]) => row.get(name) ?? missing(type))),
          row,
        ]),
      )
      return { columns: kept, rows: [...seen.values()] }
    }
    case 'project-rename':
      return rename(table, operator.columns)
    case 'project-away':
    case 'project-keep': {
      const checks = operator.columns.map(matcherOf)
      const isKeep = operator.name === 'project-keep'
      return keepColumns(
        table,
        [...table.columns.keys()].filter((name) => checks.some((check) => check(name)) === isKeep),
      )
    }
    case 'project-reorder': {
      const checks = operator.columns.map(matcherOf)
      const names = [...table.columns.keys()]
      const first = checks.flatMap((check) => names.filter(check))
      return keepColumns(table, [...new Set([...first, ...names])])
    }
    default:
      throw unsupported(`The operator ${operator.name}`, operator)
  }
}

function matcherOf(node: KustoExpression): (name: string) => boolean {
  if (node.kind === 'star') return () => true
  if (node.kind !== 'name') throw unsupported('More than the name of a column', node)
  return compilePattern(readWildcards(node.name, { any: '*', isCaseless: false }))
}

function keepColumns(table: KustoTable, names: readonly string[]): KustoTable {
  const types = new Map(names.map((name) => [name, table.columns.get(name)!]))
  const rows = table.rows.map(
    (row) => new Map(names.map((name) => [name, row.get(name) ?? missing(types.get(name)!)])),
  )
  return { columns: types, rows }
}

function rename(table: KustoTable, nodes: readonly KustoExpression[]): KustoTable {
  const to = new Map(
    nodes.map((node): [string, string] => {
      if (node.kind !== 'named' || node.value.kind !== 'name')
        throw unsupported('This renaming', node)
      return [node.value.name, node.names[0]!.name]
    }),
  )
  const renamed = new Map([...table.columns].map(([name, type]) => [to.get(name) ?? name, type]))
  const rows = table.rows.map(
    (row) => new Map([...row].map(([name, value]) => [to.get(name) ?? name, value])),
  )
  return { columns: renamed, rows }
}

export function compileColumns(
  nodes: readonly KustoExpression[],
  table: KustoTable,
  scope: StepScope,
  prefix: string,
  isOrdered: boolean,
): readonly Column[] {
  const own = {
    ...scope.computeScope(table.columns),
    ...(isOrdered ? { window: windowOver(table) } : {}),
  }
  let unnamed = 0
  return nodes.map((node, at) => {
    if (node.kind === 'named') {
      const [name, more] = node.names
      if (more) throw unsupported('Several columns of one expression', node)
      return { name: name!.name, ...compute(node.value, own) }
    }
    const name = nameOf(node) ?? (prefix === 'print_' ? `print_${at}` : `Column${++unnamed}`)
    return { name, ...compute(node, own) }
  })
}

/** A column keeps its name, also inside `bin` and the like; a path ends with it. */
export function nameOf(node: KustoExpression): string | undefined {
  if (node.kind === 'name') return node.name
  if (node.kind === 'call' && /^(?:bin|floor|startof\w+|endof\w+)$/i.test(node.name)) {
    const [first] = node.arguments
    return first && nameOf(first)
  }
  if (node.kind !== 'path') return undefined
  const [left, right] = [nameOf(node.left), nameOf(node.right)]
  return left === undefined || right === undefined ? undefined : `${left}_${right}`
}

function extend(
  table: KustoTable,
  nodes: readonly KustoExpression[],
  scope: StepScope,
  isOrdered: boolean,
): KustoTable {
  const added = compileColumns(nodes, table, scope, 'Column', isOrdered)
  const types = new Map(table.columns)
  for (const { name, type } of added) types.set(name, type)
  const rows = stepped(table, scope).map((row) => {
    const out = new Map(row)
    for (const { name, of } of added) out.set(name, of(row))
    return out
  })
  return { columns: types, rows }
}

function project(
  table: KustoTable,
  nodes: readonly KustoExpression[],
  scope: StepScope,
  isOrdered: boolean,
  prefix = 'Column',
): KustoTable {
  const kept = compileColumns(nodes, table, scope, prefix, isOrdered)
  const rows = stepped(table, scope).map(
    (row) => new Map(kept.map(({ name, of }) => [name, of(row)])),
  )
  return { columns: new Map(kept.map(({ name, type }) => [name, type])), rows }
}

/** `prev`, `next`, `row_number`, `row_cumsum` over rows that have an order. */
function windowOver({ rows }: KustoTable): NonNullable<ComputeScope['window']> {
  const places = new Map(rows.map((row, at) => [row, at]))
  return (node: KustoCall, given) => {
    const [first, second, third] = given
    const number = (one: Computed | undefined, other: number) => {
      const value = one?.of(new Map())
      return typeof value === 'number' ? value : other
    }
    switch (node.name.toLowerCase()) {
      case 'prev':
      case 'next': {
        const step = number(second, 1) * (node.name.toLowerCase() === 'prev' ? -1 : 1)
        const of = (row: KustoRow) => {
          const other = rows[places.get(row)! + step]
          return other ? first!.of(other) : (third?.of(row) ?? missing(first!.type))
        }
        return { type: first!.type, of }
      }
      case 'row_number':
        if (given.length > 1) throw unsupported('row_number that starts anew', node)
        return { type: 'long', of: (row) => places.get(row)! + number(first, 1) }
      case 'row_cumsum': {
        if (given.length > 1) throw unsupported('row_cumsum that starts anew', node)
        let total = 0
        const sums = rows.map((row) => (total += Number(first!.of(row) ?? 0)))
        return { type: first!.type, of: (row) => sums[places.get(row)!]! }
      }
      default:
        return undefined
    }
  }
}
