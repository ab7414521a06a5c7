// `mv-expand`: a row for each element of lists, several of them side by side. Bags give bags of one
// entry. Source: learn.microsoft.com, Kusto "mv-expand operator", read 2026-11.

import { unsupported } from '#languages/evaluation.ts'
import { nameOf } from './column-steps.ts'
import { compute } from './compute.ts'
import type { Computed, ComputeScope } from './computed.ts'
import { constant, stepped, type StepScope } from './step.ts'
import type { KustoExpand, KustoExpression } from './tree.ts'
import {
  missing,
  readInstant,
  readSpan,
  textOf,
  typeNamed,
  writeDate,
  writeSpan,
  type KustoTable,
  type KustoType,
  type KustoValue,
} from './values.ts'

/** Of the older `mvexpand`. */
const OLD_LIMIT = 128

/** An empty list gives no row; shorter lists are filled up with nulls. */
export function expand(table: KustoTable, operator: KustoExpand, scope: StepScope): KustoTable {
  const [option] = operator.options
  if (option) throw unsupported('mv-expand with options', option)
  const own = scope.computeScope(table.columns)
  const items = operator.items.map((item) => compileItem(item, own))
  const usual = operator.name === 'mvexpand' ? OLD_LIMIT : Infinity
  const most = operator.limit === null ? usual : constant(operator.limit, own)
  let held = 0
  const rows = stepped(table, scope).flatMap((row) => {
    const lists = items.map(({ of }) => elementsOf(of(row), items.length > 1, operator))
    const longest = Math.max(0, ...lists.map(({ length }) => length))
    const count = Math.min(longest, most)
    held += count
    scope.budget.holdRows(held)
    return Array.from({ length: count }, (_, place) => {
      const out = new Map(row)
      for (const [at, { name, to }] of items.entries()) {
        const value = lists[at]![place]
        out.set(name, value === undefined ? missing(to) : convert(value, to))
      }
      return out
    })
  })
  const columns = new Map(table.columns)
  for (const { name, to } of items) columns.set(name, to)
  return { columns, rows }
}

interface Item extends Computed {
  readonly name: string
  readonly to: KustoType
}

function compileItem(item: KustoExpression, scope: ComputeScope): Item {
  const [node, to] =
    item.kind === 'typed' ? [item.item, typeNamed(item.type)] : [item, 'dynamic' as const]
  const value = node.kind === 'named' ? node.value : node
  const name = node.kind === 'named' ? node.names[0]!.name : nameOf(node)
  if (name === undefined) throw unsupported('mv-expand of an expression without a name', node)
  return { name, to, ...compute(value, scope) }
}

/** What is no list stays one row where nothing stands beside it. */
function elementsOf(
  value: KustoValue,
  isOneOfSeveral: boolean,
  operator: KustoExpand,
): readonly KustoValue[] {
  if (Array.isArray(value)) return value as readonly KustoValue[]
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value)
    if (entries.length === 0) throw unsupported('mv-expand of an empty bag', operator)
    return entries.map(([key, one]) => ({ [key]: one }))
  }
  if (isOneOfSeveral) throw unsupported('mv-expand of several columns that are no lists', operator)
  return [value]
}

/** `to typeof(long)`: what is of another type is null. */
function convert(value: KustoValue, type: KustoType): KustoValue {
  switch (type) {
    case 'dynamic':
      return value
    case 'string':
      return textOf(value, 'dynamic')
    case 'long':
    case 'real':
      return typeof value === 'number' ? value : null
    case 'bool':
      return typeof value === 'boolean' ? value : null
    case 'datetime':
      return ownText(value, type, readInstant, writeDate)
    case 'timespan':
      return ownText(value, type, readSpan, writeSpan)
  }
}

/** Dates and spans in lists are texts as Kusto writes them; other texts may be no dates to it. */
function ownText(
  value: KustoValue,
  type: KustoType,
  read: (text: string) => number | null,
  write: (at: number) => string,
): KustoValue {
  if (value === null) return null
  const at = typeof value === 'string' ? read(value) : null
  if (at === null || write(at) !== value) throw unsupported(`mv-expand of this value to ${type}`)
  return at
}
