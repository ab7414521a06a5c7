// Parses EQL queries: event queries, sequences, samples, joins and their pipes. Conditions are in
// expression.ts. Every problem of a query at once, each with what was expected; recovery goes on at
// the next bracket or pipe. Never throws and always ends: every loop consumes a token or stops.

import { QUERY_CHARS_MAX } from '#kernel/limits.ts'
import { LineMap, nearest, type Checked } from '#kernel/problem.ts'
import { Cursor as TokenCursor } from '#languages/cursor.ts'
import { parseExpression, type Cursor } from './expression.ts'
import { EQL_PIPES, EQL_PIPES_OF_ELASTICSEARCH } from './functions.ts'
import { isSoftKeyword, lexEql } from './lex.ts'
import type {
  EqlDuration,
  EqlEventFilter,
  EqlExpression,
  EqlPipe,
  EqlQuery,
  EqlTerm,
} from './tree.ts'

export function parseEql(text: string): Checked<EqlQuery> {
  const map = new LineMap(text)
  if (text.length > QUERY_CHARS_MAX) {
    const message = `This query has ${text.length} characters; at most ${QUERY_CHARS_MAX} are read.`
    return { problems: [{ code: 'eql/too-long', severity: 'error', message, ...map.span(0, 0) }] }
  }
  const cursor = new TokenCursor('eql', lexEql(text), map)
  const value = parseQuery(cursor)
  return value === undefined ? { problems: cursor.problems } : { value, problems: cursor.problems }
}

function parseQuery(cursor: Cursor): EqlQuery | undefined {
  if (cursor.peek().kind === 'end') {
    cursor.expected('an event category or “any”, then “where”')
    return undefined
  }
  const body = parseBody(cursor)
  if (body && !cursor.isAt('|') && cursor.peek().kind !== 'end') strayEnd(cursor)
  const pipes = parsePipes(cursor)
  return body && { ...body, pipes, end: cursor.lastEnd() }
}

// After `process where …` only a pipe may follow; the commonest stray is a bracket too many.
function strayEnd(cursor: Cursor): void {
  const token = cursor.peek()
  const isClosing = token.text === ')' || token.text === ']'
  if (isClosing)
    cursor.problem('unexpected', token, `Nothing is open that “${token.text}” could close.`)
  else cursor.expected('“and”, “or”, “|” or the end of the query')
  cursor.skipTo('|')
}

type Body = EqlQuery extends infer Q ? (Q extends unknown ? Omit<Q, 'pipes'> : never) : never

function parseBody(cursor: Cursor): Body | undefined {
  const start = cursor.peek().start
  const opening = sequenceStart(cursor)
  if (opening === undefined) {
    const filter = parseEventFilter(cursor)
    return filter && { kind: 'event', filter, start, end: filter.end }
  }
  cursor.next()
  const by = parseBy(cursor)
  const maxspan = opening === 'sequence' ? parseMaxspan(cursor) : null
  const lateBy = by.length === 0 ? parseBy(cursor) : by
  const terms = parseTerms(cursor)
  const least = opening === 'sample' || terms.every((term) => term.runs === 1) ? 2 : 1
  if (terms.length < least) {
    cursor.problem(
      'too-few-events',
      { start, end: cursor.lastEnd() },
      `A ${opening} needs at least two events in brackets.`,
    )
  }
  if (opening === 'sample') {
    if (lateBy.length === 0 && terms.every((term) => term.by.length === 0)) {
      cursor.problem(
        'sample-without-by',
        { start, end: start + opening.length },
        'A sample needs “by” and a field that its events share.',
      )
    }
    return { kind: 'sample', by: lateBy, terms, start, end: cursor.lastEnd() }
  }
  const until = cursor.take('until') ? (parseTerm(cursor) ?? null) : null
  return { kind: opening, by: lateBy, maxspan, terms, until, start, end: cursor.lastEnd() }
}

// `sequence where …` is an event query of the category “sequence”.
function sequenceStart(cursor: Cursor): 'sequence' | 'sample' | 'join' | undefined {
  const words = ['sequence', 'sample', 'join'] as const
  return words.find((word) => cursor.isAt(word) && !cursor.isAt('where', 1))
}

function parseBy(cursor: Cursor): readonly EqlExpression[] {
  if (!cursor.take('by')) return []
  const fields: EqlExpression[] = []
  do {
    const field = parseExpression(cursor)
    if (field) fields.push(field)
  } while (cursor.take(','))
  return fields
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

function parseMaxspan(cursor: Cursor): EqlDuration | null {
  if (!cursor.isAt('with') || !cursor.isAt('maxspan', 1)) return null
  cursor.next()
  cursor.next()
  if (!cursor.take('=')) cursor.expected('“=” after “maxspan”')
  const token = cursor.peek()
  if (token.kind !== 'duration') {
    cursor.expected('a time such as 30s, 5m or 1h')
    if (token.kind === 'number') cursor.next()
    return null
  }
  cursor.next()
  const [, size, unit] = /^([\d.]+)([a-z]+)$/.exec(token.text)!
  return { milliseconds: Number(size) * UNIT_MS[unit!]!, start: token.start, end: token.end }
}

function parseTerms(cursor: Cursor): readonly EqlTerm[] {
  const terms: EqlTerm[] = []
  while (cursor.isAt('[') || (cursor.isAt('!') && cursor.isAt('[', 1))) {
    const term = parseTerm(cursor)
    if (term) terms.push(term)
  }
  if (terms.length === 0 && !cursor.isAt('['))
    cursor.expected('an event in brackets, as in [process where …]')
  return terms
}

function parseTerm(cursor: Cursor): EqlTerm | undefined {
  const start = cursor.peek().start
  const isMissing = cursor.take('!')
  const open = cursor.peek()
  if (!cursor.take('[')) {
    cursor.expected('“[”')
    return undefined
  }
  const filter = parseEventFilter(cursor)
  if (!cursor.isAt(']')) {
    if (cursor.peek().kind === 'end') cursor.problem('unclosed', open, 'This “[” is never closed.')
    else cursor.expected('“and”, “or” or “]”')
    cursor.skipTo(']', '[', '|')
  }
  cursor.take(']')
  const by = parseBy(cursor)
  const runs = parseRuns(cursor)
  return filter && { filter, by, isMissing, runs, start, end: cursor.lastEnd() }
}

function parseRuns(cursor: Cursor): number {
  if (!cursor.isAt('with') || !cursor.isAt('runs', 1)) return 1
  cursor.next()
  cursor.next()
  if (!cursor.take('=')) cursor.expected('“=” after “runs”')
  const token = cursor.peek()
  const runs = Number(token.text)
  if (token.kind !== 'number' || !Number.isInteger(runs) || runs < 1 || runs > 100) {
    cursor.expected('a whole number from 1 to 100')
    return 1
  }
  cursor.next()
  return runs
}

function parseEventFilter(cursor: Cursor): EqlEventFilter | undefined {
  const token = cursor.peek()
  const isWord = token.kind === 'keyword' && isSoftKeyword(token.text)
  const isCategory = token.kind === 'name' || token.kind === 'string' || isWord
  if (!isCategory) {
    cursor.expected('an event category or “any”')
    return undefined
  }
  cursor.next()
  const category = { name: token.text, start: token.start, end: token.end }
  if (!cursor.take('where')) {
    cursor.expected('“where”', `Write “${token.text} where true” for every event of the category.`)
    cursor.skipTo('where', ']', '|')
    if (!cursor.take('where')) return undefined
  }
  const condition = parseExpression(cursor)
  return condition && { category, condition, start: token.start, end: cursor.lastEnd() }
}

function parsePipes(cursor: Cursor): readonly EqlPipe[] {
  const pipes: EqlPipe[] = []
  while (cursor.take('|')) {
    const pipe = parsePipe(cursor)
    if (pipe) pipes.push(pipe)
    if (!cursor.isAt('|') && cursor.peek().kind !== 'end') {
      cursor.expected('“|” or the end of the query')
      cursor.skipTo('|')
    }
  }
  return pipes
}

function parsePipe(cursor: Cursor): EqlPipe | undefined {
  const token = cursor.peek()
  if (token.kind !== 'name') {
    cursor.expected('a pipe: head or tail')
    return undefined
  }
  cursor.next()
  const given: EqlExpression[] = []
  while (!cursor.isAt('|') && cursor.peek().kind !== 'end') {
    const before = cursor.peek()
    const expression = parseExpression(cursor)
    if (expression) given.push(expression)
    cursor.take(',')
    if (cursor.peek() === before) break
  }
  checkPipe(cursor, token, given)
  return { name: token.text, arguments: given, start: token.start, end: cursor.lastEnd() }
}

function checkPipe(
  cursor: Cursor,
  token: { text: string; start: number; end: number },
  given: readonly EqlExpression[],
): void {
  const arity = EQL_PIPES[token.text]
  if (arity === undefined) {
    const meant = nearest(token.text, Object.keys(EQL_PIPES))
    const hint = meant === undefined ? 'Elasticsearch has head and tail.' : `Did you mean ${meant}?`
    return cursor.problem('unknown-pipe', token, `There is no pipe named “${token.text}”.`, hint)
  }
  if (given.length < arity[0] || given.length > arity[1]) {
    cursor.problem(
      'wrong-arguments',
      token,
      `“${token.text}” takes ${arity[0]} argument, not ${given.length}.`,
    )
  } else if (!EQL_PIPES_OF_ELASTICSEARCH.has(token.text)) {
    cursor.warn(
      'pipe-not-in-elasticsearch',
      token,
      `Elasticsearch does not run the pipe “${token.text}”.`,
      'Use head or tail, or ES|QL to count.',
    )
  }
}
