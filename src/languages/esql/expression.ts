// Expressions of ES|QL: `or`, `and`, `not`, then comparisons and tests, sums, products, signs and
// casts. Keywords and function names have no case.

import { nearest } from '#kernel/problem.ts'
import type { Cursor as TokenCursor } from '#languages/cursor.ts'
import {
  closeBracket,
  parseChain,
  parseLeftBinary,
  parseList,
  type Brackets,
} from '#languages/infix.ts'
import type { Range } from '#languages/query.ts'
import { ESQL_FUNCTIONS, esqlTimeUnit } from './functions.ts'
import type { EsqlToken } from './lex.ts'
import type { EsqlExpression, EsqlMembership } from './tree.ts'

/** A place in the tokens of one ES|QL query. */
export type Cursor = TokenCursor<EsqlToken>

export function isWord(cursor: Cursor, word: string, ahead = 0): boolean {
  const token = cursor.peek(ahead)
  const isName = token.kind === 'name' || token.kind === 'pattern'
  return isName && !token.isQuoted && token.lower === word
}

export function takeWord(cursor: Cursor, word: string): boolean {
  const isHere = isWord(cursor, word)
  if (isHere) cursor.next()
  return isHere
}

export function parseExpression(cursor: Cursor): EsqlExpression | undefined {
  return parseJunction(cursor, 'or', () => parseJunction(cursor, 'and', () => parseNot(cursor)))
}

function parseJunction(
  cursor: Cursor,
  kind: 'and' | 'or',
  part: () => EsqlExpression | undefined,
): EsqlExpression | undefined {
  const make = (items: readonly EsqlExpression[], range: Range) => ({ kind, items, ...range })
  return parseChain(part, () => takeWord(cursor, kind), make)
}

function parseNot(cursor: Cursor): EsqlExpression | undefined {
  if (!isWord(cursor, 'not')) return parseTest(cursor)
  const { start } = cursor.next()
  const item = cursor.nested(() => parseNot(cursor))
  return item && { kind: 'not', item, start, end: item.end }
}

const COMPARATORS: ReadonlySet<string> = new Set(['==', '=~', '!=', '<', '<=', '>', '>=', ':'])
const SETS = ['in', 'like', 'rlike'] as const

function parseTest(cursor: Cursor): EsqlExpression | undefined {
  const left = parseSum(cursor)
  if (!left) return undefined
  const token = cursor.peek()
  if (token.kind === 'operator' && COMPARATORS.has(token.text)) {
    cursor.next()
    const right = parseSum(cursor)
    if (!right) return undefined
    const { start } = left
    return {
      kind: 'binary',
      operator: token.text,
      isNegated: false,
      left,
      right,
      start,
      end: right.end,
    }
  }
  if (isWord(cursor, 'is')) return parseNullTest(cursor, left)
  const isNegated = isWord(cursor, 'not') && SETS.some((word) => isWord(cursor, word, 1))
  if (isNegated) cursor.next()
  const set = SETS.find((word) => isWord(cursor, word))
  return set === undefined ? left : parseMembership(cursor, left, set, isNegated)
}

function parseNullTest(cursor: Cursor, item: EsqlExpression): EsqlExpression {
  cursor.next()
  const isNegated = takeWord(cursor, 'not')
  if (!takeWord(cursor, 'null')) cursor.expected('“null” after “is”')
  return { kind: 'null_test', isNegated, item, start: item.start, end: cursor.lastEnd() }
}

function parseMembership(
  cursor: Cursor,
  left: EsqlExpression,
  operator: EsqlMembership['operator'],
  isNegated: boolean,
): EsqlExpression | undefined {
  cursor.next()
  const { start } = left
  if (cursor.isAt('(')) {
    const list = listOf(cursor)
    if (list.length === 0)
      cursor.problem('empty-list', left, `“${operator}” needs at least one value.`)
    return { kind: 'membership', operator, isNegated, left, list, start, end: cursor.lastEnd() }
  }
  if (operator === 'in') return cursor.expected('“(” after “in”')
  const right = parseSum(cursor)
  return right && { kind: 'binary', operator, isNegated, left, right, start, end: right.end }
}

/** The items between brackets; the cursor stands on the opening one. */
const BRACKETS: Brackets = { boundary: ['|'], isListBounded: false, expected: '“,”' }

export function listOf(cursor: Cursor): readonly EsqlExpression[] {
  return parseList(cursor, BRACKETS, () => parseExpression(cursor))
}

export function close(cursor: Cursor, open: EsqlToken, closing: string): void {
  closeBracket(cursor, BRACKETS, open, closing)
}

function parseSum(cursor: Cursor): EsqlExpression | undefined {
  return parseArithmetic(cursor, ['+', '-'], () =>
    parseArithmetic(cursor, ['*', '/', '%'], () => parseSigned(cursor)),
  )
}

function parseArithmetic(
  cursor: Cursor,
  operators: readonly string[],
  part: () => EsqlExpression | undefined,
): EsqlExpression | undefined {
  return parseLeftBinary(cursor, operators, part, (operator, left, right, range) => {
    return { kind: 'binary', operator, isNegated: false, left, right, ...range }
  })
}

function parseSigned(cursor: Cursor): EsqlExpression | undefined {
  if (!cursor.isAt('-') && !cursor.isAt('+')) return parseCast(cursor)
  const sign = cursor.next()
  const item = cursor.nested(() => parseSigned(cursor))
  if (!item || sign.text === '+') return item
  return { kind: 'negation', item, start: sign.start, end: item.end }
}

function parseCast(cursor: Cursor): EsqlExpression | undefined {
  let item = parsePrimary(cursor)
  while (item && cursor.take('::')) {
    const type = cursor.peek()
    if (type.kind !== 'name') {
      cursor.expected('a type after “::”')
      return item
    }
    cursor.next()
    item = { kind: 'cast', item, type: type.lower, start: item.start, end: type.end }
  }
  return item
}

function parsePrimary(cursor: Cursor): EsqlExpression | undefined {
  const token = cursor.peek()
  const { start, end } = token
  switch (token.kind) {
    case 'string':
      cursor.next()
      return { kind: 'literal', value: token.text, start, end }
    case 'number':
      return parseNumber(cursor)
    case 'parameter':
      cursor.next()
      return { kind: 'parameter', name: token.text, start, end }
    case 'name':
      return parseNamed(cursor)
    case 'punctuation':
      return parseBracketed(cursor)
    case 'unknown':
      while (cursor.peek().kind === 'unknown') cursor.next()
      return parsePrimary(cursor)
    case 'operator':
      cursor.expected('a field, a value or a function')
      cursor.next()
      return undefined
    default:
      return cursor.expected('a field, a value or a function')
  }
}

function parseBracketed(cursor: Cursor): EsqlExpression | undefined {
  const open = cursor.peek()
  if (open.text === '(') {
    cursor.next()
    const inner = cursor.nested(() => parseExpression(cursor))
    close(cursor, open, ')')
    return inner
  }
  if (open.text === '[') {
    const items = listOf(cursor)
    return { kind: 'list', items, start: open.start, end: cursor.lastEnd() }
  }
  if (open.text === '{') return cursor.nested(() => parseMap(cursor))
  cursor.expected('a field, a value or a function')
  if (open.text === ',') cursor.next()
  return undefined
}

function parseMap(cursor: Cursor): EsqlExpression {
  const open = cursor.next()
  const members: { key: string; value: EsqlExpression }[] = []
  while (cursor.peek().kind === 'string') {
    const key = cursor.next().text
    if (!cursor.take(':')) cursor.expected('“:” after the option’s name')
    const value = parseExpression(cursor)
    if (value) members.push({ key, value })
    if (!cursor.take(',')) break
  }
  close(cursor, open, '}')
  return { kind: 'map', members, start: open.start, end: cursor.lastEnd() }
}

function parseNumber(cursor: Cursor): EsqlExpression {
  const token = cursor.next()
  const amount = Number(token.text)
  const unit = cursor.peek().kind === 'name' ? esqlTimeUnit(cursor.peek().text) : undefined
  if (unit === undefined || cursor.isAt('(', 1)) {
    return { kind: 'literal', value: amount, start: token.start, end: token.end }
  }
  return { kind: 'interval', amount, unit, start: token.start, end: cursor.next().end }
}

const LITERALS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
])
const RESERVED = new Set(['and', 'or', 'is', 'in', 'like', 'rlike', 'by'])

function parseNamed(cursor: Cursor): EsqlExpression | undefined {
  const token = cursor.peek()
  const { start, end, text } = token
  if (!token.isQuoted && RESERVED.has(token.lower))
    return cursor.expected('a field, a value or a function')
  cursor.next()
  if (!token.isQuoted && LITERALS.has(token.lower)) {
    return { kind: 'literal', value: LITERALS.get(token.lower)!, start, end }
  }
  if (!cursor.isAt('(') || token.isQuoted) {
    return { kind: 'field', name: text + takePath(cursor), start, end: cursor.lastEnd() }
  }
  if (cursor.isAt('*', 1) && cursor.isAt(')', 2)) {
    cursor.next()
    cursor.next()
    cursor.next()
    checkCall(cursor, token, 0)
    return { kind: 'call', name: token.lower, arguments: [], start, end: cursor.lastEnd() }
  }
  const given = listOf(cursor)
  checkCall(cursor, token, given.filter((item) => item.kind !== 'map').length)
  return { kind: 'call', name: token.lower, arguments: given, start, end: cursor.lastEnd() }
}

// `process .name`: blanks may stand around a dot, though nobody means them.
function takePath(cursor: Cursor): string {
  let path = ''
  while (cursor.isAt('.') && cursor.peek(1).kind === 'name') {
    cursor.next()
    path += `.${cursor.next().text}`
  }
  return path
}

function checkCall(cursor: Cursor, name: EsqlToken, given: number): void {
  const known = ESQL_FUNCTIONS.get(name.lower)
  if (!known) {
    const meant = nearest(name.lower, ESQL_FUNCTIONS.keys())
    const hint = meant === undefined ? undefined : `Did you mean ${meant}?`
    return cursor.warn('unknown-function', name, `No function named “${name.text}” is known.`, hint)
  }
  const { least, most } = known
  if (given >= least && given <= most) return
  const wanted =
    least === most ? String(least) : most === Infinity ? `at least ${least}` : `${least} to ${most}`
  cursor.problem('wrong-arguments', name, `“${name.text}” takes ${wanted} arguments, not ${given}.`)
}
