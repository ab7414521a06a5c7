// The arguments of SPL's commands: assignments of `eval`, pairs of `rename`, aggregates of the
// `stats` family, and the options, words and subsearches of all others.

import { nearest } from '#kernel/problem.ts'
import type { Mention } from '#languages/query.ts'
import type { SplCommandInfo } from './commands.ts'
import {
  atCommandEnd,
  close,
  isWord,
  parseExpression,
  takeWord,
  type Cursor,
} from './expression.ts'
import { isSplStatsFunction, SPL_STATS_FUNCTIONS } from './functions.ts'
import type { SplToken } from './lex.ts'
import { parseTerms, parseValue } from './terms.ts'
import type {
  SplAggregate,
  SplAssignment,
  SplOption,
  SplPlain,
  SplRename,
  SplStats,
  SplSubsearch,
  SplWord,
} from './tree.ts'

type ParseSubsearch = (cursor: Cursor) => SplSubsearch | undefined

export function parseAssignments(cursor: Cursor): readonly SplAssignment[] {
  const found: SplAssignment[] = []
  do {
    const token = cursor.peek()
    if (token.kind === 'macro' && !cursor.isAt('=', 1)) {
      cursor.next() // stands for a whole assignment
      continue
    }
    const target = parseTarget(cursor)
    if (!target) break
    if (!cursor.take('=')) {
      cursor.expected(
        `“=” after “${target.name}”`,
        'eval gives a field a value: eval name = expression.',
      )
      cursor.skipTo(',', '|', ']')
      continue
    }
    const value = parseExpression(cursor)
    if (value) found.push({ target, value, start: target.start, end: value.end })
  } while (cursor.take(','))
  return found
}

// Without quotes a name may hold signs that are operators elsewhere: `eval user-agent = …` is wrong
// to Splunk too, so only words, quoted names and names made of braces pass.
function parseTarget(cursor: Cursor): Mention | undefined {
  const token = cursor.peek()
  if (
    token.kind !== 'word' &&
    token.kind !== 'string' &&
    token.kind !== 'field' &&
    token.kind !== 'macro'
  ) {
    return cursor.expected('the name of a field')
  }
  cursor.next()
  return { name: token.text, start: token.start, end: token.end }
}

export function parseRename(cursor: Cursor): SplRename['pairs'] {
  const pairs: { from: Mention; to: Mention }[] = []
  const before = cursor.problems.length
  while (!atCommandEnd(cursor)) {
    const from = parseValue(cursor)
    if (!from) break
    if (!takeWord(cursor, 'as')) {
      cursor.expected(`“as” after “${from.name}”`, 'rename old as new')
      cursor.skipTo(',', '|', ']')
      if (!cursor.take(',')) break
      continue
    }
    const to = parseValue(cursor)
    if (!to) break
    pairs.push({ from, to })
    cursor.take(',')
  }
  if (pairs.length === 0 && cursor.problems.length === before) cursor.expected('“old as new”')
  return pairs
}

const STOPS: ReadonlySet<string> = new Set(['by', 'over', 'groupby'])

export function parseStats(
  cursor: Cursor,
  name: string,
  subsearch: ParseSubsearch,
): Pick<SplStats, 'options' | 'aggregates' | 'by' | 'from' | 'where'> {
  const options: SplOption[] = []
  const aggregates: SplAggregate[] = []
  const from: SplOption[] = []
  const by: Mention[] = []
  let where: SplStats['where'] = null
  while (!atCommandEnd(cursor)) {
    const before = cursor.peek()
    if (isWord(cursor, 'by') || isWord(cursor, 'over') || isWord(cursor, 'groupby')) {
      cursor.next()
      by.push(...parseByFields(cursor, options))
    } else if (isWord(cursor, 'from') && cursor.peek(1).kind !== 'operator') {
      cursor.next()
      from.push(...readOptions(cursor))
    } else if (isWord(cursor, 'where')) {
      cursor.next()
      where = parseTerms(cursor, { subsearch, stops: STOPS }) ?? null
      if (where === null && name === 'tstats') cursor.expected('a condition after “where”')
    } else if (before.kind === 'word' && cursor.peek(1).kind === 'operator') {
      options.push(...readOptions(cursor))
    } else if (before.kind === 'macro') cursor.next()
    else {
      const aggregate = parseAggregate(cursor)
      if (aggregate) aggregates.push(aggregate)
    }
    cursor.take(',')
    if (cursor.peek() === before) break
  }
  if (aggregates.length === 0 && options.length === 0 && cursor.lastEnd() === 0)
    cursor.expected('an aggregate')
  return { options, aggregates, by, from, where }
}

/** Options may stand among the fields: `by _time span=1h`. */
function parseByFields(cursor: Cursor, options: SplOption[]): readonly Mention[] {
  const fields: Mention[] = []
  while (!atCommandEnd(cursor) && !isWord(cursor, 'by') && !isWord(cursor, 'where')) {
    const token = cursor.peek()
    if (token.kind === 'word' && cursor.peek(1).kind === 'operator' && fields.length > 0) {
      options.push(...readOptions(cursor))
      continue
    }
    const field = parseValue(cursor)
    if (!field) break
    if (cursor.isAt('(')) {
      cursor.problem('unexpected', cursor.peek(), `“by” takes fields; “${field.name}(…)” is none.`)
      cursor.skipTo(')', '|', ']')
      cursor.take(')')
    }
    fields.push(field)
    if (cursor.take(',') && atCommandEnd(cursor)) cursor.expected('a field after “,”')
  }
  if (fields.length === 0) cursor.expected('a field after “by”')
  return fields
}

function readOptions(cursor: Cursor): readonly SplOption[] {
  const found: SplOption[] = []
  while (
    cursor.peek().kind === 'word' &&
    cursor.peek(1).kind === 'operator' &&
    !isWord(cursor, 'by')
  ) {
    const name = cursor.next()
    cursor.next()
    if (cursor.isAt('(')) {
      const words: SplWord[] = []
      readBracket(cursor, words) // transaction startswith=(…)
      const value = words.map((word) => word.name).join(' ')
      found.push({
        name: name.lower,
        value,
        isQuoted: true,
        start: name.start,
        end: cursor.lastEnd(),
      })
      continue
    }
    const value = parseValue(cursor)
    if (!value) break
    const { isQuoted, end } = value
    found.push({ name: name.lower, value: value.name, isQuoted, start: name.start, end })
    if (cursor.isAt('(') && value.name.toLowerCase() === 'eval') readBracket(cursor, [])
    cursor.take(',')
  }
  return found
}

function parseAggregate(cursor: Cursor): SplAggregate | undefined {
  const token = cursor.peek()
  if (token.kind !== 'word') {
    cursor.expected('an aggregate such as count or values(field)')
    if (!atCommandEnd(cursor)) cursor.next()
    return undefined
  }
  cursor.next()
  const argument = cursor.isAt('(') ? parseAggregateArgument(cursor, token) : undefined
  checkAggregate(cursor, token, argument !== undefined)
  const as = takeWord(cursor, 'as') ? parseNewName(cursor) : undefined
  const { lower: name, start } = token
  return { name, argument: argument ?? null, as: as ?? null, start, end: cursor.lastEnd() }
}

// `values(x) as flags(inherited)` names a field “flags(inherited)”.
function parseNewName(cursor: Cursor): Mention | undefined {
  const word = parseValue(cursor)
  if (!word || !cursor.isAt('(') || cursor.peek().start !== word.end) return word
  const open = cursor.next()
  const inner: string[] = []
  while (!cursor.isAt(')') && !atCommandEnd(cursor)) inner.push(cursor.next().text)
  close(cursor, open)
  return { name: `${word.name}(${inner.join(' ')})`, start: word.start, end: cursor.lastEnd() }
}

// `count(x)`, `count(eval(x>1))`, `sparkline(count, 1h)`: names may hold what eval would compute.
function parseAggregateArgument(
  cursor: Cursor,
  name: SplToken,
): SplAggregate['argument'] | undefined {
  const open = cursor.next()
  if (isWord(cursor, 'eval') && cursor.isAt('(', 1)) {
    cursor.next()
    const inner = cursor.next()
    const value = parseExpression(cursor)
    close(cursor, inner)
    close(cursor, open)
    return value
  }
  let value: SplAggregate['argument'] | undefined
  while (!cursor.isAt(')') && !atCommandEnd(cursor)) {
    const token = cursor.next()
    const { text, start, end } = token
    value ??= { kind: 'field', name: text, start, end }
    if (cursor.isAt('(')) parseAggregateArgument(cursor, token)
    cursor.take(',')
  }
  close(cursor, open)
  if (value === undefined && name.lower !== 'count' && name.lower !== 'c')
    cursor.problem('expected', open, `“${name.text}” needs a field.`)
  return value
}

function checkAggregate(cursor: Cursor, name: SplToken, hasArgument: boolean): void {
  // `sum*` and `avg(foo) as …` pass; a bare word that is no aggregate is the commonest slip.
  if (isSplStatsFunction(name.lower)) return
  const meant = nearest(name.text, SPL_STATS_FUNCTIONS)
  const hint = meant === undefined ? undefined : `Did you mean ${meant}?`
  const what = hasArgument
    ? `stats has no function named “${name.text}”.`
    : `“${name.text}” is no aggregate.`
  cursor.problem('unknown-stats-function', name, what, hint)
}

export function parsePlain(
  cursor: Cursor,
  name: SplToken,
  info: SplCommandInfo,
  subsearch: ParseSubsearch,
): Pick<SplPlain, 'options' | 'words' | 'subsearches'> {
  const options: SplOption[] = []
  const words: SplWord[] = []
  const subsearches: SplSubsearch[] = []
  while (!atCommandEnd(cursor)) {
    const before = cursor.peek()
    if (before.kind === 'word' && cursor.peek(1).kind === 'operator') {
      options.push(...readOptions(cursor))
    } else if (cursor.isAt('[')) {
      const found = subsearch(cursor)
      if (found) subsearches.push(found)
    } else if (cursor.isAt('(')) readBracket(cursor, words)
    else if (before.kind === 'operator' || cursor.isAt(',')) cursor.next()
    else if (cursor.isAt(')')) break
    else words.push(readWord(cursor))
    if (cursor.peek() === before) break
  }
  const given = options.length + words.length + subsearches.length
  if (given < info.least) cursor.expected(`what ${name.text} works on`)
  return { options, words, subsearches }
}

function readBracket(cursor: Cursor, words: SplWord[]): void {
  const open = cursor.next()
  while (!cursor.isAt(')') && !atCommandEnd(cursor)) {
    if (cursor.isAt('(')) readBracket(cursor, words)
    else words.push(readWord(cursor))
  }
  close(cursor, open)
}

function readWord(cursor: Cursor): SplWord {
  const { text: name, isQuoted, start, end } = cursor.next()
  return { name, isQuoted, start, end }
}
