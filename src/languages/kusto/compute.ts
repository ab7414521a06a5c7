// Kusto expressions as functions over a row. `==` with one null is false and `!=` true; an order of size
// with a null, and with it any condition it decides, is null. Text operators ignore case unless they end
// with `_cs`. Source: learn.microsoft.com, Kusto "Null values", "String operators", "Logical operators",
// "Numerical operators", read 2026-11.

import { Refusal, unsupported } from '#languages/evaluation.ts'
import { KUSTO_SCALARS } from './scalars.ts'
import { regexOf, textOperator } from './text-operators.ts'
import type {
  KustoBetween,
  KustoBinary,
  KustoCall,
  KustoExpression,
  KustoLiteral,
  KustoMembership,
} from './tree.ts'
import {
  isNumeric,
  missing,
  orderOf,
  readInstant,
  readSpan,
  textOf,
  type KustoBag,
  type KustoRow,
  type KustoTable,
  type KustoType,
  type KustoValue,
} from './values.ts'

export type Compute = (row: KustoRow) => KustoValue

export interface Computed {
  readonly type: KustoType
  readonly of: Compute
}

export interface ComputeScope {
  /** Unix milliseconds. */
  readonly now: number
  readonly columns: ReadonlyMap<string, KustoType>
  /** What a `let` gave the name; undefined when none did. */
  scalarNamed(name: string): { readonly type: KustoType; readonly value: KustoValue } | undefined
  /** Rows that stand in an expression: `in (T | project a)`. */
  tableOf(node: KustoExpression): KustoTable
  /** Functions that look at other rows; undefined behind commands that lose their order. */
  window?(call: KustoCall, given: readonly Computed[]): Computed | undefined
}

/** Throws `Refusal`. */
export function compute(node: KustoExpression, scope: ComputeScope): Computed {
  switch (node.kind) {
    case 'literal':
      return literal(node)
    case 'name':
      return named(node.name, node, scope)
    case 'and':
    case 'or':
      return junction(
        node.kind,
        node.items.map((item) => condition(item, scope)),
      )
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

function junction(
  kind: 'and' | 'or',
  items: readonly ((row: KustoRow) => boolean | null)[],
): Computed {
  const decisive = kind === 'or'
  const of = (row: KustoRow) => {
    let result: boolean | null = !decisive
    for (const item of items) {
      const value = item(row)
      if (value === decisive) return decisive
      if (value === null) result = null
    }
    return result
  }
  return { type: 'bool', of }
}

function numberOr(value: KustoValue, apply: (value: number) => number): KustoValue {
  if (value === null) return null
  if (typeof value === 'number') return apply(value)
  throw new Refusal('type-mismatch', 'Arithmetic needs numbers.')
}

function memberOf(value: KustoValue, key: KustoValue): KustoValue {
  if (value === null || typeof value !== 'object') return null
  if (Array.isArray(value)) {
    const list = value as readonly KustoValue[]
    return typeof key === 'number' ? (list.at(key) ?? null) : null
  }
  const bag = value as KustoBag
  return typeof key === 'string' && Object.hasOwn(bag, key) ? bag[key]! : null
}

const ORDERS: Readonly<Record<string, (sign: number) => boolean>> = {
  '<': (sign) => sign < 0,
  '<=': (sign) => sign <= 0,
  '>': (sign) => sign > 0,
  '>=': (sign) => sign >= 0,
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

function checkTypes(node: KustoExpression, a: KustoType, b: KustoType): void {
  if (a === b || a === 'dynamic' || b === 'dynamic' || (isNumeric(a) && isNumeric(b))) return
  throw new Refusal('type-mismatch', `A ${a} cannot be compared with a ${b}.`, node)
}

function equality(node: KustoBinary, left: Computed, right: Computed): Computed {
  checkTypes(node, left.type, right.type)
  const isEqual = node.operator === '=='
  const of = (row: KustoRow) => {
    const [a, b] = [left.of(row), right.of(row)]
    if (a === null && b === null) return null
    if (a === null || b === null) return !isEqual
    const same =
      typeof a === 'object' || typeof b === 'object'
        ? JSON.stringify(a) === JSON.stringify(b)
        : a === b
    return same === isEqual
  }
  return { type: 'bool', of }
}

function regexTest(left: Computed, right: Computed, node: KustoBinary): Computed {
  if (right.type !== 'string')
    throw new Refusal('type-mismatch', 'An expression must be a text.', node)
  const of = (row: KustoRow) =>
    regexOf(textOf(right.of(row), 'string')).test(textOf(left.of(row), left.type))
  return { type: 'bool', of }
}

/** Dates and spans add up; whole numbers divide to whole numbers; by zero there is no result. */
function arithmetic(node: KustoBinary, left: Computed, right: Computed): Computed {
  const type = arithmeticType(node, left.type, right.type)
  const isWhole = left.type === 'long' && right.type === 'long'
  const of = (row: KustoRow): KustoValue => {
    const [a, b] = [left.of(row), right.of(row)]
    if (a === null || b === null) return null
    if (typeof a !== 'number' || typeof b !== 'number') {
      throw new Refusal('type-mismatch', 'Arithmetic needs numbers.', node)
    }
    switch (node.operator) {
      case '+':
        return a + b
      case '-':
        return a - b
      case '*':
        return a * b
      case '/':
        return b === 0 ? null : isWhole ? Math.trunc(a / b) : a / b
      case '%':
        return b === 0 ? null : a % b
      default:
        throw unsupported(`The operator “${node.operator}”`, node)
    }
  }
  return { type, of }
}

function arithmeticType(node: KustoBinary, a: KustoType, b: KustoType): KustoType {
  if (isNumeric(a) && isNumeric(b)) return a === 'real' || b === 'real' ? 'real' : 'long'
  const key = `${a} ${node.operator} ${b}`
  const types: Readonly<Record<string, KustoType>> = {
    'datetime - datetime': 'timespan',
    'datetime - timespan': 'datetime',
    'datetime + timespan': 'datetime',
    'timespan + datetime': 'datetime',
    'timespan + timespan': 'timespan',
    'timespan - timespan': 'timespan',
    'timespan / timespan': 'real',
    'timespan * long': 'timespan',
    'timespan * real': 'timespan',
    'long * timespan': 'timespan',
    'timespan / long': 'timespan',
  }
  const type = types[key]
  if (type === undefined) throw new Refusal('type-mismatch', `${key} cannot be computed.`, node)
  return type
}

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
    const [name = ''] = columns.keys()
    const values = rows.map((row) => row.get(name) ?? null)
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

/** Conditions and values by turns, then the value where none is true. */
function choose(given: readonly Computed[], node: KustoCall): Computed {
  const last = given.at(-1)
  if (last === undefined || given.length % 2 === 0)
    throw new Refusal('wrong-arguments', 'An else is missing.', node)
  const of = (row: KustoRow) => {
    for (let at = 0; at + 1 < given.length; at += 2) {
      if (given[at]!.of(row) === true) return given[at + 1]!.of(row)
    }
    return last.of(row)
  }
  const types = new Set([...given.filter((_, at) => at % 2 === 1), last].map(({ type }) => type))
  const isNumber = [...types].every(isNumeric)
  return { type: types.size === 1 ? last.type : isNumber ? 'real' : 'dynamic', of }
}
