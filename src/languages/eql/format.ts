// Prints an EQL query the one way: lines end in `and`, `or` or a comma, each event of a sequence
// stands in its brackets on lines of its own, pipes begin lines.

import { isComment, layOut, type Group, type LayoutStyle, type Piece } from '#languages/layout.ts'
import { lexEql, type EqlToken } from './lex.ts'

/** Formats what parses; a query with errors is better left as it was typed. */
export function formatEql(text: string): string {
  return layOut(lexEql(text).slice(0, -1), text, STYLE)
}

const CLAUSES = new Set(['|', 'until'])
const TIGHT_BEFORE = new Set([',', '~'])
const TIGHT_AFTER = new Set(['?', '!'])

const STYLE: LayoutStyle<EqlToken> = {
  closes: { '(': ')', '[': ']' },

  write: (token, source) =>
    token.kind === 'keyword' || token.kind === 'operator' ? token.text : source,

  mayBeFlat: (group) => !group.pieces.some((piece) => isTerm(piece, group)),

  startsLine(piece, group, previous) {
    if (isTerm(piece, group)) return isSign(previous, '!') ? null : 'item'
    if (isComment(piece) || (group.open === '' && isSign(piece, '!'))) return 'item'
    return group.open === '' && piece.kind === 'leaf' && CLAUSES.has(piece.text) ? 'clause' : null
  },

  endsLine(piece, group) {
    if (isComment(piece)) return true
    if (piece.kind === 'group') return false
    const isJoin = piece.token.kind === 'keyword' && (piece.text === 'and' || piece.text === 'or')
    return isJoin || (piece.text === ',' && group.open === '(')
  },

  needsSpace(left, right) {
    if (left.kind === 'leaf' && TIGHT_AFTER.has(left.text)) return false
    if (right.kind === 'leaf') {
      return !TIGHT_BEFORE.has(right.text) && !isSign(right, '=') && !isSign(left, '=')
    }
    // A bracket directly after a name or its `~` is a call.
    const isCall = left.kind === 'leaf' && (left.token.kind === 'name' || left.text === '~')
    return !(isCall && right.open === '(')
  },
}

/** `[ … ]` of a sequence. */
function isTerm(piece: Piece<EqlToken>, group: Group<EqlToken>): boolean {
  return group.open === '' && piece.kind === 'group' && piece.open === '['
}

function isSign(piece: Piece<EqlToken>, text: string): boolean {
  return piece.kind === 'leaf' && piece.text === text
}
