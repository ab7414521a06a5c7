// What an EQL query reads: event categories, fields, functions. The index it runs over stands in
// the request beside it, so a query is *scoped* here only by tests on the data set every event of
// every term must satisfy. EQL can only read; what it can do badly is cost.

import { LineMap, type Problem } from '#kernel/problem.ts'
import type { Mention, QueryFacts, Source } from '#languages/query.ts'
import type { EqlEventFilter, EqlExpression, EqlField, EqlQuery, EqlTerm } from './tree.ts'

const NARROWING = new Set(['_index', 'data_stream.dataset', 'data_stream.type', 'event.dataset'])
const DAY_MS = 86_400_000

export function readEql(query: EqlQuery, text: string): QueryFacts {
  const terms = query.kind === 'event' ? [] : termsOf(query)
  const filters = query.kind === 'event' ? [query.filter] : terms.map((term) => term.filter)
  const by = query.kind === 'event' ? [] : [...query.by, ...terms.flatMap((term) => term.by)]
  const expressions = [
    ...filters.map((filter) => filter.condition),
    ...by,
    ...query.pipes.flatMap((pipe) => pipe.arguments),
  ]
  const nodes = expressions.flatMap(walk)
  const narrowing = filters.map((filter) => required(filter.condition))
  const isScoped = narrowing.length > 0 && narrowing.every((sources) => sources.length > 0)
  return {
    sources: [...filters.map(categoryOf), ...nodes.flatMap(indexesOf)],
    fields: nodes.filter((node) => node.kind === 'field').map(mention),
    commands: query.pipes.map(mention),
    functions: nodes.filter((node) => node.kind === 'call').map(mention),
    scope: isScoped ? { state: 'scoped', by: narrowing.flat() } : { state: 'unscoped', by: [] },
    time: { earliest: null, latest: null, basis: null }, // the request's own filter bounds it
    effects: [],
    costs: costsOf(query, nodes, new LineMap(text)),
  }
}

function termsOf(query: Exclude<EqlQuery, { kind: 'event' }>): readonly EqlTerm[] {
  return query.kind !== 'sample' && query.until ? [...query.terms, query.until] : query.terms
}

function mention({ name, start, end }: Mention): Mention {
  return { name, start, end }
}

function categoryOf({ category }: EqlEventFilter): Source {
  return { ...category, kind: 'event_category', isPattern: category.name === 'any' }
}

/** The node and everything below it. */
function walk(node: EqlExpression): EqlExpression[] {
  return [node, ...childrenOf(node).flatMap(walk)]
}

function childrenOf(node: EqlExpression): readonly EqlExpression[] {
  switch (node.kind) {
    case 'and':
    case 'or':
      return node.items
    case 'not':
    case 'negation':
      return [node.item]
    case 'comparison':
    case 'arithmetic':
      return [node.left, node.right]
    case 'membership':
      return [node.left, ...node.list]
    case 'call':
      return node.arguments
    case 'field':
    case 'literal':
      return []
  }
}

// Only what every matching event must satisfy: all parts of an `and`, each part of an `or`.
function required(node: EqlExpression): readonly Source[] {
  if (node.kind === 'and') return node.items.flatMap(required)
  if (node.kind !== 'or') return node.kind === 'membership' && node.isNegated ? [] : indexesOf(node)
  const parts = node.items.map(required)
  return parts.every((part) => part.length > 0) ? parts.flat() : []
}

function indexesOf(node: EqlExpression): readonly Source[] {
  if (node.kind === 'comparison' && node.operator === '==') return named(node.left, [node.right])
  if (node.kind === 'membership' && !node.isNegated && !node.operator.startsWith('regex')) {
    return named(node.left, node.list)
  }
  return []
}

function named(field: EqlExpression, values: readonly EqlExpression[]): readonly Source[] {
  if (field.kind !== 'field' || !NARROWING.has(field.name)) return []
  return values.flatMap((value) => {
    if (value.kind !== 'literal' || typeof value.value !== 'string') return []
    const { start, end } = value
    return [{ kind: 'index', name: value.value, isPattern: /[*?]/.test(value.value), start, end }]
  })
}

function costsOf(
  query: EqlQuery,
  nodes: readonly EqlExpression[],
  map: LineMap,
): readonly Problem[] {
  const costs: Problem[] = []
  const note = (code: string, at: { start: number; end: number }, message: string, hint: string) =>
    costs.push({ code, severity: 'warning', message, hint, ...map.span(at.start, at.end) })
  for (const { at } of leadingWildcards(nodes)) {
    const message =
      'A pattern that begins with a wildcard is compared with every value of the field.'
    note(
      'cost/leading-wildcard',
      at,
      message,
      'Where the field has a `wildcard` type it costs less.',
    )
  }
  if (query.kind === 'sequence' && query.maxspan === null) {
    const message = 'A sequence without “maxspan” keeps every open start until the search ends.'
    note(
      'cost/no-maxspan',
      { start: query.start, end: query.start + 8 },
      message,
      'Add “with maxspan=…”.',
    )
  }
  if (query.kind === 'sequence' && (query.maxspan?.milliseconds ?? 0) > DAY_MS) {
    const message = 'A sequence over more than a day keeps its open starts for as long.'
    note('cost/long-maxspan', query.maxspan!, message, 'Shorten “maxspan”, or count with ES|QL.')
  }
  return costs
}

function leadingWildcards(
  nodes: readonly EqlExpression[],
): readonly { at: EqlExpression; field: EqlField }[] {
  return nodes.flatMap((node) => {
    if (node.kind !== 'membership' || node.left.kind !== 'field') return []
    if (node.operator !== ':' && !node.operator.startsWith('like')) return []
    const field = node.left
    return node.list.filter(startsWithWildcard).map((at) => ({ at, field }))
  })
}

function startsWithWildcard(node: EqlExpression): boolean {
  if (node.kind !== 'literal' || typeof node.value !== 'string') return false
  return /^[*?]./.test(node.value)
}
