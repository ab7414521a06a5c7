// Conditions of EQL: `or` binds looser than `and`, then `not`, comparisons and matchers, sums,
// products, signs. Comparisons do not chain.

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
import { EQL_FUNCTIONS, findEqlFunction } from './functions.ts'
import { isSoftKeyword, type EqlToken } from './lex.ts'
import type { EqlArithmetic, EqlComparator, EqlExpression, EqlMatcher } from './tree.ts'

/** A place in the tokens of one EQL query. */
export type Cursor = TokenCursor<EqlToken>

export function parseExpression(cursor: Cursor): EqlExpression | undefined {
  return parseJunction(cursor, 'or', () => parseJunction(cursor, 'and', () => parseNot(cursor)))
}

function parseJunction(
  cursor: Cursor,
  kind: 'and' | 'or',
  part: () => EqlExpression | undefined,
): EqlExpression | undefined {
  const make = (items: readonly EqlExpression[], range: Range) => ({ kind, items, ...range })
  return parseChain(part, () => cursor.take(kind), make)
}

function parseNot(cursor: Cursor): EqlExpression | undefined {
  if (!cursor.isAt('not')) return parseComparison(cursor)
  const { start } = cursor.next()
  const item = cursor.nested(() => parseNot(cursor))
  return item && { kind: 'not', item, start, end: item.end }
}

const COMPARATORS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>='])
const MATCHERS: ReadonlySet<string> = new Set([
  'in',
  'in~',
  ':',
  'like',
  'like~',
  'regex',
  'regex~',
])

function parseComparison(cursor: Cursor): EqlExpression | undefined {
  const left = parseSum(cursor)
  if (!left) return undefined
  const token = cursor.peek()
  if (cursor.isAt('=')) {
    cursor.problem('single-equals', token, 'EQL compares with “==” or “:”.', 'Write “==”.')
    cursor.next()
    return finishComparison(cursor, left, '==')
  }
  if (token.kind === 'operator' && COMPARATORS.has(token.text)) {
    cursor.next()
    return finishComparison(cursor, left, token.text as EqlComparator)
  }
  const isNegated = cursor.isAt('not') && (cursor.isAt('in', 1) || cursor.isAt('in~', 1))
  if (isNegated) cursor.next()
  return cursor.peek().kind !== 'string' && MATCHERS.has(cursor.peek().text)
    ? parseMembership(cursor, left, isNegated)
    : left
}

function finishComparison(cursor: Cursor, left: EqlExpression, operator: EqlComparator) {
  const right = parseSum(cursor)
  return (
    right && {
      kind: 'comparison' as const,
      operator,
      left,
      right,
      start: left.start,
      end: right.end,
    }
  )
}

function parseMembership(
  cursor: Cursor,
  left: EqlExpression,
  isNegated: boolean,
): EqlExpression | undefined {
  const operator = cursor.next().text as EqlMatcher
  const isSet = operator === 'in' || operator === 'in~'
  if (!cursor.isAt('(')) {
    if (isSet) return cursor.expected(`“(” after “${operator}”`)
    const value = parseSum(cursor)
    if (!value) return undefined
    return {
      kind: 'membership',
      operator,
      isNegated,
      left,
      list: [value],
      start: left.start,
      end: value.end,
    }
  }
  const list = listOf(cursor)
  if (list.length === 0)
    cursor.problem('empty-list', left, `“${operator}” needs at least one value.`)
  return {
    kind: 'membership',
    operator,
    isNegated,
    left,
    list,
    start: left.start,
    end: cursor.lastEnd(),
  }
}

const BRACKETS: Brackets = { boundary: [']', '|'], isListBounded: false, expected: '“,”' }

function listOf(cursor: Cursor): readonly EqlExpression[] {
  return parseList(cursor, BRACKETS, () => parseExpression(cursor))
}

function parseSum(cursor: Cursor): EqlExpression | undefined {
  return parseArithmetic(cursor, ['+', '-'], () =>
    parseArithmetic(cursor, ['*', '/', '%'], () => parseSigned(cursor)),
  )
}

function parseArithmetic(
  cursor: Cursor,
  operators: readonly EqlArithmetic['operator'][],
  part: () => EqlExpression | undefined,
): EqlExpression | undefined {
  return parseLeftBinary(cursor, operators, part, (text, left, right, range) => {
    const operator = text as EqlArithmetic['operator']
    return { kind: 'arithmetic', operator, left, right, ...range }
  })
}

function parseSigned(cursor: Cursor): EqlExpression | undefined {
  if (!cursor.isAt('-') && !cursor.isAt('+')) return parsePrimary(cursor)
  const sign = cursor.next()
  const item = cursor.nested(() => parseSigned(cursor))
  if (!item || sign.text === '+') return item
  return { kind: 'negation', item, start: sign.start, end: item.end }
}

function parsePrimary(cursor: Cursor): EqlExpression | undefined {
  const token = cursor.peek()
  const { start, end } = token
  if (token.kind === 'string') return literal(cursor, token.text)
  if (token.kind === 'number') return literal(cursor, Number(token.text))
  if (cursor.isAt('true') || cursor.isAt('false')) return literal(cursor, token.text === 'true')
  if (cursor.isAt('null')) return literal(cursor, null)
  if (cursor.isAt('(')) {
    cursor.next()
    const inner = cursor.nested(() => parseExpression(cursor))
    closeBracket(cursor, BRACKETS, token)
    return inner
  }
  if (cursor.isAt('?')) {
    cursor.next()
    const name = cursor.peek()
    if (!isName(name)) return cursor.expected('a field after “?”')
    cursor.next()
    return { kind: 'field', name: name.text, isOptional: true, start, end: name.end }
  }
  if (isName(token)) return parseNamed(cursor)
  if (token.kind === 'unknown') {
    while (cursor.peek().kind === 'unknown') cursor.next()
    return parsePrimary(cursor)
  }
  if (end > start && (token.kind === 'operator' || token.text === ',')) {
    cursor.expected('a field, a value or a function')
    cursor.next()
    return undefined
  }
  return cursor.expected('a field, a value or a function')
}

function isName(token: EqlToken): boolean {
  return token.kind === 'name' || (token.kind === 'keyword' && isSoftKeyword(token.text))
}

function literal(cursor: Cursor, value: string | number | boolean | null): EqlExpression {
  const { start, end } = cursor.next()
  return { kind: 'literal', value, start, end }
}

function parseNamed(cursor: Cursor): EqlExpression {
  const name = cursor.next()
  const isCaseless = cursor.isAt('~') && cursor.isAt('(', 1)
  if (isCaseless) cursor.next()
  if (!cursor.isAt('(') || name.isQuoted) {
    return { kind: 'field', name: name.text, isOptional: false, start: name.start, end: name.end }
  }
  const given = listOf(cursor)
  checkCall(cursor, name, isCaseless, given.length)
  const { text, start } = name
  return { kind: 'call', name: text, isCaseless, arguments: given, start, end: cursor.lastEnd() }
}

function checkCall(cursor: Cursor, name: EqlToken, isCaseless: boolean, given: number): void {
  const known = findEqlFunction(name.text)?.definition
  if (!known) {
    const meant = nearest(name.text, Object.keys(EQL_FUNCTIONS))
    const hint = meant === undefined ? undefined : `Did you mean ${meant}?`
    return cursor.problem(
      'unknown-function',
      name,
      `There is no function named “${name.text}”.`,
      hint,
    )
  }
  const [least, most] = known.arguments
  if (given < least || given > most) {
    const wanted =
      least === most
        ? String(least)
        : most === Infinity
          ? `at least ${least}`
          : `${least} or ${most}`
    cursor.problem(
      'wrong-arguments',
      name,
      `“${name.text}” takes ${wanted} arguments, not ${given}.`,
    )
  }
  if (isCaseless && !known.hasCaseless) {
    cursor.problem(
      'no-caseless-form',
      name,
      `“${name.text}” has no caseless form.`,
      'Leave out the “~”.',
    )
  }
  if (known.isDeprecated) {
    cursor.warn(
      'deprecated-function',
      name,
      `“${name.text}” was removed from Elasticsearch.`,
      'Use “like~” or “regex~”.',
    )
  }
}
