// What `search` filters by: terms joined by `AND` (or nothing), `OR`, `NOT`; field comparisons; IN
// lists; quoted phrases; macros and subsearches. `OR` binds tighter than `AND` here, unlike anywhere
// else. Source: Search Manual, "Boolean expressions with search".

import type { Mention } from '#languages/query.ts'
import { atCommandEnd, isWord, takeWord, type Cursor } from './expression.ts'
import { readMacroCall } from './macro.ts'
import type { SplSubsearch, SplTerm, SplWord } from './tree.ts'

export interface TermParts {
  /** Parses `[ … ]`; the cursor stands on the opening bracket. */
  readonly subsearch: (cursor: Cursor) => SplSubsearch | undefined
  /** Words that end the terms: `by` in `tstats`. */
  readonly stops: ReadonlySet<string>
}

/** Undefined when no term stands here. */
export function parseTerms(cursor: Cursor, parts: TermParts): SplTerm | undefined {
  const items: SplTerm[] = []
  while (!endsTerms(cursor, parts)) {
    const before = cursor.peek()
    if (items.length > 0) takeWord(cursor, 'and')
    const item = parseAlternatives(cursor, parts)
    if (item) items.push(item)
    cursor.take(',')
    if (cursor.peek() === before) break
  }
  const [only] = items
  if (items.length < 2) return only
  return { kind: 'and', items, start: items[0]!.start, end: items.at(-1)!.end }
}

function endsTerms(cursor: Cursor, parts: TermParts): boolean {
  if (atCommandEnd(cursor) || cursor.isAt(')')) return true
  const token = cursor.peek()
  return token.kind === 'word' && parts.stops.has(token.lower)
}

function parseAlternatives(cursor: Cursor, parts: TermParts): SplTerm | undefined {
  const items: SplTerm[] = []
  do {
    const item = parseNot(cursor, parts)
    if (item) items.push(item)
  } while (takeWord(cursor, 'or'))
  const [only] = items
  if (items.length < 2) return only
  return { kind: 'or', items, start: items[0]!.start, end: items.at(-1)!.end }
}

function parseNot(cursor: Cursor, parts: TermParts): SplTerm | undefined {
  if (!isWord(cursor, 'not')) return parseTerm(cursor, parts)
  const { start } = cursor.next()
  const item = cursor.nested(() => parseNot(cursor, parts))
  return item && { kind: 'not', item, start, end: item.end }
}

function parseTerm(cursor: Cursor, parts: TermParts): SplTerm | undefined {
  const token = cursor.peek()
  if (cursor.isAt('(')) return parseBracket(cursor, parts)
  if (cursor.isAt('[')) return parts.subsearch(cursor)
  if (token.kind === 'macro') {
    cursor.next()
    const { text: name, start, end } = token
    const macro = readMacroCall(token)
    if (!macro)
      cursor.problem('bad-macro', token, 'This is no macro call: a name, then perhaps (arguments).')
    return macro ?? { kind: 'macro', name, arguments: [], start, end }
  }
  if (token.kind !== 'word' && token.kind !== 'string') {
    cursor.expected('a search term')
    if (token.kind === 'operator') cursor.next()
    return undefined
  }
  if (endsTerms(cursor, parts)) return cursor.expected('a search term')
  if (token.kind === 'word' && (token.lower === 'and' || token.lower === 'or')) {
    cursor.expected(`a search term before “${token.text}”`)
    cursor.next()
    return undefined
  }
  return parseComparison(cursor)
}

function parseBracket(cursor: Cursor, parts: TermParts): SplTerm | undefined {
  const open = cursor.next()
  const inner = cursor.nested(() => parseTerms(cursor, { ...parts, stops: NONE }))
  if (!cursor.take(')')) cursor.problem('unclosed', open, 'This “(” is never closed.')
  return (
    inner ?? { kind: 'free', text: '*', isQuoted: false, start: open.start, end: cursor.lastEnd() }
  )
}

const NONE: ReadonlySet<string> = new Set()
const SIGNS: Readonly<Record<string, '=' | '!=' | '<' | '<=' | '>' | '>='>> = {
  '=': '=',
  '==': '=',
  '!=': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
}

function parseComparison(cursor: Cursor): SplTerm | undefined {
  const { text, start, end, isQuoted } = cursor.next()
  const field: Mention = { name: text, start, end }
  const operator = cursor.peek().kind === 'operator' ? SIGNS[cursor.peek().text] : undefined
  if (operator !== undefined) {
    cursor.next()
    const value = parseValue(cursor)
    return value && { kind: 'comparison', field, operator, value, start, end: value.end }
  }
  if (isWord(cursor, 'in') && cursor.isAt('(', 1)) {
    cursor.next()
    const values = parseValues(cursor)
    return { kind: 'in', field, values, start, end: cursor.lastEnd() }
  }
  const isCall = cursor.isAt('(') && /^(term|case)$/i.test(text) && cursor.peek().start === end
  if (!isCall) return { kind: 'free', text, isQuoted, start, end }
  const open = cursor.next()
  while (!cursor.isAt(')') && !atCommandEnd(cursor)) cursor.next()
  if (!cursor.take(')')) cursor.problem('unclosed', open, 'This “(” is never closed.')
  return { kind: 'free', text, isQuoted: true, start, end: cursor.lastEnd() }
}

/** A word, a quoted text or a macro that stands for one. */
export function parseValue(cursor: Cursor): SplWord | undefined {
  const token = cursor.peek()
  const isValue = token.kind === 'word' || token.kind === 'string' || token.kind === 'macro'
  if (!isValue) return cursor.expected('a value')
  cursor.next()
  const { text: name, isQuoted, start, end } = token
  return { name, isQuoted, start, end }
}

function parseValues(cursor: Cursor): readonly SplWord[] {
  const open = cursor.next()
  const values: SplWord[] = []
  while (!cursor.isAt(')') && !atCommandEnd(cursor)) {
    const value = parseValue(cursor)
    if (value) values.push(value)
    else cursor.skipTo(',', ')', '|', ']')
    cursor.take(',')
  }
  if (!cursor.take(')')) cursor.problem('unclosed', open, 'This “(” is never closed.')
  if (values.length === 0) cursor.problem('empty-list', open, '“IN” needs at least one value.')
  return values
}
