// Prints an EQL query the one way, from its tokens: so comments stay where they stand and not one
// token can be lost. What fits a line stays on it; a bracket that does not is opened over lines that
// end in `and`, `or` or a comma. A second printing changes nothing.

import { lexEql, type EqlToken } from './lex.ts'

const WIDTH = 100
const CONTINUED = '  '
const LINE_STARTS = new Set(['|', 'until', '!'])

/** Formats what parses; a query with errors is better left as it was typed. */
export function formatEql(text: string): string {
  const reader = { tokens: lexEql(text).slice(0, -1), at: 0, text }
  return print(readGroup(reader), 0).trim()
}

interface Reader {
  readonly tokens: readonly EqlToken[]
  at: number
  readonly text: string
}

/** Pieces between two brackets; a nested group stands with its own. */
type Piece = { readonly kind: 'leaf'; readonly text: string; readonly token: EqlToken } | Group
interface Group {
  readonly kind: 'group'
  readonly open: string
  readonly close: string
  readonly pieces: readonly Piece[]
}

const CLOSES: Readonly<Record<string, string>> = { '(': ')', '[': ']' }

function readGroup(reader: Reader, open = '', close = ''): Group {
  const pieces: Piece[] = []
  for (let token = reader.tokens[reader.at]; token; token = reader.tokens[reader.at]) {
    reader.at++
    const written = reader.text.slice(token.start, token.end)
    if (token.kind === 'punctuation' && token.text === close) break
    const closing = token.kind === 'punctuation' ? CLOSES[token.text] : undefined
    if (closing !== undefined) pieces.push(readGroup(reader, token.text, closing))
    else {
      const text = token.kind === 'keyword' || token.kind === 'operator' ? token.text : written
      pieces.push({ kind: 'leaf', text: text.trimEnd(), token })
    }
  }
  return { kind: 'group', open, close, pieces }
}

function print(group: Group, indent: number, used = 0): string {
  const flat = printFlat(group)
  const isTop = group.open === ''
  const isFlat = !(isTop && group.pieces.some((piece) => startsTerm(piece, group)))
  if (isFlat && flat !== undefined && flat.length + indent * 2 + used <= WIDTH) return flat
  const inner = isTop ? indent : indent + 1
  const lines = breakLines(group, inner)
  const body = lines.map((line) => '  '.repeat(inner) + line).join('\n')
  return isTop ? body : `${group.open}\n${body}\n${'  '.repeat(indent)}${group.close}`
}

// Undefined when a line break is owed: a line comment reaches to the end of its line.
function printFlat(group: Group): string | undefined {
  let out = ''
  let previous: Piece | undefined
  for (const piece of group.pieces) {
    const text = piece.kind === 'leaf' ? piece.text : printFlat(piece)
    if (text === undefined || isComment(piece)) return undefined
    out += (previous && needsSpace(previous, piece) ? ' ' : '') + text
    previous = piece
  }
  return group.open + out + group.close
}

function breakLines(group: Group, indent: number): string[] {
  const lines: string[] = []
  let line = ''
  let previous: Piece | undefined
  const flush = () => {
    if (line.trim() !== '') lines.push(line)
    // What follows continues a clause, except in a value list or a bracket, where all is alike.
    line = group.open === '(' ? '' : CONTINUED
  }
  for (const piece of group.pieces) {
    const isFirst = previous === undefined
    if (!isFirst && startsLine(piece, group) && !isBang(previous)) {
      flush()
      if (!isComment(piece) && !startsTerm(piece, group) && !isBang(piece)) line = ''
    }
    const isBare = line.trim() === ''
    const gap = !isBare && previous && needsSpace(previous, piece) ? ' ' : ''
    const depth = indent + (line.startsWith(CONTINUED) ? 1 : 0)
    line += gap + (piece.kind === 'leaf' ? piece.text : print(piece, depth, line.length))
    if (endsLine(piece, group)) flush()
    previous = piece
  }
  if (line.trim() !== '') lines.push(line)
  return lines
}

function startsLine(piece: Piece, group: Group): boolean {
  if (piece.kind === 'group') return startsTerm(piece, group)
  if (isComment(piece)) return true
  return group.open === '' && LINE_STARTS.has(piece.text)
}

function startsTerm(piece: Piece, group: Group): boolean {
  return group.open === '' && piece.kind === 'group' && piece.open === '['
}

function endsLine(piece: Piece, group: Group): boolean {
  if (piece.kind === 'group') return false
  if (isComment(piece)) return true
  const isJoin = piece.token.kind === 'keyword' && (piece.text === 'and' || piece.text === 'or')
  return isJoin || (piece.text === ',' && group.open === '(')
}

function isBang(piece: Piece | undefined): boolean {
  return piece?.kind === 'leaf' && piece.text === '!'
}

function isComment(piece: Piece): boolean {
  return piece.kind === 'leaf' && piece.token.kind === 'comment'
}

const TIGHT_BEFORE = new Set([',', '~'])
const TIGHT_AFTER = new Set(['?', '!'])

function needsSpace(left: Piece, right: Piece): boolean {
  if (left.kind === 'leaf' && TIGHT_AFTER.has(left.text)) return false
  if (right.kind === 'leaf') {
    if (TIGHT_BEFORE.has(right.text)) return false
    return !(right.text === '=' || (left.kind === 'leaf' && left.text === '='))
  }
  // A bracket directly after a name or its `~` is a call.
  const isCall = left.kind === 'leaf' && (left.token.kind === 'name' || left.text === '~')
  return !(isCall && right.open === '(')
}
