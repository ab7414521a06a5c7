// Kusto's operators over what their operands became: equality, orders, expressions, arithmetic, choice.
// Source: learn.microsoft.com, Kusto "Numerical operators", "Null values", read 2026-11.

import { Refusal, unsupported } from '#languages/evaluation.ts'
import type { Computed } from './computed.ts'
import { regexOf } from './text-operators.ts'
import type { KustoBinary, KustoCall, KustoExpression } from './tree.ts'
import {
  isNumeric,
  textOf,
  type KustoBag,
  type KustoRow,
  type KustoType,
  type KustoValue,
} from './values.ts'

export function numberOr(value: KustoValue, apply: (value: number) => number): KustoValue {
  if (value === null) return null
  if (typeof value === 'number') return apply(value)
  throw new Refusal('type-mismatch', 'Arithmetic needs numbers.')
}

export function memberOf(value: KustoValue, key: KustoValue): KustoValue {
  if (value === null || typeof value !== 'object') return null
  if (Array.isArray(value)) {
    const list = value as readonly KustoValue[]
    return typeof key === 'number' ? (list.at(key) ?? null) : null
  }
  const bag = value as KustoBag
  return typeof key === 'string' && Object.hasOwn(bag, key) ? bag[key]! : null
}

export const ORDERS: Readonly<Record<string, (sign: number) => boolean>> = {
  '<': (sign) => sign < 0,
  '<=': (sign) => sign <= 0,
  '>': (sign) => sign > 0,
  '>=': (sign) => sign >= 0,
}

export function checkTypes(node: KustoExpression, a: KustoType, b: KustoType): void {
  if (a === b || a === 'dynamic' || b === 'dynamic' || (isNumeric(a) && isNumeric(b))) return
  throw new Refusal('type-mismatch', `A ${a} cannot be compared with a ${b}.`, node)
}

export function equality(node: KustoBinary, left: Computed, right: Computed): Computed {
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

export function regexTest(left: Computed, right: Computed, node: KustoBinary): Computed {
  if (right.type !== 'string')
    throw new Refusal('type-mismatch', 'An expression must be a text.', node)
  const of = (row: KustoRow) =>
    regexOf(textOf(right.of(row), 'string')).test(textOf(left.of(row), left.type))
  return { type: 'bool', of }
}

/** Dates and spans add up; whole numbers divide to whole numbers; by zero there is no result. */
export function arithmetic(node: KustoBinary, left: Computed, right: Computed): Computed {
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

/** Conditions and values by turns, then the value where none is true. */
export function choose(given: readonly Computed[], node: KustoCall): Computed {
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
