// The arguments of ES|QL's commands. Most take expressions with a few words between them (`AS`,
// `ON`, `DESC NULLS LAST`); those whose grammar matters to what a query reads have nodes of their own.

import type { Mention } from '#languages/query.ts'
import { isWord, parseExpression, takeWord, type Cursor } from './expression.ts'
import type {
  EsqlAggregate,
  EsqlArgument,
  EsqlAssignment,
  EsqlEnrich,
  EsqlExpression,
  EsqlLookupJoin,
  EsqlPattern,
  EsqlStats,
} from './tree.ts'

/** Words that may stand between the arguments of a command, in lower case. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  sort: ['asc', 'desc', 'nulls', 'first', 'last'],
  limit: ['by'],
  rename: ['as'],
  change_point: ['on', 'as'],
  completion: ['with'],
  rerank: ['on', 'with'],
  dissect: ['append_separator'],
  fuse: ['rrf', 'linear', 'score', 'group', 'key', 'by', 'with'],
  mmr: ['on', 'limit', 'with'],
  uri_parts: ['with'],
  user_agent: ['with'],
}
/** Commands whose arguments are separated by commas, at least one. */
const LISTS = new Set(['row', 'eval', 'sort', 'rename'])
/** Commands that work without an argument. */
const BARE = new Set(['fuse', 'metrics_info', 'ts_info', 'explain', 'promql', 'mmr'])
/** Commands of exactly one argument. */
const SINGLE = new Set(['where', 'mv_expand', 'sample'])

export function parseArguments(cursor: Cursor, name: string): readonly EsqlArgument[] {
  const found: EsqlArgument[] = []
  let words = readWords(cursor, name)
  while (!ends(cursor)) {
    const before = cursor.peek()
    const assignment = parseAssignment(cursor)
    const next = readWords(cursor, name)
    const isLast = ends(cursor) || cursor.isAt(',')
    if (assignment) found.push({ ...assignment, words, wordsAfter: isLast ? next : '' })
    words = isLast ? '' : next
    const hasComma = cursor.take(',')
    if (hasComma && ends(cursor)) cursor.expected('something after “,”')
    if (cursor.peek() === before) break
    if (!hasComma && (LISTS.has(name) || SINGLE.has(name)) && next === '') break
  }
  if (found.length === 0 && !BARE.has(name)) cursor.expected(`what ${name.toUpperCase()} works on`)
  return found
}

function readWords(cursor: Cursor, name: string): string {
  const known = WORDS[name] ?? []
  const words: string[] = []
  for (let word = known.find((text) => isWord(cursor, text)); word;) {
    words.push(word)
    cursor.next()
    word = known.find((text) => isWord(cursor, text))
  }
  if (words.at(-1) === 'append_separator') cursor.take('=')
  return words.join(' ')
}

function ends(cursor: Cursor): boolean {
  return cursor.isAtEnd || cursor.isAt('|') || cursor.isAt(')')
}

function parseAssignment(cursor: Cursor): EsqlAssignment | undefined {
  const token = cursor.peek()
  const isTarget = token.kind === 'name' || token.kind === 'parameter'
  const hasTarget = isTarget && cursor.isAt('=', 1)
  if (hasTarget) {
    cursor.next()
    cursor.next()
  }
  const target = hasTarget ? { name: token.text, start: token.start, end: token.end } : null
  const value = parseExpression(cursor)
  return value && { target, value, start: token.start, end: cursor.lastEnd() }
}

export function parseStats(cursor: Cursor, name: string): Pick<EsqlStats, 'aggregates' | 'by'> {
  const aggregates: EsqlAggregate[] = []
  const by: EsqlAssignment[] = []
  while (!ends(cursor) && !isWord(cursor, 'by')) {
    const before = cursor.peek()
    const assignment = parseAssignment(cursor)
    const where = takeWord(cursor, 'where') ? (parseExpression(cursor) ?? null) : null
    if (assignment) aggregates.push({ ...assignment, where, end: cursor.lastEnd() })
    if (!cursor.take(',') || cursor.peek() === before) break
  }
  if (takeWord(cursor, 'by') || takeMisspeltBy(cursor)) {
    do {
      const assignment = parseAssignment(cursor)
      if (assignment) by.push(assignment)
    } while (cursor.take(','))
  }
  if (aggregates.length === 0 && by.length === 0)
    cursor.expected(`an aggregate after ${name.toUpperCase()}`)
  return { aggregates, by }
}

// `stats count(*) byy host`: say so and go on as if it were right.
function takeMisspeltBy(cursor: Cursor): boolean {
  const token = cursor.peek()
  if (ends(cursor) || token.kind !== 'name') return false
  const looksLikeBy = /^b+y+$/.test(token.lower)
  cursor.expected('“,”, BY or “|”', looksLikeBy ? 'Did you mean BY?' : undefined)
  cursor.next()
  return looksLikeBy
}

export function parseColumns(cursor: Cursor): readonly Mention[] {
  const columns: Mention[] = []
  do {
    const token = cursor.peek()
    if (token.kind !== 'pattern' && token.kind !== 'parameter') {
      cursor.expected('a column')
      break
    }
    cursor.next()
    columns.push({ name: token.text, start: token.start, end: token.end })
  } while (cursor.take(','))
  return columns
}

/** `cluster:index`, quoted or not. */
export function parsePattern(cursor: Cursor, what: string): EsqlPattern | undefined {
  const token = cursor.peek()
  const isWordAfter = token.lower === 'metadata' && !token.isQuoted
  if ((token.kind !== 'pattern' && token.kind !== 'string') || isWordAfter)
    return cursor.expected(what)
  cursor.next()
  const [, cluster = null, name = token.text] =
    /^([\w*-]+):(?!:)"?([^"]+)"?$/.exec(token.text) ?? []
  return { name, cluster, start: token.start, end: token.end }
}

export function parseLookupJoin(cursor: Cursor, start: number): EsqlLookupJoin | undefined {
  const index = parsePattern(cursor, 'the lookup index')
  if (takeWord(cursor, 'as')) cursor.next()
  const on: EsqlExpression[] = []
  if (!takeWord(cursor, 'on')) cursor.expected('ON and the fields to join by')
  else {
    do {
      const field = parseExpression(cursor)
      if (field) on.push(field)
    } while (cursor.take(','))
  }
  return (
    index && { kind: 'lookup_join', name: 'lookup join', index, on, start, end: cursor.lastEnd() }
  )
}

export function parseEnrich(cursor: Cursor, start: number): EsqlEnrich | undefined {
  const policy = parsePattern(cursor, 'the enrich policy')
  let on: Mention | null = null
  if (takeWord(cursor, 'on')) {
    const token = cursor.peek()
    if (token.kind === 'name') on = { name: token.text, start: token.start, end: cursor.next().end }
    else cursor.expected('a field after ON')
  }
  const added: EsqlAssignment[] = []
  if (takeWord(cursor, 'with')) {
    do {
      const assignment = parseAssignment(cursor)
      if (assignment) added.push(assignment)
    } while (cursor.take(','))
  }
  return (
    policy && { kind: 'enrich', name: 'enrich', policy, on, added, start, end: cursor.lastEnd() }
  )
}
