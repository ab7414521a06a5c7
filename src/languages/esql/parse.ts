// Parses ES|QL: a source command, then commands joined by `|`. Every problem of a query at once;
// recovery goes on at the next `|`. Never throws and always ends.

import { QUERY_CHARS_MAX } from '#kernel/limits.ts'
import { LineMap, nearest, type Checked } from '#kernel/problem.ts'
import { Cursor as TokenCursor } from '#languages/cursor.ts'
import {
  parseArguments,
  parseColumns,
  parseEnrich,
  parseLookupJoin,
  parsePattern,
  parseStats,
} from './commands.ts'
import { close, isWord, takeWord, type Cursor } from './expression.ts'
import { ESQL_COMMANDS, type EsqlCommandName } from './functions.ts'
import { lexEsql } from './lex.ts'
import type { EsqlCommand, EsqlPattern, EsqlQuery } from './tree.ts'
import type { Mention } from '#languages/query.ts'

export function parseEsql(text: string): Checked<EsqlQuery> {
  const map = new LineMap(text)
  if (text.length > QUERY_CHARS_MAX) {
    const message = `This query has ${text.length} characters; at most ${QUERY_CHARS_MAX} are read.`
    return { problems: [{ code: 'esql/too-long', severity: 'error', message, ...map.span(0, 0) }] }
  }
  const cursor: Cursor = new TokenCursor('esql', lexEsql(text), map)
  skipSettings(cursor)
  const value = parseQuery(cursor)
  if (!cursor.isAtEnd) {
    const token = cursor.peek()
    cursor.problem('unexpected', token, `Nothing is open that “${token.text}” could close.`)
  }
  return { value, problems: cursor.problems }
}

// `SET name = value;` before the query.
function skipSettings(cursor: Cursor): void {
  while (takeWord(cursor, 'set')) {
    cursor.skipTo(';')
    if (!cursor.take(';')) cursor.expected('“;” after the setting')
  }
}

function parseQuery(cursor: Cursor): EsqlQuery {
  const { start } = cursor.peek()
  const commands = parseChain(cursor, true)
  return { commands, start, end: cursor.lastEnd() }
}

function parseChain(cursor: Cursor, hasSource: boolean): readonly EsqlCommand[] {
  const commands: EsqlCommand[] = []
  let isFirst = hasSource
  do {
    const command = cursor.nested(() => parseCommand(cursor, isFirst))
    isFirst = false
    if (command) commands.push(command)
    if (!atBoundary(cursor)) {
      cursor.expected('“|” or the end of the command')
      cursor.skipTo('|', ')')
    }
  } while (cursor.take('|'))
  return commands
}

function atBoundary(cursor: Cursor): boolean {
  return cursor.isAtEnd || cursor.isAt('|') || cursor.isAt(')')
}

const NAMES = Object.keys(ESQL_COMMANDS) as EsqlCommandName[]
const SOURCES = new Set<string>(['source', 'source_plain'])

function parseCommand(cursor: Cursor, isFirst: boolean): EsqlCommand | undefined {
  const name = readName(cursor, isFirst)
  if (name === undefined) return undefined
  const { start } = cursor.peek()
  for (const _ of name.split(' ')) cursor.next()
  const kind = ESQL_COMMANDS[name]
  if (isFirst !== SOURCES.has(kind)) misplaced(cursor, name, start, isFirst)
  switch (kind) {
    case 'source':
      return parseFrom(cursor, name as 'from' | 'ts', start)
    case 'columns':
      return { kind, name, columns: parseColumns(cursor), start, end: cursor.lastEnd() }
    case 'stats':
      return { kind, name, ...parseStats(cursor, name), start, end: cursor.lastEnd() }
    case 'fork':
      return { kind, name, branches: parseBranches(cursor), start, end: cursor.lastEnd() }
    case 'enrich':
      return parseEnrich(cursor, start)
    case 'lookup_join':
      return parseLookupJoin(cursor, start)
    default:
      return {
        kind: 'plain',
        name,
        arguments: parseArguments(cursor, name),
        start,
        end: cursor.lastEnd(),
      }
  }
}

function misplaced(cursor: Cursor, name: string, start: number, isFirst: boolean): void {
  const range = { start, end: start + name.length }
  const shown = name.toUpperCase()
  if (isFirst)
    cursor.problem(
      'no-source',
      range,
      `A query begins with FROM, ROW, TS or SHOW, not with ${shown}.`,
    )
  else cursor.problem('source-inside', range, `${shown} can only begin a query.`)
}

function readName(cursor: Cursor, isFirst: boolean): EsqlCommandName | undefined {
  const token = cursor.peek()
  if (atBoundary(cursor)) {
    cursor.expected(isFirst ? 'FROM, ROW, TS or SHOW' : 'a command after “|”')
    return undefined
  }
  const two = `${token.lower} ${cursor.peek(1).lower}`
  const name = NAMES.find((known) => known === two) ?? NAMES.find((known) => known === token.lower)
  if (token.kind === 'name' && !token.isQuoted && name !== undefined) return name
  const meant = nearest(token.text, NAMES)
  const hint = meant === undefined ? undefined : `Did you mean ${meant.toUpperCase()}?`
  cursor.problem('unknown-command', token, `There is no command named “${token.text}”.`, hint)
  cursor.skipTo('|', ')')
  return undefined
}

function parseFrom(cursor: Cursor, name: 'from' | 'ts', start: number): EsqlCommand {
  const patterns: EsqlPattern[] = []
  const subqueries: EsqlQuery[] = []
  do {
    const open = cursor.peek()
    if (cursor.isAt('(')) {
      cursor.next()
      subqueries.push(parseQuery(cursor))
      close(cursor, open, ')')
    } else {
      const pattern = parsePattern(cursor, 'an index pattern')
      if (pattern) patterns.push(pattern)
    }
  } while (cursor.take(','))
  const metadata = isWord(cursor, 'metadata') ? parseMetadata(cursor) : []
  return { kind: 'from', name, patterns, subqueries, metadata, start, end: cursor.lastEnd() }
}

function parseMetadata(cursor: Cursor): readonly Mention[] {
  cursor.next()
  const fields: Mention[] = []
  do {
    const token = cursor.peek()
    if (token.kind !== 'name') {
      cursor.expected('a metadata field, as in METADATA _id, _index')
      break
    }
    cursor.next()
    fields.push({ name: token.text, start: token.start, end: token.end })
  } while (cursor.take(','))
  return fields
}

function parseBranches(cursor: Cursor): readonly (readonly EsqlCommand[])[] {
  const branches: (readonly EsqlCommand[])[] = []
  while (cursor.isAt('(')) {
    const open = cursor.next()
    branches.push(parseChain(cursor, false))
    close(cursor, open, ')')
  }
  if (branches.length < 2) cursor.expected('at least two branches, each in brackets')
  return branches
}
