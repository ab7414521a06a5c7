// ES|QL expressions as functions over a row. Logic has three values; a comparison or a function of
// single values that meets several answers null, and the reader is told once.
// Source: elastic.co/docs, ES|QL "Operators", "Multivalued fields", read 2026-11.

import { junction, Refusal, unsupported, type Fields, type Value } from '#languages/evaluation.ts'
import { negated, single, type Computed, type ComputeScope } from './computed.ts'
import { spanOf } from './dates.ts'
import {
  arithmetic,
  caseless,
  comparison,
  dateOf,
  isLiteral,
  like,
  list,
  negation,
  ORDERS,
  rlike,
} from './operators.ts'
import { ESQL_SCALARS } from './scalars.ts'
import type { EsqlBinary, EsqlCall, EsqlCast, EsqlExpression, EsqlMembership } from './tree.ts'
import { commonType, orderOf, textFrom, type EsqlType } from './values.ts'

/** Throws `Refusal`. */
export function compute(node: EsqlExpression, scope: ComputeScope): Computed {
  switch (node.kind) {
    case 'and':
    case 'or':
      return {
        type: 'boolean',
        of: junction(
          node.kind,
          node.items.map((item) => condition(item, scope)),
        ),
      }
    case 'not': {
      const item = condition(node.item, scope)
      return { type: 'boolean', of: (row) => negated(item(row)) }
    }
    case 'negation':
      return negation(compute(node.item, scope), scope)
    case 'binary':
      return binary(node, scope)
    case 'membership':
      return membership(node, scope)
    case 'null_test': {
      const { of } = compute(node.item, scope)
      return { type: 'boolean', of: (row) => (of(row) === null) !== node.isNegated }
    }
    case 'cast':
      return cast(node, scope)
    case 'call':
      return call(node, scope)
    case 'field': {
      const { name } = node
      return { type: scope.typeOf(name), of: (row) => row.get(name) ?? null }
    }
    case 'literal':
      return { type: literalType(node, scope), of: () => node.value }
    case 'interval':
      return { type: 'span', of: () => null, span: spanOf(node.amount, node.unit) }
    case 'list':
      return list(node.items.map((item) => compute(item, scope)))
    case 'map':
    case 'parameter':
      throw unsupported(node.kind === 'map' ? 'A map of options' : 'A parameter', node)
  }
}

/** True only where the condition is true: null drops a row like false. */
export function compileFilter(node: EsqlExpression, scope: ComputeScope): (row: Fields) => boolean {
  const holds = condition(node, scope)
  return (row) => holds(row) === true
}

function condition(node: EsqlExpression, scope: ComputeScope): (row: Fields) => boolean | null {
  const { type, of } = compute(node, scope)
  if (type !== 'boolean' && type !== 'null' && type !== 'unknown') {
    throw new Refusal('type-mismatch', 'A condition must be true or false.', node)
  }
  return (row) => {
    const value = single(of(row), scope)
    if (value === null || typeof value === 'boolean') return value
    throw new Refusal('type-mismatch', 'A condition must be true or false.', node)
  }
}

function literalType(node: EsqlExpression & { kind: 'literal' }, scope: ComputeScope): EsqlType {
  if (node.value === null) return 'null'
  if (typeof node.value === 'boolean') return 'boolean'
  if (typeof node.value === 'string') return 'keyword'
  return /[.eE]/.test(scope.text.slice(node.start, node.end)) ? 'double' : 'long'
}

function binary(node: EsqlBinary, scope: ComputeScope): Computed {
  const { operator } = node
  if (operator === 'like' || operator === 'rlike')
    return pattern(operator, node, [node.right], scope)
  if (operator === ':') throw unsupported('The match operator “:”', node)
  const [left, right] = [compute(node.left, scope), compute(node.right, scope)]
  if (operator === '=~') return caseless(left, right, scope)
  const holds = ORDERS[operator]
  return holds === undefined
    ? arithmetic(node, left, right, scope)
    : comparison(node, left, right, holds, scope)
}

function membership(node: EsqlMembership, scope: ComputeScope): Computed {
  if (node.operator !== 'in') return pattern(node.operator, node, node.list, scope)
  const left = compute(node.left, scope)
  const others = node.list.map((item) => {
    if (left.type === 'date' && isLiteral(item)) return dateOf(item)
    return compute(item, scope).of
  })
  const of = (row: Fields) => {
    const value = single(left.of(row), scope)
    if (value === null) return null
    let result: boolean | null = false
    for (const other of others) {
      const order = orderOf(value, single(other(row), scope), node)
      if (order === 0) return !node.isNegated
      if (order === null) result = null
    }
    return node.isNegated ? negated(result) : result
  }
  return { type: 'boolean', of }
}

/** Patterns are over the whole value, with case. In LIKE a backslash escapes. */
function pattern(
  operator: 'like' | 'rlike',
  node: EsqlBinary | EsqlMembership,
  patterns: readonly EsqlExpression[],
  scope: ComputeScope,
): Computed {
  const left = compute(node.left, scope)
  const checks = patterns.map((item) => {
    if (!isLiteral(item)) throw unsupported('A pattern that is no text', item)
    return operator === 'like' ? like(item.value) : rlike(item.value, item)
  })
  const of = (row: Fields) => {
    const value = single(left.of(row), scope)
    if (value === null) return null
    const text = textFrom(value, operator.toUpperCase())
    return checks.some((check) => check(text)) !== node.isNegated
  }
  return { type: 'boolean', of }
}

const CAST_NAMES: Readonly<Record<string, string>> = {
  bool: 'boolean',
  int: 'integer',
  str: 'string',
  dbl: 'double',
  keyword: 'string',
  text: 'string',
  dt: 'datetime',
  date: 'datetime',
}

function cast(node: EsqlCast, scope: ComputeScope): Computed {
  const name = `to_${CAST_NAMES[node.type] ?? node.type}`
  const { start, end } = node
  return call({ kind: 'call', name, arguments: [node.item], start, end }, scope)
}

function call(node: EsqlCall, scope: ComputeScope): Computed {
  if (node.name === 'now') return { type: 'date', of: () => scope.now }
  if (node.name === 'case') return caseOf(node, scope)
  if (node.name === 'coalesce') return coalesce(node, scope)
  if (node.name === 'qstr') return fullText(node, scope)
  const scalar = ESQL_SCALARS.get(node.name)
  if (scalar === undefined) throw unsupported(`The function ${node.name.toUpperCase()}`, node)
  const given = node.arguments.map((item) => compute(item, scope))
  const types = given.map(({ type }) => type)
  const spans = given.map(({ span }) => span)
  const type = typeof scalar.type === 'function' ? scalar.type(types) : scalar.type
  const of = (row: Fields): Value => {
    const values: Value[] = []
    for (const [at, item] of given.entries()) {
      const value = scalar.takesMany ? item.of(row) : single(item.of(row), scope)
      if (value === null && spans[at] === undefined && !scalar.takesNull) return null
      values.push(value)
    }
    return scalar.apply(values, { types, spans })
  }
  return { type, of }
}

/** The first condition that is true decides; what is null or several values is not true. */
function caseOf(node: EsqlCall, scope: ComputeScope): Computed {
  const branches: { readonly holds: (row: Fields) => boolean | null; readonly value: Computed }[] =
    []
  const given = node.arguments
  for (let at = 0; at + 1 < given.length; at += 2) {
    branches.push({ holds: condition(given[at]!, scope), value: compute(given[at + 1]!, scope) })
  }
  const last = given.length % 2 === 1 ? compute(given.at(-1)!, scope) : undefined
  const of = (row: Fields): Value => {
    const branch = branches.find(({ holds }) => holds(row) === true)
    return (branch?.value ?? last)?.of(row) ?? null
  }
  const types = branches.map(({ value }) => value.type)
  return { type: commonType(last ? [...types, last.type] : types), of }
}

function coalesce(node: EsqlCall, scope: ComputeScope): Computed {
  const given = node.arguments.map((item) => compute(item, scope))
  const of = (row: Fields): Value => {
    for (const item of given) {
      const value = item.of(row)
      if (value !== null) return value
    }
    return null
  }
  return { type: commonType(given.map(({ type }) => type)), of }
}

function fullText(node: EsqlCall, scope: ComputeScope): Computed {
  const [query] = node.arguments
  if (scope.fullText === undefined || query === undefined || !isLiteral(query)) {
    throw unsupported(`The function ${node.name.toUpperCase()}`, node)
  }
  return { type: 'boolean', of: scope.fullText(query.value) }
}
