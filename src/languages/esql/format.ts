// Prints an ES|QL query the one way: a command a line, commands and keywords in upper case, long
// lists one item a line.

import { isComment, layOut, type LayoutStyle, type Piece } from '#languages/layout.ts'
import { ESQL_COMMANDS } from './functions.ts'
import { lexEsql, type EsqlToken } from './lex.ts'

/** Formats what parses; a query with errors is better left as it was typed. */
export function formatEsql(text: string): string {
  const tokens = lexEsql(text).slice(0, -1)
  const commands = new Set(tokens.filter((_, index) => isCommand(tokens, index)))
  return layOut(tokens, text, styleFor(commands))
}

const COMMAND_WORDS = new Set(Object.keys(ESQL_COMMANDS).flatMap((name) => name.split(' ')))
const KEYWORDS = new Set([
  'and', 'as', 'asc', 'by', 'desc', 'first', 'in', 'is', 'last', 'like', 'metadata', 'not', 'null',
  'nulls', 'on', 'or', 'rlike', 'where', 'with',
]) // prettier-ignore
const OPENS_COMMAND = new Set(['|', '(', ';'])

// The first word of a command and, for `LOOKUP JOIN` and `INLINE STATS`, the second.
function isCommand(tokens: readonly EsqlToken[], index: number): boolean {
  const token = tokens[index]!
  if (token.isQuoted || !COMMAND_WORDS.has(token.lower)) return false
  const before = tokens.slice(0, index).findLast((other) => other.kind !== 'comment')
  if (before === undefined || OPENS_COMMAND.has(before.text)) return true
  return `${before.lower} ${token.lower}` in ESQL_COMMANDS
}

function styleFor(commands: ReadonlySet<EsqlToken>): LayoutStyle<EsqlToken> {
  return {
    closes: { '(': ')', '[': ']', '{': '}' },

    write(token, source) {
      const isWord = token.kind === 'name' || token.lower === 'metadata'
      const isKeyword = isWord && !token.isQuoted && KEYWORDS.has(token.lower)
      return isKeyword || commands.has(token) ? source.toUpperCase() : source
    },

    mayBeFlat: (group) => !group.pieces.some((piece, index) => index > 0 && isSign(piece, '|')),

    startsLine(piece, group, previous, next) {
      if (isSign(piece, '|')) return 'clause'
      // A comment above a command belongs to it.
      const isAbove = isComment(piece) && next !== undefined
      if (isAbove && (isSign(next, '|') || isComment(next))) return 'clause'
      const isBy = group.open === '' && piece.kind === 'leaf' && piece.text === 'BY'
      return isComment(piece) || (isBy && !isComment(previous)) ? 'item' : null
    },

    endsLine(piece, group) {
      if (isComment(piece)) return true
      if (piece.kind === 'group') return false
      const isJoin = piece.text === 'AND' || piece.text === 'OR'
      return isJoin || (isSign(piece, ',') && group.open !== '[' && group.open !== '{')
    },

    needsSpace(left, right) {
      if (isSign(right, ',') || isSign(right, '::') || isSign(left, '::')) return false
      if (isSign(right, ';') || isSign(right, '.') || isSign(left, '.')) return false
      const isMatch = isSign(right, ':') || isSign(left, ':')
      if (isMatch) return isSign(left, ':')
      if (right.kind === 'leaf') return true
      const isName = left.kind === 'leaf' && left.token.kind === 'name' && !commands.has(left.token)
      return !(isName && right.open === '(' && !KEYWORDS.has(left.token.lower))
    },
  }
}

function isSign(piece: Piece<EsqlToken>, text: string): boolean {
  return piece.kind === 'leaf' && piece.text === text && piece.token.kind !== 'string'
}
