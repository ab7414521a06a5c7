// Prints a Kusto query the one way: an operator a line, long lists one item a line, conditions broken
// before `and` and `or`. A comment that ends a line stays on it.

import { isComment, layOut, type LayoutStyle, type Piece } from '#languages/layout.ts'
import { lexKusto, type KustoToken } from './lex.ts'

/** Formats what parses; a query with errors is better left as it was typed. */
export function formatKusto(text: string): string {
  return layOut(lexKusto(text), text, STYLE)
}

// Words before a bracket that are no function's name.
const SPACED = new Set(
  `and or by on in in~ !in !in~ has_any has_all between !between where filter extend project
   project-away project-keep project-rename project-reorder summarize join lookup union search find of
   with kind to from step let distinct sort order top take limit mv-expand mv-apply make-series print
   return parse serialize as default fork facet partition scan matches regex contains startswith
   endswith has`.split(/\s+/),
)
const TIGHT = new Set(['.', ':'])

const STYLE: LayoutStyle<KustoToken> = {
  closes: { '(': ')', '[': ']', '{': '}' },

  write: (_token, source) => source,

  mayBeFlat(group) {
    if (group.open === '{') return !group.pieces.some((piece) => isSign(piece, ';'))
    if (group.open !== '') return true
    return !group.pieces.some(
      (piece, index) => index > 0 && (isSign(piece, '|') || isSign(piece, ';')),
    )
  },

  startsLine(piece, group, previous) {
    if (isComment(piece)) return isTrailing(piece) ? null : 'clause'
    if (isComment(previous) && !isTrailing(previous)) return 'clause'
    if (group.open === '' || group.open === '{') {
      if (isSign(previous, ';') || (isComment(previous) && endsStatement(group.pieces, previous)))
        return 'clause'
    }
    if (isSign(piece, '|')) return 'clause'
    return isWord(piece, 'and') || isWord(piece, 'or') || isWord(piece, 'by') ? 'item' : null
  },

  endsLine(piece, group) {
    if (isComment(piece)) return true
    return isSign(piece, ',') && group.open !== '['
  },

  needsSpace(left, right) {
    if (isComment(right)) return true
    if (isSign(right, ',') || isSign(right, ';') || isSign(right, ':')) return false
    if (isSign(right, '.') || isSign(left, '.')) return false
    if (isTight(left) || isTight(right) || (left.kind === 'leaf' && left.token.isUnary))
      return false
    if (right.kind === 'leaf') return true
    if (right.open === '{') return true
    if (left.kind === 'group') return right.open !== '['
    return !isName(left) || left.token.isValue || SPACED.has(left.token.text)
  },
}

function isTrailing(piece: Piece<KustoToken>): boolean {
  return piece.kind === 'leaf' && piece.token.isTrailing
}

// `a = 1; // why`: the comment belongs to the statement it stands behind.
function endsStatement(pieces: readonly Piece<KustoToken>[], comment: Piece<KustoToken>): boolean {
  const before = pieces[pieces.indexOf(comment) - 1]
  return before !== undefined && isSign(before, ';')
}

function isSign(piece: Piece<KustoToken>, text: string): boolean {
  return piece.kind === 'leaf' && piece.text === text && piece.token.kind === 'sign'
}

function isWord(piece: Piece<KustoToken>, text: string): boolean {
  return piece.kind === 'leaf' && piece.token.text === text && piece.token.kind === 'word'
}

function isName(piece: Piece<KustoToken>): piece is Extract<Piece<KustoToken>, { kind: 'leaf' }> {
  return piece.kind === 'leaf' && piece.token.kind === 'word'
}

function isTight(piece: Piece<KustoToken>): boolean {
  return piece.kind === 'leaf' && piece.token.isTight && !TIGHT.has(piece.text)
}
