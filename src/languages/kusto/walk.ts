// Visits a Kusto tree: the one place that knows where children are.

import type { KustoExpression, KustoOperator, KustoQuery, KustoStatement } from './tree.ts'

export type KustoNode = KustoExpression | KustoOperator | KustoStatement

/** The node and everything below it, outermost first. */
export function* walk(node: KustoNode): Generator<KustoNode> {
  yield node
  for (const child of childrenOf(node)) yield* walk(child)
}

export function* walkQuery(query: KustoQuery): Generator<KustoNode> {
  for (const statement of query.statements) yield* walk(statement)
}

export function isOperator(node: KustoNode): node is KustoOperator {
  return 'nameRange' in node && 'options' in node
}

export function childrenOf(node: KustoNode): readonly KustoNode[] {
  switch (node.kind) {
    case 'let':
    case 'run':
    case 'named':
      return [node.value]
    case 'directive':
      return node.parts
    case 'other':
      return isOperator(node) ? [...node.parts, ...optionsOf(node)] : node.parts
    case 'pipe':
      return node.source === null ? node.operators : [node.source, ...node.operators]
    case 'path':
    case 'binary':
      return [node.left, node.right]
    case 'element':
      return [node.item, node.selector]
    case 'call':
      return node.arguments
    case 'and':
    case 'or':
    case 'array':
      return node.items
    case 'unary':
    case 'ordered':
    case 'typed':
    case 'wrapped':
      return [node.item]
    case 'membership':
      return [node.left, ...node.list]
    case 'between':
      return [node.item, node.low, node.high]
    case 'object':
      return node.members.map((member) => member.value)
    case 'function':
      return [...node.statements, ...some(node.result)]
    case 'datatable':
      return node.values
    case 'externaldata':
      return node.addresses
    case 'name':
    case 'literal':
    case 'star':
      return []
    default:
      return [...operandsOf(node), ...optionsOf(node)]
  }
}

function operandsOf(node: Exclude<KustoOperator, { kind: 'other' }>): readonly KustoExpression[] {
  switch (node.kind) {
    case 'where':
      return [node.condition]
    case 'columns':
      return node.columns
    case 'summarize':
      return [...node.aggregates, ...node.by]
    case 'limit':
      return [node.count]
    case 'sort':
      return node.by
    case 'top':
      return [node.count, node.by]
    case 'join':
      return [node.right, ...node.on]
    case 'union':
      return node.tables
    case 'search':
      return [...node.tables, ...some(node.condition), ...node.columns]
    case 'expand':
      return [...node.items, ...some(node.limit)]
    case 'apply':
      return [...node.items, ...some(node.limit), node.subquery]
    case 'parse':
      return [node.item, ...node.patterns]
    case 'series':
      return [
        ...node.aggregates.flatMap(({ value, fallback }) => [value, ...some(fallback)]),
        node.on,
        ...some(node.from),
        ...some(node.to),
        ...some(node.step),
        ...node.by,
      ]
    case 'evaluate':
      return [node.call]
    case 'range':
      return [node.from, node.to, node.step]
    case 'count':
    case 'render':
      return []
  }
}

function optionsOf(node: KustoOperator): readonly KustoExpression[] {
  return node.options.map((option) => option.value)
}

function some(node: KustoExpression | null): readonly KustoExpression[] {
  return node === null ? [] : [node]
}
