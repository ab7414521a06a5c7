// EQL of the simple kind: one event and a condition over its fields. An order with a missing field is
// neither true nor false. Source: elastic.co/docs, EQL syntax reference, read 2026-11.

import { hasErrors } from '#kernel/problem.ts'
import { parseEql } from '#languages/eql/parse.ts'
import type { EqlExpression, EqlMembership } from '#languages/eql/tree.ts'
import { allOf, anyOf, not, type Predicate } from '#languages/predicate.ts'
import { equality, fieldOf, textOf } from './elastic-terms.ts'
import {
  bothOf,
  Declined,
  eitherOf,
  fieldTest,
  opposite,
  textTest,
  truthOf,
  type SimpleQuery,
  type Truth,
} from './read.ts'

/** Throws `Declined`. */
export function readEqlSimply(text: string): SimpleQuery {
  const { value: query, problems } = parseEql(text)
  if (query === undefined || hasErrors(problems)) {
    throw new Declined('unreadable', 'The query cannot be read without its errors.')
  }
  if (query.kind !== 'event') throw new Declined('several_sources', `A ${query.kind} of events.`)
  if (query.pipes.length > 0) throw new Declined('computes', 'Pipes do more than filter.')
  const { category, condition } = query.filter
  const kind: readonly Predicate[] =
    category.name === 'any'
      ? []
      : [textTest('event.category', { text: category.name, isCased: true })]
  const filter = allOf([...kind, read(condition).yes])
  return { filterText: text, table: null, filter, scope: [], scopeFields: {} }
}

const ORDERS: Readonly<Record<string, 'lt' | 'lte' | 'gt' | 'gte'>> = {
  '<': 'lt',
  '<=': 'lte',
  '>': 'gt',
  '>=': 'gte',
}

function read(node: EqlExpression): Truth {
  switch (node.kind) {
    case 'and':
      return bothOf(node.items.map(read))
    case 'or':
      return eitherOf(node.items.map(read))
    case 'not':
      return opposite(read(node.item))
    case 'membership': {
      const truth = termOf(readMembership(node))
      return node.isNegated ? opposite(truth) : truth
    }
    case 'comparison': {
      const field = fieldOf(node.left)
      if (node.operator === '==') return termOf(equality(field, node.right))
      if (node.operator === '!=') return opposite(termOf(equality(field, node.right)))
      const { right } = node
      if (right.kind !== 'literal' || typeof right.value !== 'number') {
        throw new Declined('operator', `“${node.operator}” compares ${field} with a text.`)
      }
      const op = ORDERS[node.operator]!
      return truthOf(field, fieldTest(field, { kind: 'compare', op, value: right.value }))
    }
    case 'call':
      throw new Declined('computes', `“${node.name}” computes.`)
    default:
      throw new Declined('computes', 'A condition computes more than a test of a field.')
  }
}

/** A field against values is a term query: where the field is missing it is false, and not unknown. */
function termOf(yes: Predicate): Truth {
  return { yes, no: not(yes) }
}

function readMembership({ operator, left, list }: EqlMembership): Predicate {
  const field = fieldOf(left)
  if (operator.startsWith('regex')) throw new Declined('operator', 'regex has rules of its own.')
  const isCased = operator === 'in' || operator === 'like'
  const hasWildcards = !operator.startsWith('in')
  const tests = list.map((one) => {
    if (one.kind === 'literal' && typeof one.value !== 'string') return equality(field, one)
    const wildcards = hasWildcards ? { any: '*', one: '?' } : {}
    return textTest(field, { text: textOf(one), isCased, ...wildcards })
  })
  return anyOf(tests)
}
