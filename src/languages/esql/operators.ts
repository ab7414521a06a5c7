// ES|QL's operators over what their operands became: signs, comparisons, arithmetic, patterns.
// Source: elastic.co/docs, ES|QL "Operators", read 2026-11.

import { Refusal, unsupported, valuesOf, type Fields, type Value } from '#languages/evaluation.ts'
import { readDate } from '#languages/elastic-documents.ts'
import { fromLucene } from '#languages/lucene-regex.ts'
import { compileRegex } from '#languages/regex.ts'
import { compileWildcards } from '#languages/wildcard.ts'
import { single, type Compute, type Computed, type ComputeScope } from './computed.ts'
import { addSpan, type Span } from './dates.ts'
import type { EsqlBinary, EsqlExpression } from './tree.ts'
import { commonType, numberFrom, orderOf, textFrom, type EsqlType, type Scalar } from './values.ts'

export function list(items: readonly Computed[]): Computed {
  const of = (row: Fields): Value => {
    const values = items.map((item) => item.of(row))
    return values.length === 1 ? values[0]! : values
  }
  return { type: commonType(items.map(({ type }) => type)), of }
}

export function negation(item: Computed, scope: ComputeScope): Computed {
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

export const ORDERS: Readonly<Record<string, (sign: number) => boolean>> = {
  '==': (sign) => sign === 0,
  '!=': (sign) => sign !== 0,
  '<': (sign) => sign < 0,
  '<=': (sign) => sign <= 0,
  '>': (sign) => sign > 0,
  '>=': (sign) => sign >= 0,
}

export function caseless(left: Computed, right: Computed, scope: ComputeScope): Computed {
  const of = (row: Fields) => {
    const [a, b] = [single(left.of(row), scope), single(right.of(row), scope)]
    if (a === null || b === null) return null
    return textFrom(a, '“=~”').toLowerCase() === textFrom(b, '“=~”').toLowerCase()
  }
  return { type: 'boolean', of }
}

const NUMBERS: ReadonlySet<EsqlType> = new Set(['long', 'double'])

export function comparison(
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

export function isLiteral(
  node: EsqlExpression,
): node is EsqlExpression & { kind: 'literal'; value: string } {
  return node.kind === 'literal' && typeof node.value === 'string'
}

export function dateOf(node: EsqlExpression & { value: string }): Compute {
  const at = readDate(node.value)
  if (at === null) throw new Refusal('bad-date', `“${node.value}” is no date.`, node)
  return () => at
}

export function arithmetic(
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

export function like(written: string): (text: string) => boolean {
  return compileWildcards(written, { any: '*', one: '?', escape: '\\', isCaseless: false })
}

export function rlike(written: string, node: EsqlExpression): (text: string) => boolean {
  const compiled = compileRegex(`^(?:${fromLucene(written)})$`, ['s'])
  if (!('refusal' in compiled)) return (text) => compiled.test(text)
  throw new Refusal('regex', `This expression cannot run: ${compiled.refusal}.`, node)
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
