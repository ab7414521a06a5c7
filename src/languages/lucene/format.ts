// Prints a Lucene query string the one way: AND, OR and NOT as words, nothing between a field and its
// value, long chains one test a line. The language has no comments to keep.

import { layOut, type LayoutStyle, type Piece } from '#languages/layout.ts'
import { lexLucene, type LuceneToken } from './lex.ts'

/** Formats what parses; a query with errors is better left as it was typed. */
export function formatLucene(text: string): string {
  return layOut(lexLucene(text).slice(0, -1), text, STYLE)
}

const WORDS: Readonly<Record<string, string>> = { '&&': 'AND', '||': 'OR', '!': 'NOT' }
const PREFIXES = new Set(['+', '-', ':', '<', '<=', '>', '>=', '^', '~'])
const SUFFIXES = new Set([':', '^', '~'])

const STYLE: LayoutStyle<LuceneToken> = {
  closes: { '(': ')' },
  write: (token, source) => (token.kind === 'sign' ? (WORDS[token.text] ?? source) : source),
  mayBeFlat: () => true,
  startsLine: () => null,
  endsLine: (piece) => isSign(piece, '&&') || isSign(piece, '||'),
  needsSpace(left, right) {
    if (left.kind === 'leaf' && left.token.kind === 'sign' && PREFIXES.has(left.token.text)) {
      return false
    }
    return !(right.kind === 'leaf' && right.token.kind === 'sign' && SUFFIXES.has(right.token.text))
  },
}

function isSign(piece: Piece<LuceneToken>, text: string): boolean {
  return piece.kind === 'leaf' && piece.token.kind === 'sign' && piece.token.text === text
}
