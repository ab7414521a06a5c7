// Prints an SPL search the one way: a command a line, each after its `|`; operators of conditions in
// upper case; long brackets opened. What stood without a blank between stays so, for SPL reads
// `TERM (x)` and `TERM(x)` differently.

import { isComment, layOut, type LayoutStyle, type Piece } from '#languages/layout.ts'
import { lexSpl, type SplToken } from './lex.ts'

/** Formats what parses; a search with errors is better left as it was typed. */
export function formatSpl(text: string): string {
  return layOut(lexSpl(text).slice(0, -1), text, STYLE)
}

const UPPER = new Set(['and', 'or', 'not', 'xor', 'in'])

const STYLE: LayoutStyle<SplToken> = {
  closes: { '(': ')', '[': ']' },

  write: (token, source) =>
    token.kind === 'word' && UPPER.has(token.lower) ? source.toUpperCase() : source,

  mayBeFlat: (group) =>
    !group.pieces.some((piece, index) => index > 0 && isSign(piece, '|')) || group.open !== '',

  startsLine(piece, group, _previous, next) {
    if (isSign(piece, '|')) return 'clause'
    if (!isComment(piece)) return null
    return group.open === '' && next !== undefined && isSign(next, '|') ? 'clause' : 'item'
  },

  endsLine(piece, group) {
    if (isComment(piece)) return true
    if (piece.kind === 'group' || piece.token.kind !== 'word') return false
    return piece.text === 'AND' || (piece.text === 'OR' && group.open === '(')
  },

  needsSpace(left, right) {
    // A lone backslash would escape what is put against it.
    if (left.kind === 'leaf' && left.text.endsWith('\\')) return true
    if (isSign(right, ',')) return false
    if (isOperator(left) || isOperator(right)) return !(isTight(left) || isTight(right))
    if (left.kind === 'leaf' && right.kind === 'leaf')
      return left.token.end < right.token.start || !isGlued(left, right)
    if (right.kind === 'leaf') return true
    // A bracket that touches a word is a call.
    const isCall =
      left.kind === 'leaf' && left.token.kind === 'word' && left.token.end === right.start
    return !(isCall && !UPPER.has(left.token.lower))
  },
}

function isSign(piece: Piece<SplToken>, text: string): boolean {
  return piece.kind === 'leaf' && piece.text === text && piece.token.kind === 'punctuation'
}

function isOperator(piece: Piece<SplToken>): boolean {
  return piece.kind === 'leaf' && piece.token.kind === 'operator'
}

const TIGHT = new Set(['=', '!=', '<', '<=', '>', '>=', '=='])

function isTight(piece: Piece<SplToken>): boolean {
  return isOperator(piece) && piece.kind === 'leaf' && TIGHT.has(piece.text)
}

// Words and texts that touch are one to Splunk.
function isGlued(left: Piece<SplToken>, right: Piece<SplToken>): boolean {
  const kinds = new Set(['word', 'string', 'macro', 'field', 'number'])
  return (
    left.kind === 'leaf' &&
    right.kind === 'leaf' &&
    kinds.has(left.token.kind) &&
    kinds.has(right.token.kind)
  )
}
