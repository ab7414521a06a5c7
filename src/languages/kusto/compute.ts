// Kusto expressions as functions over a row. `==` with one null is false and `!=` true; an order of size
// with a null, and with it any condition it decides, is null. Text operators ignore case unless they end
// with `_cs`. Source: learn.microsoft.com, Kusto "Null values", "String operators", "Logical operators",
// "Numerical operators", read 2026-11.

import { junction, Refusal, unsupported } from '#languages/evaluation.ts'
import type { Compute, Computed, ComputeScope } from './computed.ts'
import {
  arithmetic,
  checkTypes,
  choose,
  equality,
  memberOf,
  numberOr,
  ORDERS,
  regexTest,
} from './operators.ts'
import { KUSTO_SCALARS } from './scalars.ts'
import { textOperator } from './text-operators.ts'
import type {
  KustoBetween,
  KustoBinary,
  KustoCall,
  KustoExpression,
  KustoLiteral,
  KustoMembership,
} from './tree.ts'
import {
  missing,
  orderOf,
  readInstant,
  readSpan,
  textOf,
  type KustoRow,
  type KustoType,
  type KustoValue,
} from './values.ts'

/** Throws `Refusal`. */
export function compute(node: KustoExpression, scope: ComputeScope): Computed {
  switch (node.kind) {
    case 'literal':
      return literal(node)
    case 'name':
      return named(node.name, node, scope)
    case 'and':
    case 'or':
      return {
        type: 'bool',
        of: junction(
          node.kind,
          node.items.map((item) => condition(item, scope)),
        ),
      }
    case 'binary':
      return binary(node, scope)
    case 'unary': {
      const { type, of } = compute(node.item, scope)
      if (node.operator !== '-' && node.operator !== '+')
        throw unsupported(`“${node.operator}”`, node)
      const sign = node.operator === '-' ? -1 : 1
      return { type, of: (row) => numberOr(of(row), (value) => sign * value) }
    }
    case 'membership':
      return membership(node, scope)
    case 'between':
      return between(node, scope)
    case 'call':
      return call(node, scope)
    case 'path': {
      const left = compute(node.left, scope)
      if (node.right.kind !== 'name') throw unsupported('This path', node)
      const { name } = node.right
      return { type: 'dynamic', of: (row) => memberOf(left.of(row), name) }
    }
    case 'element': {
      const [item, selector] = [compute(node.item, scope), compute(node.selector, scope)]
      return { type: 'dynamic', of: (row) => memberOf(item.of(row), selector.of(row)) }
    }
    case 'array': {
      const items = node.items.map((item) => compute(item, scope))
      return { type: 'dynamic', of: (row) => items.map(({ of }) => of(row)) }
    }
    case 'object': {
      const members = node.members.map(({ key, value }) => [key, compute(value, scope)] as const)
      return {
        type: 'dynamic',
        of: (row) => Object.fromEntries(members.map(([key, { of }]) => [key, of(row)])),
      }
    }
    case 'wrapped': {
      if (node.name !== 'toscalar') throw unsupported(node.name, node)
      const { columns, rows } = scope.tableOf(node.item)
      const [[name, type] = ['', 'string' as const]] = columns
      const value = rows[0]?.get(name) ?? missing(type)
      return { type, of: () => value }
    }
    default:
      throw unsupported('This expression', node)
  }
}

function literal({ type, text }: KustoLiteral): Computed {
  const constant = (own: KustoType, value: KustoValue): Computed => ({ type: own, of: () => value })
  if (type === 'string' || type === 'guid' || type === 'word') return constant('string', text)
  if (text === 'null')
    return constant(
      type === 'int' || type === 'long' ? 'long' : type === 'bool' ? 'bool' : 'dynamic',
      null,
    )
  switch (type) {
    case 'bool':
      return constant('bool', text === 'true')
    case 'int':
    case 'long':
      return constant('long', Number(text))
    case 'real':
    case 'decimal':
      return constant('real', Number(text))
    case 'datetime':
      return constant('datetime', readInstant(text))
    case 'timespan':
      return constant('timespan', readSpan(text))
    case 'type':
      throw unsupported(`The type ${text}`)
  }
}

function named(name: string, node: KustoExpression, scope: ComputeScope): Computed {
  const type = scope.columns.get(name)
  if (type !== undefined) return { type, of: (row) => row.get(name) ?? missing(type) }
  const known = scope.scalarNamed(name)
  if (known !== undefined) return { type: known.type, of: () => known.value }
  throw new Refusal('unknown-column', `There is no column “${name}” here.`, node)
}

/** True only where the condition is true. Throws `Refusal`. */
export function compileFilter(
  node: KustoExpression,
  scope: ComputeScope,
): (row: KustoRow) => boolean {
  const holds = condition(node, scope)
  return (row) => holds(row) === true
}

function condition(node: KustoExpression, scope: ComputeScope): (row: KustoRow) => boolean | null {
  const { of } = compute(node, scope)
  return (row) => {
    const value = of(row)
    if (value === null || typeof value === 'boolean') return value
    throw new Refusal('type-mismatch', 'A condition must be true or false.', node)
  }
}

function binary(node: KustoBinary, scope: ComputeScope): Computed {
  const { operator } = node
  const isNegated = operator.startsWith('!') && operator !== '!=' && operator !== '!~'
  const plain = isNegated ? operator.slice(1) : operator
  if (node.left.kind === 'star') return anyColumn(node, scope)
  const [left, right] = [compute(node.left, scope), compute(node.right, scope)]
  if (plain === 'matches regex') return regexTest(left, right, node)
  const check = textOperator(plain)
  if (check !== undefined) {
    const of = (row: KustoRow) =>
      check(textOf(left.of(row), left.type), textOf(right.of(row), right.type)) !== isNegated
    return { type: 'bool', of }
  }
  if (operator === '==' || operator === '!=') return equality(node, left, right)
  if (operator === '=~' || operator === '!~') {
    const of = (row: KustoRow) => {
      const [a, b] = [textOf(left.of(row), left.type), textOf(right.of(row), right.type)]
      return (a.toLowerCase() === b.toLowerCase()) === (operator === '=~')
    }
    return { type: 'bool', of }
  }
  const holds = ORDERS[operator]
  if (holds === undefined) return arithmetic(node, left, right)
  checkTypes(node, left.type, right.type)
  const of = (row: KustoRow) => {
    const order = orderOf(left.of(row), right.of(row))
    return order === undefined ? null : holds(order)
  }
  return { type: 'bool', of }
}

/** `* has "x"` */
function anyColumn(node: KustoBinary, scope: ComputeScope): Computed {
  const checks = [...scope.columns.keys()].map((name): Compute => {
    const left: KustoExpression = {
      kind: 'call',
      name: 'tostring',
      nameRange: node,
      arguments: [{ kind: 'name', name, referent: 'column', isPattern: false, ...rangeOf(node) }],
      ...rangeOf(node),
    }
    return compute({ ...node, left }, scope).of
  })
  return { type: 'bool', of: (row) => checks.some((check) => check(row) === true) }
}

const rangeOf = ({ start, end }: KustoExpression) => ({ start, end })

function membership(node: KustoMembership, scope: ComputeScope): Computed {
  const isNegated = node.operator.startsWith('!')
  const plain = isNegated ? node.operator.slice(1) : node.operator
  const left = compute(node.left, scope)
  const items = listOf(node.list, scope)
  const isCaseless = plain === 'in~'
  const has = textOperator('has')!
  const check = (text: KustoValue, item: KustoValue): boolean => {
    if (plain === 'has_any' || plain === 'has_all')
      return has(textOf(text, left.type), textOf(item, 'dynamic'))
    if (isCaseless)
      return textOf(text, left.type).toLowerCase() === textOf(item, 'dynamic').toLowerCase()
    return text === item
  }
  const of = (row: KustoRow) => {
    const value = left.of(row)
    const list = items(row)
    const isIn =
      plain === 'has_all'
        ? list.every((item) => check(value, item))
        : list.some((item) => check(value, item))
    return isIn !== isNegated
  }
  return { type: 'bool', of }
}

/** Values, dynamic lists and the first column of tables, together. */
function listOf(
  nodes: readonly KustoExpression[],
  scope: ComputeScope,
): (row: KustoRow) => readonly KustoValue[] {
  const parts = nodes.map((node): Compute => {
    const isRows = node.kind === 'pipe' || node.kind === 'datatable'
    const isTable =
      node.kind === 'name' &&
      !scope.columns.has(node.name) &&
      scope.scalarNamed(node.name) === undefined
    if (!isRows && !isTable) return compute(node, scope).of
    const { columns, rows } = scope.tableOf(node)
    const [[name, type] = ['', 'string' as const]] = columns
    const values = rows.map((row) => row.get(name) ?? missing(type))
    return () => values
  })
  return (row) => parts.flatMap((of) => of(row))
}

function between({ isNegated, item, low, high }: KustoBetween, scope: ComputeScope): Computed {
  const [value, from, to] = [item, low, high].map((one) => compute(one, scope))
  const of = (row: KustoRow) => {
    const [own, least] = [value!.of(row), from!.of(row)]
    const given = to!.of(row)
    // `between (datetime .. 1d)`: a span behind a date counts from it.
    const isSpan = to!.type === 'timespan' && from!.type === 'datetime'
    const most =
      isSpan && typeof given === 'number' && typeof least === 'number' ? least + given : given
    const [a, b] = [orderOf(own, least), orderOf(own, most)]
    if (a === undefined || b === undefined) return null
    return (a >= 0 && b <= 0) !== isNegated
  }
  return { type: 'bool', of }
}

function call(node: KustoCall, scope: ComputeScope): Computed {
  const name = node.name.toLowerCase()
  const given = node.arguments.map((item) => compute(item, scope))
  if (name === 'now') return { type: 'datetime', of: () => scope.now }
  if (name === 'ago') {
    return {
      type: 'datetime',
      of: (row) => numberOr(given[0]!.of(row), (span) => scope.now - span),
    }
  }
  if (name === 'case' || name === 'iff' || name === 'iif') return choose(given, node)
  const overRows = scope.window?.(node, given)
  if (overRows !== undefined) return overRows
  const scalar = KUSTO_SCALARS.get(name)
  if (scalar === undefined) throw unsupported(`The function ${node.name}`, node)
  const types = given.map(({ type }) => type)
  const type = typeof scalar.type === 'function' ? scalar.type(types) : scalar.type
  return {
    type,
    of: (row) =>
      scalar.apply(
        given.map(({ of }) => of(row)),
        types,
      ),
  }
}
