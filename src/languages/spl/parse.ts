// Parses SPL: commands joined by `|`, subsearches in brackets. Every problem of a search at once;
// recovery goes on at the next `|`. Never throws and always ends.

import { QUERY_CHARS_MAX } from '#kernel/limits.ts'
import { LineMap, nearest, type Checked } from '#kernel/problem.ts'
import { Cursor as TokenCursor } from '#languages/cursor.ts'
import { parseAssignments, parsePlain, parseRename, parseStats } from './arguments.ts'
import { SPL_COMMANDS, type SplCommandInfo } from './commands.ts'
import { atCommandEnd, parseExpression, type Cursor } from './expression.ts'
import { lexSpl, type SplToken } from './lex.ts'
import { readMacroCall } from './macro.ts'
import { parseTerms } from './terms.ts'
import type { SplCommand, SplSearch, SplSubsearch } from './tree.ts'

export function parseSpl(text: string): Checked<SplSearch> {
  const map = new LineMap(text)
  if (text.length > QUERY_CHARS_MAX) {
    const message = `This search has ${text.length} characters; at most ${QUERY_CHARS_MAX} are read.`
    return { problems: [{ code: 'spl/too-long', severity: 'error', message, ...map.span(0, 0) }] }
  }
  const cursor: Cursor = new TokenCursor('spl', lexSpl(text), map)
  const value = parseSearch(cursor)
  while (!cursor.isAtEnd) {
    const token = cursor.next()
    cursor.problem('unexpected', token, `Nothing is open that “${token.text}” could close.`)
    cursor.skipTo('|')
    if (cursor.take('|')) parseSearch(cursor)
  }
  return { value, problems: cursor.problems }
}

function parseSearch(cursor: Cursor, isSubsearch = false): SplSearch {
  const { start } = cursor.peek()
  const commands: SplCommand[] = []
  // A leading pipe announces a generating command; without one the first command is `search`.
  let isImplicit = !cursor.take('|')
  do {
    const command =
      isImplicit && !namesCommand(cursor, isSubsearch)
        ? implicitSearch(cursor)
        : parseCommand(cursor)
    isImplicit = false
    if (command) commands.push(command)
    if (!atCommandEnd(cursor)) {
      const closing = cursor.peek()
      if (cursor.isAt(')')) {
        cursor.problem('unexpected', closing, 'Nothing is open that “)” could close.')
        cursor.next()
      } else cursor.expected('“|” or the end of the command')
      cursor.skipTo('|', ']')
    }
  } while (cursor.take('|'))
  return { commands, start, end: cursor.lastEnd() }
}

// At the start of a search a command's name counts only before what could be its arguments:
// `table=users` is a term. Subsearches of `foreach` and `appendpipe` begin with any command.
function namesCommand(cursor: Cursor, isSubsearch: boolean): boolean {
  const token = cursor.peek()
  if (token.kind !== 'word') return false
  const info = SPL_COMMANDS.get(token.lower)
  const mayStart = info !== undefined && (info.isGenerating || isSubsearch)
  return mayStart && cursor.peek(1).kind !== 'operator'
}

function implicitSearch(cursor: Cursor): SplCommand | undefined {
  const { start } = cursor.peek()
  if (cursor.isAtEnd) return cursor.expected('a search')
  const condition = parseTerms(cursor, { subsearch: parseSubsearch, stops: NO_STOPS }) ?? null
  const nameRange = { start, end: start }
  return { kind: 'search', name: 'search', nameRange, condition, start, end: cursor.lastEnd() }
}

const NO_STOPS: ReadonlySet<string> = new Set()

function parseCommand(cursor: Cursor): SplCommand | undefined {
  const token = cursor.peek()
  if (token.kind === 'macro') return parseMacroStage(cursor)
  if (token.kind !== 'word') {
    cursor.expected('a command')
    if (!atCommandEnd(cursor)) cursor.skipTo('|', ']')
    return undefined
  }
  const info = SPL_COMMANDS.get(token.lower)
  if (info === undefined) {
    const meant = nearest(token.text, SPL_COMMANDS.keys())
    const hint = meant === undefined ? undefined : `Did you mean ${meant}?`
    cursor.problem('unknown-command', token, `There is no command named “${token.text}”.`, hint)
    cursor.skipTo('|', ']')
    return undefined
  }
  cursor.next()
  return parseNamed(cursor, token, info)
}

function parseNamed(cursor: Cursor, token: SplToken, info: SplCommandInfo): SplCommand | undefined {
  const { start } = token
  const name = token.lower
  const nameRange = { start, end: token.end }
  const common = () => ({ name, nameRange, start, end: cursor.lastEnd() })
  switch (info.grammar) {
    case 'search': {
      const parts = { subsearch: parseSubsearch, stops: NO_STOPS }
      const condition = parseTerms(cursor, parts) ?? null
      return { kind: 'search', condition, ...common() }
    }
    case 'where': {
      if (atCommandEnd(cursor)) cursor.expected('a condition after “where”')
      return { kind: 'where', condition: parseExpression(cursor) ?? null, ...common() }
    }
    case 'eval':
      return { kind: 'eval', assignments: parseAssignments(cursor), ...common() }
    case 'rename':
      return { kind: 'rename', pairs: parseRename(cursor), ...common() }
    case 'stats':
    case 'tstats':
      return { kind: 'stats', ...parseStats(cursor, name, parseSubsearch), ...common() }
    case 'plain':
      return { kind: 'plain', ...parsePlain(cursor, token, info, parseSubsearch), ...common() }
  }
}

// A macro may stand for one command or several; only its definition tells.
function parseMacroStage(cursor: Cursor): SplCommand | undefined {
  const token = cursor.next()
  const macro = readMacroCall(token)
  if (!macro) {
    cursor.problem('bad-macro', token, 'This is no macro call: a name, then perhaps (arguments).')
    return undefined
  }
  // What follows on the same command belongs to what the macro stands for.
  if (!atCommandEnd(cursor)) parseTerms(cursor, { subsearch: parseSubsearch, stops: NO_STOPS })
  const { start, end } = token
  return {
    kind: 'macro',
    name: macro.name,
    nameRange: { start, end },
    macro,
    start,
    end: cursor.lastEnd(),
  }
}

function parseSubsearch(cursor: Cursor): SplSubsearch | undefined {
  const open = cursor.next()
  const search = cursor.nested(() => parseSearch(cursor, true))
  if (!cursor.take(']')) cursor.problem('unclosed', open, 'This “[” is never closed.')
  return search && { kind: 'subsearch', search, start: open.start, end: cursor.lastEnd() }
}
