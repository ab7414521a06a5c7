// Expressions of `eval` and `where`: `or`, `xor`, `and`, `not`, comparisons, concatenation, sums,
// products, signs. Function names and operators in words have no case; field names do.

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
import { isSplStatsFunction, SPL_EVAL_FUNCTIONS } from './functions.ts'
import type { SplToken } from './lex.ts'
import { readMacroCall } from './macro.ts'
import type { SplExpression } from './tree.ts'

/** A place in the tokens of one SPL search. */
export type Cursor = TokenCursor<SplToken>

export function isWord(cursor: Cursor, word: string, ahead = 0): boolean {
  const token = cursor.peek(ahead)
  return token.kind === 'word' && token.lower === word
}

export function takeWord(cursor: Cursor, word: string): boolean {
  const isHere = isWord(cursor, word)
  if (isHere) cursor.next()
  return isHere
}

/** Where a command ends: a pipe, the end, or what closes a subsearch. */
export function atCommandEnd(cursor: Cursor): boolean {
  return cursor.isAtEnd || cursor.isAt('|') || cursor.isAt(']')
}

export function parseExpression(cursor: Cursor): SplExpression | undefined {
  return parseLogic(cursor, 'any', 'or', () =>
    parseLogic(cursor, 'xor', 'xor', () =>
      parseLogic(cursor, 'all', 'and', () => parseNot(cursor)),
    ),
  )
}

function parseLogic(
  cursor: Cursor,
  kind: 'any' | 'all' | 'xor',
  word: string,
  part: () => SplExpression | undefined,
): SplExpression | undefined {
  const make = (items: readonly SplExpression[], range: Range) => ({ kind, items, ...range })
  return parseChain(part, () => takeWord(cursor, word), make)
}

function parseNot(cursor: Cursor): SplExpression | undefined {
  if (!isWord(cursor, 'not')) return parseComparison(cursor)
  const { start } = cursor.next()
  const item = cursor.nested(() => parseNot(cursor))
  return item && { kind: 'none', item, start, end: item.end }
}

const COMPARATORS: ReadonlySet<string> = new Set(['=', '==', '!=', '<', '<=', '>', '>='])

function parseComparison(cursor: Cursor): SplExpression | undefined {
  const left = parseSum(cursor)
  if (!left) return undefined
  const token = cursor.peek()
  if (token.kind === 'operator' && COMPARATORS.has(token.text)) {
    cursor.next()
    const right = parseSum(cursor)
    const operator = token.text === '==' ? '=' : token.text
    return right && { kind: 'binary', operator, left, right, start: left.start, end: right.end }
  }
  if (takeWord(cursor, 'like')) {
    const right = parseSum(cursor)
    return (
      right && { kind: 'binary', operator: 'like', left, right, start: left.start, end: right.end }
    )
  }
  if (!isWord(cursor, 'in')) return left
  cursor.next()
  if (!cursor.isAt('(')) return cursor.expected('“(” after “in”')
  const list = listOf(cursor)
  return { kind: 'membership', left, list, start: left.start, end: cursor.lastEnd() }
}

/** The items between brackets; the cursor stands on the opening one. */
const BRACKETS: Brackets = {
  boundary: ['|', ']'],
  isListBounded: true,
  expected: '“,”, an operator',
}

export function listOf(cursor: Cursor): readonly SplExpression[] {
  return parseList(cursor, BRACKETS, () => parseExpression(cursor))
}

export function close(cursor: Cursor, open: SplToken): void {
  closeBracket(cursor, BRACKETS, open)
}

const LEVELS = [['.'], ['+', '-'], ['*', '/', '%']] as const

// `.` concatenates and binds loosest of the three, `*` tightest.
function parseSum(cursor: Cursor, level = 0): SplExpression | undefined {
  const operators: readonly string[] | undefined = LEVELS[level]
  if (operators === undefined) return parseSigned(cursor)
  const part = () => parseSum(cursor, level + 1)
  return parseLeftBinary(cursor, operators, part, (operator, left, right, range) => {
    return { kind: 'binary', operator, left, right, ...range }
  })
}

function parseSigned(cursor: Cursor): SplExpression | undefined {
  if (!cursor.isAt('-') && !cursor.isAt('+')) return parsePrimary(cursor)
  const sign = cursor.next()
  const item = cursor.nested(() => parseSigned(cursor))
  if (!item || sign.text === '+') return item
  return { kind: 'negation', item, start: sign.start, end: item.end }
}

function parsePrimary(cursor: Cursor): SplExpression | undefined {
  const token = cursor.peek()
  const { start, end, text } = token
  switch (token.kind) {
    case 'string':
      cursor.next()
      return { kind: 'literal', value: text, start, end }
    case 'number':
      cursor.next()
      return { kind: 'literal', value: Number(text), start, end }
    case 'field':
      cursor.next()
      return { kind: 'field', name: text, start, end }
    case 'macro':
      cursor.next()
      return readMacroCall(token) ?? { kind: 'macro', name: text, arguments: [], start, end }
    case 'word':
      return parseNamed(cursor)
    case 'unknown':
      while (cursor.peek().kind === 'unknown') cursor.next()
      return parsePrimary(cursor)
    case 'operator':
      cursor.expected('a field, a value or a function')
      cursor.next()
      return undefined
    default:
      return parseBracketed(cursor)
  }
}

function parseBracketed(cursor: Cursor): SplExpression | undefined {
  const open = cursor.peek()
  if (!cursor.take('(')) return cursor.expected('a field, a value or a function')
  const inner = cursor.nested(() => parseExpression(cursor))
  close(cursor, open)
  return inner
}

const OPERATORS_IN_WORDS = new Set(['and', 'or', 'xor', 'in', 'like', 'as', 'by'])

function parseNamed(cursor: Cursor): SplExpression | undefined {
  const token = cursor.peek()
  const { start, end, text } = token
  const isCall = cursor.isAt('(', 1) && SPL_EVAL_FUNCTIONS.has(token.lower)
  if (!isCall && OPERATORS_IN_WORDS.has(token.lower))
    return cursor.expected('a field, a value or a function')
  cursor.next()
  if (!cursor.isAt('(')) return { kind: 'field', name: text, start, end }
  const given = listOf(cursor)
  checkCall(cursor, token, given.length)
  return { kind: 'call', name: token.lower, arguments: given, start, end: cursor.lastEnd() }
}

function checkCall(cursor: Cursor, name: SplToken, given: number): void {
  const known = SPL_EVAL_FUNCTIONS.get(name.lower)
  if (!known) {
    if (isSplStatsFunction(name.lower)) return
    const meant = nearest(name.text, SPL_EVAL_FUNCTIONS.keys())
    const hint = meant === undefined ? undefined : `Did you mean ${meant}?`
    return cursor.problem(
      'unknown-function',
      name,
      `eval has no function named “${name.text}”.`,
      hint,
    )
  }
  const { least, most } = known
  if (given >= least && given <= most) return
  const wanted =
    least === most ? String(least) : most === Infinity ? `at least ${least}` : `${least} to ${most}`
  cursor.problem('wrong-arguments', name, `“${name.text}” takes ${wanted} arguments, not ${given}.`)
}
