// ES|QL expressions as functions over a row. Logic has three values; a comparison or a function of
// single values that meets several answers null, and the reader is told once.
// Source: elastic.co/docs, ES|QL "Operators", "Multivalued fields", read 2026-11.

import { Refusal, unsupported, valuesOf, type Fields, type Value } from '#languages/evaluation.ts'
import { readDate } from '#languages/elastic-documents.ts'
import { fromLucene } from '#languages/lucene-regex.ts'
import { compileRegex } from '#languages/regex.ts'
import { compileWildcards } from '#languages/wildcard.ts'
import { addSpan, spanOf, type Span } from './dates.ts'
import { ESQL_SCALARS } from './scalars.ts'
import type { EsqlBinary, EsqlCall, EsqlCast, EsqlExpression, EsqlMembership } from './tree.ts'
import {
  commonType,
  isScalar,
  numberFrom,
  orderOf,
  textFrom,
  type EsqlType,
  type Scalar,
} from './values.ts'

export type Compute = (row: Fields) => Value

export interface Computed {
  readonly type: EsqlType
  readonly of: Compute
  /** Set where the type is `span`. */
  readonly span?: Span
}

/** What a full-text search (`QSTR`, `KQL`) answers for a row; without one they are refused. */
export type FullText = (query: string) => (row: Fields) => boolean

export interface ComputeScope {
  readonly text: string
  /** Unix milliseconds. */
  readonly now: number
  readonly fullText: FullText | undefined
  /** The column's type. Throws `Refusal` for a column that cannot be there. */
  typeOf(name: string): EsqlType
  /** Called when several values met what takes one. */
  warnMultivalue(): void
}

/** Throws `Refusal`. */
export function compute(node: EsqlExpression, scope: ComputeScope): Computed {
  switch (node.kind) {
    case 'and':
    case 'or':
      return junction(
        node.kind,
        node.items.map((item) => condition(item, scope)),
      )
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

/** Several values where one is needed are null. */
function single(value: Value, scope: ComputeScope): Scalar {
  if (isScalar(value)) return value
  scope.warnMultivalue()
  return null
}

function negated(value: boolean | null): boolean | null {
  return value === null ? null : !value
}

function junction(
  kind: 'and' | 'or',
  items: readonly ((row: Fields) => boolean | null)[],
): Computed {
  const decisive = kind === 'or'
  const of = (row: Fields): boolean | null => {
    let result: boolean | null = !decisive
    for (const item of items) {
      const value = item(row)
      if (value === decisive) return decisive
      if (value === null) result = null
    }
    return result
  }
  return { type: 'boolean', of }
}

function literalType(node: EsqlExpression & { kind: 'literal' }, scope: ComputeScope): EsqlType {
  if (node.value === null) return 'null'
  if (typeof node.value === 'boolean') return 'boolean'
  if (typeof node.value === 'string') return 'keyword'
  return /[.eE]/.test(scope.text.slice(node.start, node.end)) ? 'double' : 'long'
}

function list(items: readonly Computed[]): Computed {
  const of = (row: Fields): Value => {
    const values = items.map((item) => item.of(row))
    return values.length === 1 ? values[0]! : values
  }
  return { type: commonType(items.map(({ type }) => type)), of }
}

function negation(item: Computed, scope: ComputeScope): Computed {
  if (item.span) {
    const { months, milliseconds } = item.span
    return { ...item, span: { months: -months, milliseconds: -milliseconds } }
  }
  const of = (row: Fields) => {
    const value = single(item.of(row), scope)
    return value === null ? null : -numberFrom(value, 'A sign')
  }
  return { type: item.type, of }
}

const ORDERS: Readonly<Record<string, (sign: number) => boolean>> = {
  '==': (sign) => sign === 0,
  '!=': (sign) => sign !== 0,
  '<': (sign) => sign < 0,
  '<=': (sign) => sign <= 0,
  '>': (sign) => sign > 0,
  '>=': (sign) => sign >= 0,
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

function caseless(left: Computed, right: Computed, scope: ComputeScope): Computed {
  const of = (row: Fields) => {
    const [a, b] = [single(left.of(row), scope), single(right.of(row), scope)]
    if (a === null || b === null) return null
    return textFrom(a, '“=~”').toLowerCase() === textFrom(b, '“=~”').toLowerCase()
  }
  return { type: 'boolean', of }
}

const NUMBERS: ReadonlySet<EsqlType> = new Set(['long', 'double'])

function comparison(
  node: EsqlBinary,
  left: Computed,
  right: Computed,
  holds: (sign: number) => boolean,
  scope: ComputeScope,
): Computed {
  const [a, b] = comparable(node, left, right)
  const of = (row: Fields) => {
    const order = orderOf(single(a(row), scope), single(b(row), scope), node)
    return order === null ? null : holds(order)
  }
  return { type: 'boolean', of }
}

/** A text beside a date is read as one when the query is compiled. */
function comparable(
  node: EsqlBinary,
  left: Computed,
  right: Computed,
): readonly [Compute, Compute] {
  if (left.type === 'date' && isLiteral(node.right)) return [left.of, dateOf(node.right)]
  if (right.type === 'date' && isLiteral(node.left)) return [dateOf(node.left), right.of]
  const types = [left.type, right.type].filter((type) => type !== 'null' && type !== 'unknown')
  const families = new Set(types.map(familyOf))
  if (families.size > 1) {
    const message = `“${node.operator}” cannot compare ${left.type} with ${right.type}.`
    throw new Refusal('type-mismatch', message, node)
  }
  return [left.of, right.of]
}

function familyOf(type: EsqlType): string {
  return NUMBERS.has(type) ? 'number' : type === 'ip' ? 'keyword' : type
}

function isLiteral(
  node: EsqlExpression,
): node is EsqlExpression & { kind: 'literal'; value: string } {
  return node.kind === 'literal' && typeof node.value === 'string'
}

function dateOf(node: EsqlExpression & { value: string }): Compute {
  const at = readDate(node.value)
  if (at === null) throw new Refusal('bad-date', `“${node.value}” is no date.`, node)
  return () => at
}

function arithmetic(
  node: EsqlBinary,
  left: Computed,
  right: Computed,
  scope: ComputeScope,
): Computed {
  const { operator } = node
  const span = left.span ?? right.span
  if (span !== undefined) return dateArithmetic(node, left.span ? right : left, span, scope)
  const of = (row: Fields) => {
    const [a, b] = [single(left.of(row), scope), single(right.of(row), scope)]
    if (a === null || b === null) return null
    const [x, y] = [numberFrom(a, `“${operator}”`), numberFrom(b, `“${operator}”`)]
    return calculate(operator, x, y, isWhole(left.type, x) && isWhole(right.type, y))
  }
  return { type: commonType([left.type, right.type]), of }
}

function isWhole(type: EsqlType, value: number): boolean {
  return type === 'unknown' ? Number.isInteger(value) : type !== 'double'
}

/** Whole numbers stay whole; beyond 64 bits, and divided by zero, there is no result. */
function calculate(operator: string, a: number, b: number, isWholeNumber: boolean): number | null {
  if ((operator === '/' || operator === '%') && b === 0) return null
  const results: Readonly<Record<string, number>> = {
    '+': a + b,
    '-': a - b,
    '*': a * b,
    '/': a / b,
    '%': a % b,
  }
  const result = results[operator]
  if (result === undefined) throw unsupported(`The operator “${operator}”`)
  if (!isWholeNumber) return Number.isFinite(result) ? result : null
  const whole = Math.trunc(result)
  return Math.abs(whole) < 2 ** 63 ? whole : null
}

function dateArithmetic(
  node: EsqlBinary,
  date: Computed,
  span: Span,
  scope: ComputeScope,
): Computed {
  const isSum = node.operator === '+'
  if ((!isSum && node.operator !== '-') || date.type !== 'date') {
    throw unsupported('This arithmetic with a span of time', node)
  }
  const of = (row: Fields) => {
    const at = single(date.of(row), scope)
    return at === null ? null : addSpan(numberFrom(at, 'A date'), span, isSum ? 1 : -1)
  }
  return { type: 'date', of }
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

function like(written: string): (text: string) => boolean {
  return compileWildcards(written, { any: '*', one: '?', escape: '\\', isCaseless: false })
}

function rlike(written: string, node: EsqlExpression): (text: string) => boolean {
  const compiled = compileRegex(`^(?:${fromLucene(written)})$`, ['s'])
  if (!('refusal' in compiled)) return (text) => compiled.test(text)
  throw new Refusal('regex', `This expression cannot run: ${compiled.refusal}.`, node)
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

/** Orders for SORT and aggregates: the least or greatest of several values stands for them. */
export function edgeOf(value: Value, isGreatest: boolean): Scalar {
  let edge: Scalar = null
  for (const one of valuesOf(value) as readonly Scalar[]) {
    const order = orderOf(one, edge)
    if (order === null || (isGreatest ? order > 0 : order < 0)) edge = one
  }
  return edge
}
