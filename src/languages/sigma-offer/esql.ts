// ES|QL of the simple kind: FROM, WHERE over fields, then at most what shapes the rows. A comparison with
// a missing field is neither true nor false. Source: elastic.co/docs, ES|QL reference 9.x, read 2026-11.

import { hasErrors } from '#kernel/problem.ts'
import { parseEsql } from '#languages/esql/parse.ts'
import type { EsqlBinary, EsqlCall, EsqlExpression, EsqlPlain } from '#languages/esql/tree.ts'
import { anyOf, not, type Predicate } from '#languages/predicate.ts'
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

const SHAPES = new Set(['keep', 'drop', 'rename', 'sort', 'limit', 'eval'])
const SOURCES = new Set(['fork', 'enrich', 'lookup_join'])

/** Throws `Declined`. */
export function readEsqlSimply(text: string): SimpleQuery {
  const { value: query, problems } = parseEsql(text)
  if (query === undefined || hasErrors(problems)) {
    throw new Declined('unreadable', 'The query cannot be read without its errors.')
  }
  const [from, ...rest] = query.commands
  if (from?.kind !== 'from' || from.subqueries.length > 0) {
    throw new Declined('several_sources', 'The query does not begin with FROM and its indexes.')
  }
  const wheres: EsqlPlain[] = []
  let isShaped = false
  for (const command of rest) {
    const { kind, name } = command
    if (kind === 'plain' && name === 'where' && !isShaped) wheres.push(command)
    else if (SHAPES.has(name)) isShaped = true
    else if (kind === 'stats')
      throw new Declined('aggregates', `“${name}” counts or groups events.`)
    else if (SOURCES.has(kind)) throw new Declined('several_sources', `“${name}” asks for more.`)
    else throw new Declined('computes', `“${name}” is more than a filter of fields.`)
  }
  const truth = bothOf(wheres.flatMap((one) => one.arguments.map(({ value }) => read(value))))
  return {
    filterText: text.slice(0, wheres.at(-1)?.end ?? from.end),
    table: null,
    filter: truth.yes,
    scope: from.patterns.map(({ name }) => `FROM ${name}`),
    scopeFields: {},
  }
}

function read(node: EsqlExpression): Truth {
  switch (node.kind) {
    case 'and':
      return bothOf(node.items.map(read))
    case 'or':
      return eitherOf(node.items.map(read))
    case 'not':
      return opposite(read(node.item))
    case 'null_test': {
      const exists = fieldTest(fieldOf(node.item), { kind: 'exists' })
      const truth = { yes: not(exists), no: exists }
      return node.isNegated ? opposite(truth) : truth
    }
    case 'binary': {
      const truth = readBinary(node)
      return node.isNegated ? opposite(truth) : truth
    }
    case 'membership': {
      const field = fieldOf(node.left)
      if (node.operator === 'rlike') throw new Declined('operator', 'RLIKE has rules of its own.')
      const any = node.operator === 'like'
      const tests = node.list.map((one) => (any ? like(field, one) : equality(field, one)))
      const truth = truthOf(field, anyOf(tests))
      return node.isNegated ? opposite(truth) : truth
    }
    case 'call':
      return readCall(node)
    default:
      throw new Declined('computes', 'A condition computes more than a test of a field.')
  }
}

const ORDERS: Readonly<Record<string, 'lt' | 'lte' | 'gt' | 'gte'>> = {
  '<': 'lt',
  '<=': 'lte',
  '>': 'gt',
  '>=': 'gte',
}

function readBinary({ operator, left, right }: EsqlBinary): Truth {
  const field = fieldOf(left)
  if (operator === '==') return truthOf(field, equality(field, right))
  if (operator === '!=') return opposite(truthOf(field, equality(field, right)))
  if (operator === 'like') return truthOf(field, like(field, right))
  const op = ORDERS[operator]
  if (op !== undefined && right.kind === 'literal' && typeof right.value === 'number') {
    return truthOf(field, fieldTest(field, { kind: 'compare', op, value: right.value }))
  }
  throw new Declined('operator', `“${operator}” is no test that Sigma has.`)
}

const TEXT_CALLS: Readonly<Record<string, 'startswith' | 'endswith'>> = {
  starts_with: 'startswith',
  ends_with: 'endswith',
}

function readCall({ name, arguments: given }: EsqlCall): Truth {
  const [subject, ...values] = given
  const how = TEXT_CALLS[name.toLowerCase()]
  if (subject === undefined) throw new Declined('computes', `“${name}” computes.`)
  if (name.toLowerCase() === 'cidr_match') {
    const field = fieldOf(subject)
    const networks = values.map((one) => textOf(one))
    const tests = networks.map((network) => fieldTest(field, { kind: 'cidr', network }))
    return truthOf(field, anyOf(tests))
  }
  if (how === undefined || values.length !== 1)
    throw new Declined('computes', `“${name}” computes.`)
  const field = fieldOf(subject)
  return truthOf(field, textTest(field, { text: textOf(values[0]!), isCased: true, how }))
}

function like(field: string, node: EsqlExpression): Predicate {
  const text = textOf(node)
  if (text.includes('\\')) throw new Declined('operator', 'LIKE with an escaped character.')
  return textTest(field, { text, isCased: true, any: '*', one: '?' })
}
