// Parses a Kibana query: `or` binds looser than `and`, `and` looser than `not`. Recursive descent
// with recovery: every problem of a query at once, each with what was expected. Never throws; depth
// and length are capped, so it always ends.

import { LineMap, type Checked } from '#kernel/problem.ts'
import { QUERY_CHARS_MAX } from '#kernel/limits.ts'
import { Cursor as TokenCursor } from '#languages/cursor.ts'
import { parseChain } from '#languages/infix.ts'
import type { Range } from '#languages/query.ts'
import { lexKuery, type KueryToken, type KueryTokenKind } from './lex.ts'
import type { KueryNode, KueryOperator, KueryText, KueryValues } from './tree.ts'

type Cursor = TokenCursor<KueryToken>

/** An empty query matches everything and is no problem; its tree is undefined. */
export function parseKuery(text: string): Checked<KueryNode> {
  const map = new LineMap(text)
  if (text.length > QUERY_CHARS_MAX) {
    const message = `This query has ${text.length} characters; at most ${QUERY_CHARS_MAX} are read.`
    return { problems: [{ code: 'kuery/too-long', severity: 'error', message, ...map.span(0, 0) }] }
  }
  const cursor: Cursor = new TokenCursor('kuery', lexKuery(text), map)
  const value = parseQuery(cursor)
  return value === undefined ? { problems: cursor.problems } : { value, problems: cursor.problems }
}

function parseQuery(cursor: Cursor): KueryNode | undefined {
  const parts: KueryNode[] = []
  while (!cursor.isAtEnd) {
    const part = parseOr(cursor)
    if (part) parts.push(part)
    if (cursor.isAtEnd) break
    const stray = take(cursor)
    cursor.problem('unexpected', stray, `Nothing is open that “${stray.text}” could close.`)
  }
  return parts.length > 1 ? join('and', parts) : parts[0]
}

function parseOr(cursor: Cursor): KueryNode | undefined {
  return parseChain(
    () => parseAnd(cursor),
    () => takeKind(cursor, 'or'),
    (items) => join('or', items),
  )
}

// Two tests side by side are read as if joined by `and`, and said to be a problem.
function parseAnd(cursor: Cursor): KueryNode | undefined {
  return parseChain(
    () => parseNot(cursor),
    () => takeKind(cursor, 'and') || missesJoin(cursor),
    (items) => join('and', items),
  )
}

const STARTS_TEST: ReadonlySet<KueryTokenKind> = new Set([
  'word',
  'quoted',
  'not',
  'open',
  'open_nested',
])

function missesJoin(cursor: Cursor): boolean {
  const token = cursor.peek()
  if (!STARTS_TEST.has(token.kind)) return false
  cursor.problem(
    'missing-and-or',
    token,
    `Two tests stand side by side before “${token.text}”.`,
    'Write “and” or “or” between them.',
  )
  return true
}

function parseNot(cursor: Cursor): KueryNode | undefined {
  if (cursor.peek().kind !== 'not') return parsePrimary(cursor)
  const { start } = take(cursor)
  const item = cursor.nested(() => parseNot(cursor))
  return item && { kind: 'not', item, start, end: item.end }
}

function parsePrimary(cursor: Cursor): KueryNode | undefined {
  if (cursor.peek().kind === 'open') return parseGroup(cursor, () => parseOr(cursor))
  const text = parseText(cursor)
  if (!text) return expected(cursor, 'a field, a value or “(”')
  const { start } = text
  if (cursor.peek().kind !== 'operator') return { kind: 'free', values: text, start, end: text.end }
  const operator = take(cursor).text as KueryOperator
  if (operator === ':' && cursor.peek().kind === 'open_nested') {
    const item = parseGroup(cursor, () => parseOr(cursor))
    return item && { kind: 'nested', field: text, item, start, end: cursor.lastEnd() }
  }
  const values = parseValues(cursor, operator)
  return values && { kind: 'test', field: text, operator, values, start, end: values.end }
}

function parseValues(cursor: Cursor, operator: KueryOperator): KueryValues | undefined {
  if (operator === ':' && cursor.peek().kind === 'open') {
    return parseGroup(cursor, () => parseAnyValue(cursor))
  }
  return parseText(cursor) ?? expected(cursor, `a value after “${operator}”`)
}

function parseAnyValue(cursor: Cursor): KueryValues | undefined {
  const all = () =>
    parseChain<KueryValues>(
      () => parseOneValue(cursor),
      () => takeKind(cursor, 'and'),
      (items, range) => ({ kind: 'all', items, ...range }),
    )
  return parseChain<KueryValues>(
    all,
    () => takeKind(cursor, 'or'),
    (items, range) => ({ kind: 'any', items, ...range }),
  )
}

function parseOneValue(cursor: Cursor): KueryValues | undefined {
  const { kind } = cursor.peek()
  if (kind === 'open') return parseGroup(cursor, () => parseAnyValue(cursor))
  if (kind === 'not') {
    const { start } = take(cursor)
    const item = cursor.nested(() => parseOneValue(cursor))
    return item && { kind: 'none', item, start, end: item.end }
  }
  return parseText(cursor) ?? expected(cursor, 'a value')
}

function parseGroup<T>(cursor: Cursor, inner: () => T | undefined): T | undefined {
  const open = take(cursor)
  const value = cursor.nested(inner)
  if (!takeKind(cursor, open.kind === 'open' ? 'close' : 'close_nested')) {
    cursor.problem('unclosed', open, `This “${open.text}” is never closed.`)
  }
  return value
}

// Words that stand side by side are one value: `message: quick fox`. The last of them is left alone
// when an operator follows, for then it is the field of a test whose `and` is missing.
function parseText(cursor: Cursor): KueryText | undefined {
  const { kind, start, end, parts: given, isClosed } = cursor.peek()
  if (kind === 'quoted') {
    if (!isClosed) cursor.problem('unclosed-quote', cursor.peek(), 'This quote is never closed.')
    take(cursor)
    return { kind: 'text', isQuoted: true, parts: given, start, end }
  }
  if (kind !== 'word') return undefined
  const parts = [...take(cursor).parts]
  while (cursor.peek().kind === 'word' && cursor.peek(1).kind !== 'operator') {
    const [head = '', ...rest] = take(cursor).parts
    parts[parts.length - 1] += ` ${head}`
    parts.push(...rest)
  }
  return { kind: 'text', isQuoted: false, parts, start, end: cursor.lastEnd() }
}

// An opening brace or an operator with nothing before it is stepped over, so that parsing ends.
function expected(cursor: Cursor, what: string): undefined {
  const { kind } = cursor.peek()
  cursor.expected(what)
  if (kind === 'operator' || kind === 'open_nested') take(cursor)
  return undefined
}

function takeKind(cursor: Cursor, kind: KueryTokenKind): boolean {
  if (cursor.peek().kind !== kind) return false
  take(cursor)
  return true
}

function take(cursor: Cursor): KueryToken {
  const token = cursor.next()
  if (token.badEscapeAt < 0) return token
  const range = { start: token.badEscapeAt, end: token.badEscapeAt + 1 }
  const hint = String.raw`Write \\ for a backslash, or put the value in quotes.`
  cursor.problem('bad-escape', range, 'This backslash escapes nothing.', hint)
  return token
}

function join(kind: 'and' | 'or', items: readonly KueryNode[]): KueryNode {
  return { kind, items, ...around(items) }
}

function around(items: readonly Range[]): Range {
  return { start: items[0]!.start, end: items.at(-1)!.end }
}
