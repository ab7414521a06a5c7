// Whether two Kusto queries mean the same, and the smallest difference in words when not. Order and
// repetition inside conditions and lists, white space, comments and needless brackets make no
// difference; the order of operators, columns and aggregates does.

import { describeDifference, type Facets } from '#languages/difference.ts'
import type {
  KustoExpression,
  KustoFunction,
  KustoOperator,
  KustoOption,
  KustoQuery,
  KustoSeries,
  KustoStatement,
} from './tree.ts'

/** Null when both mean the same. */
export function compareKusto(before: KustoQuery, after: KustoQuery): string | null {
  return describeDifference(stagesOf(before), stagesOf(after))
}

// A statement is its source and then its operators, so that a change names the operator.
function stagesOf(query: KustoQuery): readonly Facets[] {
  return query.statements.flatMap((statement) => {
    const value = statement.kind === 'directive' ? null : statement.value
    if (value?.kind !== 'pipe') return [[line(statement)]]
    const head = statement.kind === 'let' ? [`let ${statement.name.name} =`] : []
    const source = value.source === null ? [] : [canonical(value.source)]
    const first = [...head, ...source].join(' ')
    return [...(first === '' ? [] : [[first]]), ...value.operators.map(facets)]
  })
}

function line(statement: KustoStatement): string {
  if (statement.kind === 'directive') return statement.text
  const value = canonical(statement.value)
  return statement.kind === 'let' ? `let ${statement.name.name} = ${value}` : value
}

const SAME: Readonly<Record<string, string>> = { filter: 'where', limit: 'take', order: 'sort' }
/** What `join` is without a kind. */
const JOIN_KIND = 'kind=innerunique'

// The first facet is the operator's name.
function facets(operator: KustoOperator): Facets {
  const name = SAME[operator.name] ?? operator.name
  const options = operator.options.map(option).toSorted()
  switch (operator.kind) {
    case 'where': {
      const { condition } = operator
      const parts = condition.kind === 'and' ? condition.items : [condition]
      return [name, ...unique(parts.map(canonical)), ...options]
    }
    case 'columns':
      return [name, ...operator.columns.map(canonical), ...options]
    case 'summarize':
      return [name, ...operator.aggregates.map(canonical), ...operator.by.map(by), ...options]
    case 'limit':
      return [name, canonical(operator.count), ...options]
    case 'sort':
      return [name, ...operator.by.map(order), ...options]
    case 'top':
      return [name, canonical(operator.count), order(operator.by), ...options]
    case 'count':
      return operator.as === null ? [name] : [name, `as ${operator.as}`]
    case 'join': {
      const kind = options.some((text) => text.startsWith('kind='))
        ? options
        : [JOIN_KIND, ...options]
      const on = unique(operator.on.map((item) => `on ${canonical(item)}`))
      return [name, ...(name === 'join' ? kind : options), canonical(operator.right), ...on]
    }
    case 'union':
      return [name, ...operator.tables.map(canonical).toSorted(), ...options]
    case 'search':
      return [
        name,
        ...operator.tables.map((table) => `in ${canonical(table)}`).toSorted(),
        ...(operator.condition === null ? [] : [canonical(operator.condition)]),
        ...operator.columns.map(canonical),
        ...options,
      ]
    case 'expand':
      return [name, ...operator.items.map(canonical), ...limit(operator.limit), ...options]
    case 'apply':
      return [
        name,
        ...operator.items.map(canonical),
        ...limit(operator.limit),
        canonical(operator.subquery),
      ]
    case 'parse':
      return [name, canonical(operator.item), ...operator.patterns.map(canonical), ...options]
    case 'series':
      return [name, ...seriesFacets(operator), ...options]
    case 'evaluate':
      return [name, canonical(operator.call), ...options]
    case 'range':
      return [
        name,
        operator.column.name,
        ...[operator.from, operator.to, operator.step].map(canonical),
      ]
    case 'render':
      return [name, operator.chart, ...options]
    case 'other':
      return [name, operator.text]
  }
}

function seriesFacets(operator: KustoSeries): readonly string[] {
  return [
    ...operator.aggregates.map(
      ({ value, fallback }) =>
        canonical(value) + (fallback === null ? '' : ` default=${canonical(fallback)}`),
    ),
    `on ${canonical(operator.on)}`,
    ...[operator.from, operator.to, operator.step].map((at) => (at ? canonical(at) : '')),
    ...(operator.isInclusive ? ['in range'] : []),
    ...operator.by.map(by),
  ]
}

// Rows sort descending unless told otherwise.
function order(item: KustoExpression): string {
  return item.kind === 'ordered' ? canonical(item) : `${canonical(item)} desc`
}

function by(item: KustoExpression): string {
  return `by ${canonical(item)}`
}

function limit(item: KustoExpression | null): readonly string[] {
  return item === null ? [] : [`limit ${canonical(item)}`]
}

function option({ name, value }: KustoOption): string {
  return `${name}=${canonical(value)}`
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].toSorted()
}

function canonical(node: KustoExpression): string {
  switch (node.kind) {
    case 'pipe': {
      const source = node.source === null ? [] : [canonical(node.source)]
      return `(${[...source, ...node.operators.map((item) => facets(item).join(' '))].join(' | ')})`
    }
    case 'name':
      return node.name
    case 'path':
      return `${canonical(node.left)}.${canonical(node.right)}`
    case 'element':
      return `${canonical(node.item)}[${canonical(node.selector)}]`
    case 'call':
      return `${node.name}(${node.arguments.map(canonical).join(', ')})`
    case 'and':
    case 'or':
      return `(${unique(node.items.map(canonical)).join(` ${node.kind} `)})`
    case 'binary':
      return `(${canonical(node.left)} ${node.operator} ${canonical(node.right)})`
    case 'unary':
      return `${node.operator}${canonical(node.item)}`
    case 'membership':
      return `${canonical(node.left)} ${node.operator} (${unique(node.list.map(canonical)).join(', ')})`
    case 'between': {
      const operator = node.isNegated ? '!between' : 'between'
      return `${canonical(node.item)} ${operator} (${canonical(node.low)} .. ${canonical(node.high)})`
    }
    case 'literal':
      return node.type === 'string' ? JSON.stringify(node.text) : `${node.type} ${node.text}`
    case 'array':
      return `[${node.items.map(canonical).join(', ')}]`
    case 'object':
      return `{${node.members.map(({ key, value }) => `"${key}": ${canonical(value)}`).join(', ')}}`
    case 'star':
      return '*'
    case 'named':
      return `${node.names.map((name) => name.name).join(', ')} = ${canonical(node.value)}`
    case 'ordered':
      return `${canonical(node.item)} ${node.direction ?? 'desc'} ${node.nulls ?? ''}`.trim()
    case 'typed':
      return `${canonical(node.item)}: ${node.type}`
    case 'function':
      return functionText(node)
    case 'datatable':
      return `datatable(${columns(node.columns)}) [${node.values.map(canonical).join(', ')}]`
    case 'externaldata': {
      const properties = node.properties.map(option).toSorted().join(', ')
      return `externaldata(${columns(node.columns)}) [${node.addresses.map(canonical).join(', ')}] ${properties}`
    }
    case 'wrapped':
      return `${node.name}(${canonical(node.item)})`
    case 'other':
      return node.text
  }
}

function functionText({ parameters, statements, result }: KustoFunction): string {
  const given = parameters.map(
    ({ name, type, fallback }) =>
      `${name.name}: ${type}${fallback === null ? '' : ` = ${canonical(fallback)}`}`,
  )
  const body = [...statements.map(line), ...(result === null ? [] : [canonical(result)])]
  return `(${given.join(', ')}) { ${body.join('; ')} }`
}

function columns(list: readonly { readonly name: string; readonly type: string }[]): string {
  return list.map(({ name, type }) => `${name}: ${type}`).join(', ')
}
