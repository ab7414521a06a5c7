// Parses a Lucene query string. Every problem at once, never thrown; depth and length are bounded. AND
// binds tighter than OR here; Lucene itself reads a mix of both without brackets otherwise, so a mix
// is a warning.

import { QUERY_CHARS_MAX } from '#kernel/limits.ts'
import { LineMap, type Checked } from '#kernel/problem.ts'
import { Cursor as TokenCursor } from '#languages/cursor.ts'
import type { Mention, Range } from '#languages/query.ts'
import { ANY } from '#languages/predicate.ts'
import { lexLucene, type LuceneToken } from './lex.ts'
import type { LuceneNode, LuceneTest, LuceneValue } from './tree.ts'

type Cursor = TokenCursor<LuceneToken>

export function parseLucene(text: string): Checked<LuceneNode> {
  const map = new LineMap(text)
  if (text.length > QUERY_CHARS_MAX) {
    const message = `This query has ${text.length} characters; at most ${QUERY_CHARS_MAX} are read.`
    return {
      problems: [{ code: 'lucene/too-long', severity: 'error', message, ...map.span(0, 0) }],
    }
  }
  const cursor: Cursor = new TokenCursor('lucene', lexLucene(text), map)
  if (cursor.isAtEnd) return { value: everything(cursor.peek()), problems: [] }
  const parts = [parseClauses(cursor, null)]
  while (!cursor.isAtEnd) {
    const stray = cursor.next()
    cursor.problem('unexpected', stray, `Nothing is open that “${stray.text}” could close.`)
    parts.push(parseClauses(cursor, null))
  }
  const items = parts.filter((part) => part !== undefined)
  const value = items.length > 1 ? { kind: 'clauses' as const, items, ...around(items) } : items[0]
  return value === undefined ? { problems: cursor.problems } : { value, problems: cursor.problems }
}

// Chains side by side. `field` is what `field: ( … )` tests.
function parseClauses(cursor: Cursor, field: Mention | null): LuceneNode | undefined {
  const items: LuceneNode[] = []
  while (!endsGroup(cursor)) {
    const before = cursor.peek()
    const item = parseOr(cursor, field)
    if (item) items.push(item)
    if (cursor.peek() === before) cursor.next()
  }
  if (items.length < 2) return items[0]
  return { kind: 'clauses', items, ...around(items) }
}

function endsGroup(cursor: Cursor): boolean {
  return cursor.isAtEnd || cursor.isAt(')')
}

function parseOr(cursor: Cursor, field: Mention | null): LuceneNode | undefined {
  const from = cursor.peek()
  const parts: { readonly node: LuceneNode; readonly isChain: boolean }[] = []
  do {
    const part = parseAnd(cursor, field)
    if (part) parts.push(part)
  } while (cursor.take('||'))
  const items = parts.map((part) => part.node)
  if (items.length < 2) return items[0]
  if (parts.some((part) => part.isChain)) {
    cursor.warn(
      'mixed-operators',
      { start: from.start, end: cursor.lastEnd() },
      'AND and OR are mixed without brackets, and Lucene does not let AND bind tighter.',
      'Put brackets around what belongs together.',
    )
  }
  return { kind: 'or', items, ...around(items) }
}

function parseAnd(cursor: Cursor, field: Mention | null) {
  const items: LuceneNode[] = []
  do {
    const item = cursor.nested(() => parseNot(cursor, field))
    if (item) items.push(item)
  } while (cursor.take('&&'))
  const [only] = items
  if (only === undefined) return undefined
  const isChain = items.length > 1
  return { node: isChain ? ({ kind: 'and', items, ...around(items) } as const) : only, isChain }
}

function parseNot(cursor: Cursor, field: Mention | null): LuceneNode | undefined {
  const { start } = cursor.peek()
  const isNot = cursor.isAt('!') || cursor.isAt('-')
  if (!isNot && !cursor.isAt('+')) return parsePrimary(cursor, field)
  cursor.next()
  const item = cursor.nested(() => parseNot(cursor, field))
  return item && { kind: isNot ? 'not' : 'must', item, start, end: item.end }
}

function parsePrimary(cursor: Cursor, outer: Mention | null): LuceneNode | undefined {
  const token = cursor.peek()
  if (cursor.isAt('(')) return parseGroup(cursor, outer)
  if (token.kind !== 'term' || !cursor.isAt(':', 1)) return parseTest(cursor, outer, token.start)
  cursor.next()
  cursor.next()
  const field: Mention = { name: token.text, start: token.start, end: token.end }
  if (outer)
    cursor.problem('nested-field', token, 'A field cannot stand inside the values of another.')
  if (cursor.isAt('(')) return parseGroup(cursor, field)
  if (field.name === '_exists_') return parseExists(cursor, token.start)
  if (field.name === '*' && isAny(cursor.peek()))
    return { ...everything(cursor.next()), start: token.start }
  return parseTest(cursor, field, token.start)
}

function parseGroup(cursor: Cursor, field: Mention | null): LuceneNode | undefined {
  const open = cursor.next()
  if (endsGroup(cursor)) cursor.expected('a value')
  const inner = cursor.nested(() => parseClauses(cursor, field))
  if (!cursor.take(')')) cursor.problem('unclosed', open, 'This “(” is never closed.')
  skipBoost(cursor)
  return inner && { ...inner, start: open.start, end: cursor.lastEnd() }
}

function parseExists(cursor: Cursor, start: number): LuceneNode | undefined {
  const token = cursor.peek()
  if (token.kind !== 'term' && token.kind !== 'quoted') {
    return cursor.expected('the name of a field after “_exists_:”')
  }
  cursor.next()
  const field: Mention = { name: token.text, start: token.start, end: token.end }
  return { kind: 'exists', field, start, end: token.end }
}

function parseTest(
  cursor: Cursor,
  field: Mention | null,
  start: number,
): LuceneTest | LuceneNode | undefined {
  const value = parseValue(cursor, field !== null)
  if (!value) return undefined
  if (field === null && value.kind === 'text' && !value.isQuoted && isAnyPattern(value.pattern)) {
    return { kind: 'everything', start, end: cursor.lastEnd() }
  }
  return { kind: 'test', field, value, start, end: cursor.lastEnd() }
}

function parseValue(cursor: Cursor, hasField: boolean): LuceneValue | undefined {
  const token = cursor.peek()
  switch (token.kind) {
    case 'term':
    case 'quoted': {
      cursor.next()
      const distance = readDistance(cursor)
      skipBoost(cursor)
      return { kind: 'text', pattern: token.pattern, isQuoted: token.kind === 'quoted', distance }
    }
    case 'regex':
      cursor.next()
      skipBoost(cursor)
      return { kind: 'regex', pattern: token.text }
    case 'range':
      cursor.next()
      skipBoost(cursor)
      return token.range ? { kind: 'range', ...token.range } : undefined
    default:
      return hasField && /^[<>]=?$/.test(token.text)
        ? parseComparison(cursor)
        : cursor.expected(hasField ? 'a value' : 'a field, a value or “(”')
  }
}

/** `age:>10` is a range with one end. */
function parseComparison(cursor: Cursor): LuceneValue | undefined {
  const { text: operator } = cursor.next()
  const token = cursor.peek()
  if (token.kind !== 'term' && token.kind !== 'quoted') {
    return cursor.expected(`a value after “${operator}”`)
  }
  cursor.next()
  const isLow = operator.startsWith('>')
  const isIncluded = operator.endsWith('=')
  return {
    kind: 'range',
    low: isLow ? token.text : null,
    high: isLow ? null : token.text,
    includesLow: isLow && isIncluded,
    includesHigh: !isLow && isIncluded,
  }
}

function readDistance(cursor: Cursor): number | null {
  if (!cursor.take('~')) return null
  return /^\d/.test(cursor.peek().text) ? Number(cursor.next().text) : 2
}

// A boost changes the order of results, never which ones there are.
function skipBoost(cursor: Cursor): void {
  if (!cursor.take('^')) return
  if (/^\d/.test(cursor.peek().text)) cursor.next()
  else cursor.expected('a number after “^”')
}

function everything({ start, end }: Range): Extract<LuceneNode, { kind: 'everything' }> {
  return { kind: 'everything', start, end }
}

function isAny(token: LuceneToken): boolean {
  return token.kind === 'term' && isAnyPattern(token.pattern)
}

function isAnyPattern(pattern: LuceneToken['pattern']): boolean {
  return pattern.length === 1 && pattern[0] === ANY
}

function around(items: readonly Range[]): Range {
  return { start: items[0]!.start, end: items.at(-1)!.end }
}
