// Whether two ES|QL queries mean the same, and the smallest difference in words when not. Order and
// repetition inside `and`, `or`, value lists and index lists make no difference, nor do white space,
// comments and case of keywords; the order of commands and of columns does.

import { describeDifference, type Facets } from '#languages/difference.ts'
import type { EsqlAssignment, EsqlCommand, EsqlExpression, EsqlQuery } from './tree.ts'

/** Null when both mean the same. */
export function compareEsql(before: EsqlQuery, after: EsqlQuery): string | null {
  return describeDifference(before.commands.map(facets), after.commands.map(facets))
}

// The first facet is the command's name.
function facets(command: EsqlCommand): Facets {
  const name = command.name.toUpperCase()
  switch (command.kind) {
    case 'from': {
      const patterns = command.patterns.map((pattern) =>
        pattern.cluster === null ? pattern.name : `${pattern.cluster}:${pattern.name}`,
      )
      const inner = command.subqueries.map((query) => `(${query.commands.map(line).join(' | ')})`)
      const metadata = command.metadata.map((field) => `METADATA ${field.name}`)
      return [name, ...[...patterns, ...inner, ...metadata].toSorted()]
    }
    case 'columns':
      return [name, ...command.columns.map((column) => column.name)]
    case 'fork':
      return [name, ...command.branches.map((branch) => `(${branch.map(line).join(' | ')})`)]
    case 'lookup_join':
      return [name, command.index.name, ...command.on.map((field) => `ON ${canonical(field)}`)]
    case 'enrich':
      return [name, command.policy.name, command.on?.name ?? '', ...command.added.map(assignment)]
    case 'stats': {
      const aggregates = command.aggregates.map((item) =>
        item.where === null
          ? assignment(item)
          : `${assignment(item)} WHERE ${canonical(item.where)}`,
      )
      return [name, ...aggregates, ...command.by.map((item) => `BY ${assignment(item)}`)]
    }
    case 'plain':
      return [name, ...plainFacets(command)]
  }
}

// All parts of a condition must hold, so each is a facet of its own, in any order.
function plainFacets(command: Extract<EsqlCommand, { kind: 'plain' }>): readonly string[] {
  const [only] = command.arguments
  if (command.name === 'where' && only?.value.kind === 'and') {
    return [...new Set(flatten(only.value).map(canonical))].toSorted()
  }
  return command.arguments.map((item) =>
    // Rows sort ascending unless told otherwise.
    `${item.words} ${assignment(item)} ${item.wordsAfter.replace(/^asc\b/, '')}`.trim(),
  )
}

function line(command: EsqlCommand): string {
  return facets(command).join(' ')
}

function assignment({ target, value }: EsqlAssignment): string {
  return target === null ? canonical(value) : `${target.name} = ${canonical(value)}`
}

function flatten(node: Extract<EsqlExpression, { kind: 'and' | 'or' }>): EsqlExpression[] {
  return node.items.flatMap((item) => (item.kind === node.kind ? flatten(item) : [item]))
}

function canonical(node: EsqlExpression): string {
  switch (node.kind) {
    case 'and':
    case 'or':
      return `(${[...new Set(flatten(node).map(canonical))].toSorted().join(` ${node.kind} `)})`
    case 'not':
      return `not ${canonical(node.item)}`
    case 'negation':
      return `-${canonical(node.item)}`
    case 'binary':
      return `(${canonical(node.left)} ${node.isNegated ? 'not ' : ''}${node.operator} ${canonical(node.right)})`
    case 'membership': {
      const list = [...new Set(node.list.map(canonical))].toSorted().join(', ')
      return `${canonical(node.left)} ${node.isNegated ? 'not ' : ''}${node.operator} (${list})`
    }
    case 'null_test':
      return `${canonical(node.item)} is ${node.isNegated ? 'not ' : ''}null`
    case 'cast':
      return `${canonical(node.item)}::${node.type}`
    case 'call':
      return `${node.name}(${node.arguments.map(canonical).join(', ')})`
    case 'list':
      return `[${node.items.map(canonical).join(', ')}]`
    case 'map':
      return `{${node.members.map(({ key, value }) => `"${key}": ${canonical(value)}`).join(', ')}}`
    case 'interval':
      return `${node.amount} ${node.unit}`
    case 'literal':
      return JSON.stringify(node.value)
    case 'field':
    case 'parameter':
      return node.name
  }
}
