// EQL conditions as functions over a document. Truth has three values where a function or an order
// of size meets a missing field; equality and patterns against values are term queries to
// Elasticsearch, which a missing field simply does not match, so that `not` of them does. Of a field
// with several values one is enough. Source: elastic.co/docs, EQL syntax reference and EQL function
// reference, read 2026-11.

import {
  compareText,
  Refusal,
  unsupported,
  valuesOf,
  type Fields,
  type Value,
} from '#languages/evaluation.ts'
import { fromLucene } from '#languages/lucene-regex.ts'
import { compileRegex } from '#languages/regex.ts'
import { compileWildcards } from '#languages/wildcard.ts'
import { compileEqlCall } from './call.ts'
import type { EqlArithmetic, EqlComparator, EqlExpression, EqlMembership } from './tree.ts'

export type EqlTruth = boolean | null
export type EqlCompute = (document: Fields) => Value

/** Throws `Refusal`. */
export function compileEqlCondition(node: EqlExpression): (document: Fields) => EqlTruth {
  switch (node.kind) {
    case 'and': {
      const items = node.items.map(compileEqlCondition)
      return (document) => allOf(items, document)
    }
    case 'or': {
      const items = node.items.map(compileEqlCondition)
      return (document) => anyOf(items, document)
    }
    case 'not': {
      const item = compileEqlCondition(node.item)
      return (document) => {
        const truth = item(document)
        return truth === null ? null : !truth
      }
    }
    case 'comparison':
      return compileComparison(node.operator, node.left, node.right)
    case 'membership':
      return compileMembership(node)
    default: {
      const compute = compileEqlValue(node)
      return (document) => {
        const values = valuesOf(compute(document))
        for (const value of values) {
          if (typeof value !== 'boolean') {
            throw new Refusal('type-mismatch', 'A condition must be true or false.', node)
          }
        }
        return values.length === 0 ? null : values.includes(true)
      }
    }
  }
}

function allOf(items: readonly ((document: Fields) => EqlTruth)[], document: Fields): EqlTruth {
  let truth: EqlTruth = true
  for (const item of items) {
    const one = item(document)
    if (one === false) return false
    if (one === null) truth = null
  }
  return truth
}

function anyOf(items: readonly ((document: Fields) => EqlTruth)[], document: Fields): EqlTruth {
  let truth: EqlTruth = false
  for (const item of items) {
    const one = item(document)
    if (one === true) return true
    if (one === null) truth = null
  }
  return truth
}

const ORDERS: Readonly<Record<EqlComparator, (sign: number) => boolean>> = {
  '==': (sign) => sign === 0,
  '!=': (sign) => sign !== 0,
  '<': (sign) => sign < 0,
  '<=': (sign) => sign <= 0,
  '>': (sign) => sign > 0,
  '>=': (sign) => sign >= 0,
}

function compileComparison(
  operator: EqlComparator,
  left: EqlExpression,
  right: EqlExpression,
): (document: Fields) => EqlTruth {
  if (isNull(left) || isNull(right)) return compileNullTest(operator, isNull(left) ? right : left)
  const isSwapped = left.kind === 'literal' && right.kind === 'field'
  if (isSwapped) return compileComparison(MIRRORED[operator], right, left)
  const [a, b] = [compileEqlValue(left), compileEqlValue(right)]
  const holds = ORDERS[operator]
  const isTerm = left.kind === 'field' && right.kind === 'literal'
  const isEquality = operator === '==' || operator === '!='
  return (document) => {
    const [some, others] = [valuesOf(a(document)), valuesOf(b(document))]
    if (some.length === 0 || others.length === 0)
      return isTerm && isEquality ? operator === '!=' : null
    // `!=` is the negation of `==`: none of the values may be equal.
    if (operator === '!=') return !someOrder(some, others, ORDERS['=='], left)
    return someOrder(some, others, holds, left)
  }
}

const MIRRORED: Readonly<Record<EqlComparator, EqlComparator>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
}

function isNull(node: EqlExpression): boolean {
  return node.kind === 'literal' && node.value === null
}

function compileNullTest(
  operator: EqlComparator,
  node: EqlExpression,
): (document: Fields) => EqlTruth {
  if (operator !== '==' && operator !== '!=') return () => null
  const compute = compileEqlValue(node)
  return (document) => (valuesOf(compute(document)).length === 0) === (operator === '==')
}

function someOrder(
  some: readonly Value[],
  others: readonly Value[],
  holds: (sign: number) => boolean,
  node: EqlExpression,
): boolean {
  return some.some((one) => others.some((other) => holds(orderOf(one, other, node))))
}

/** Texts by their code units, as Lucene orders terms. */
function orderOf(a: Value, b: Value, node: EqlExpression): number {
  if (typeof a !== typeof b || Array.isArray(a) || Array.isArray(b)) {
    const message = `A ${typeof a} cannot be compared with a ${typeof b}.`
    throw new Refusal('type-mismatch', message, node)
  }
  if (typeof a === 'string') return compareText(a, b as string)
  return a === b ? 0 : a! < b! ? -1 : 1
}

function compileMembership(node: EqlMembership): (document: Fields) => EqlTruth {
  const { isNegated, left, list, operator } = node
  const compute = compileEqlValue(left)
  const checks = list.map((item) => compileItem(operator, item))
  // A field against values is a term query, which is never null; what a function gives may be.
  const missing = left.kind === 'field' ? isNegated : null
  return (document) => {
    const values = valuesOf(compute(document))
    if (values.length === 0) return missing
    return values.some((value) => checks.some((check) => check(value))) !== isNegated
  }
}

function compileItem(
  operator: EqlMembership['operator'],
  item: EqlExpression,
): (value: Value) => boolean {
  const wanted = constantOf(item)
  if (typeof wanted !== 'string') {
    // Whether a number equals a text is up to the mapping: a keyword holds the number's text.
    return (value) => value === wanted || String(value) === String(wanted)
  }
  switch (operator) {
    case 'in':
      return (value) => textOf(value, item) === wanted
    case 'in~': {
      const folded = wanted.toLowerCase()
      return (value) => textOf(value, item).toLowerCase() === folded
    }
    case ':':
    case 'like':
    case 'like~': {
      const style = { any: '*', one: '?', isCaseless: operator !== 'like' }
      const check = compileWildcards(wanted, style)
      return (value) => check(textOf(value, item))
    }
    case 'regex':
    case 'regex~':
      return compileEqlRegex(wanted, operator === 'regex~', item)
  }
}

/** Lucene's expressions match the whole value; `.` is any character, also a line's end. */
function compileEqlRegex(
  pattern: string,
  isCaseless: boolean,
  item: EqlExpression,
): (value: Value) => boolean {
  const compiled = compileRegex(`^(?:${fromLucene(pattern)})$`, isCaseless ? ['i', 's'] : ['s'])
  if ('refusal' in compiled) {
    throw new Refusal('regex', `This expression cannot run: ${compiled.refusal}.`, item)
  }
  return (value) => compiled.test(textOf(value, item))
}

function textOf(value: Value, node: EqlExpression): string {
  if (typeof value === 'string') return value
  throw new Refusal('type-mismatch', `A ${typeof value} is compared with a text.`, node)
}

function constantOf(node: EqlExpression): Value {
  if (node.kind === 'literal') return node.value
  if (node.kind === 'negation') {
    const value = constantOf(node.item)
    if (typeof value === 'number') return -value
  }
  throw unsupported('A list that holds more than values', node)
}

/** Throws `Refusal`. Null where something it needs is missing. */
export function compileEqlValue(node: EqlExpression): EqlCompute {
  switch (node.kind) {
    case 'literal':
      return () => node.value
    case 'field':
      return (document) => document.get(node.name) ?? null
    case 'negation': {
      const item = compileEqlValue(node.item)
      return (document) => numberOf(item(document), node, (value) => -value)
    }
    case 'arithmetic':
      return compileArithmetic(node)
    case 'call':
      return compileEqlCall(node, node.arguments.map(compileEqlValue))
    default: {
      const condition = compileEqlCondition(node)
      return condition
    }
  }
}

function numberOf(value: Value, node: EqlExpression, compute: (value: number) => number): Value {
  if (value === null) return null
  if (typeof value !== 'number')
    throw new Refusal('type-mismatch', 'Arithmetic needs numbers.', node)
  return compute(value)
}

/** Division of whole numbers rounds down; by zero there is no result. */
function compileArithmetic(node: EqlArithmetic): EqlCompute {
  const [left, right] = [compileEqlValue(node.left), compileEqlValue(node.right)]
  const compute = (a: number, b: number): Value => eqlArithmetic(node.operator, a, b)
  return (document) => {
    const [a, b] = [left(document), right(document)]
    if (a === null || b === null) return null
    if (typeof a !== 'number' || typeof b !== 'number') {
      throw new Refusal('type-mismatch', 'Arithmetic needs numbers.', node)
    }
    return compute(a, b)
  }
}

export function eqlArithmetic(operator: EqlArithmetic['operator'], a: number, b: number): Value {
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '%':
      return b === 0 ? null : a % b
    case '/': {
      if (b === 0) return null
      const isWhole = Number.isInteger(a) && Number.isInteger(b)
      return isWhole ? Math.floor(a / b) : a / b
    }
  }
}
