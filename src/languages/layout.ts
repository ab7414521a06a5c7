// Prints a query from its tokens: so comments stay where they stand and not one token can be lost.
// What fits a line stays on it; a bracket that does not is opened over lines of its own. What a line
// begins and ends with is the language's style. A second printing changes nothing, because nothing
// of the first layout is looked at.

import type { Token } from './cursor.ts'

const WIDTH = 100
const STEP = '  '

export interface Leaf<T extends Token> {
  readonly kind: 'leaf'
  readonly text: string
  readonly token: T
}

/** What stands between two brackets; `open` is empty for the whole query. */
export interface Group<T extends Token> {
  readonly kind: 'group'
  readonly open: string
  readonly close: string
  /** Offset of the opening bracket in the source. */
  readonly start: number
  readonly pieces: readonly Piece<T>[]
}

export type Piece<T extends Token> = Leaf<T> | Group<T>

export interface LayoutStyle<T extends Token> {
  readonly closes: Readonly<Record<string, string>>
  /** How a token is written, from what stood in the source. */
  write(token: T, source: string): string
  /** Whether the group may stand on one line when it fits. */
  mayBeFlat(group: Group<T>): boolean
  /** `clause` begins a line at the group's margin, `item` one that continues a clause. */
  startsLine(
    piece: Piece<T>,
    group: Group<T>,
    previous: Piece<T>,
    next?: Piece<T>,
  ): 'clause' | 'item' | null
  endsLine(piece: Piece<T>, group: Group<T>): boolean
  needsSpace(left: Piece<T>, right: Piece<T>): boolean
}

/** `tokens` without the end; comments among them. */
export function layOut<T extends Token>(
  tokens: readonly T[],
  text: string,
  style: LayoutStyle<T>,
): string {
  return new Printer(style).print(readGroup({ tokens, text, at: 0, style }, '', '', 0), 0, 0)
}

export function isComment<T extends Token>(piece: Piece<T>): boolean {
  return piece.kind === 'leaf' && piece.token.kind === 'comment'
}

interface Reader<T extends Token> {
  readonly tokens: readonly T[]
  readonly text: string
  readonly style: LayoutStyle<T>
  at: number
}

function readGroup<T extends Token>(
  reader: Reader<T>,
  open: string,
  close: string,
  start: number,
): Group<T> {
  const pieces: Piece<T>[] = []
  for (let token = reader.tokens[reader.at]; token; token = reader.tokens[reader.at]) {
    reader.at++
    if (token.text === close && !token.isQuoted) break
    const closing = token.isQuoted ? undefined : reader.style.closes[token.text]
    if (closing !== undefined) pieces.push(readGroup(reader, token.text, closing, token.start))
    else {
      const written = reader.style.write(token, reader.text.slice(token.start, token.end))
      // White space at the end of a word may be escaped; at the end of a comment it is nothing.
      const kept = token.kind === 'comment' ? written.trimEnd() : written
      pieces.push({ kind: 'leaf', text: kept, token })
    }
  }
  return { kind: 'group', open, close, start, pieces }
}

class Printer<T extends Token> {
  readonly #style: LayoutStyle<T>

  constructor(style: LayoutStyle<T>) {
    this.#style = style
  }

  /** `used` is what already stands on the line before the group. */
  print(group: Group<T>, indent: number, used: number): string {
    const flat = this.#style.mayBeFlat(group) ? this.#flat(group) : undefined
    if (flat !== undefined && flat.length + indent * STEP.length + used <= WIDTH) return flat
    const isTop = group.open === ''
    const inner = isTop ? indent : indent + 1
    const body = this.#lines(group, inner).map((line) => STEP.repeat(inner) + line)
    if (isTop) return body.join('\n')
    return `${group.open}\n${body.join('\n')}\n${STEP.repeat(indent)}${group.close}`
  }

  // Undefined when a line break is owed: a line comment reaches to the end of its line.
  #flat(group: Group<T>): string | undefined {
    let out = ''
    let previous: Piece<T> | undefined
    for (const piece of group.pieces) {
      const isBroken = piece.kind === 'group' && !this.#style.mayBeFlat(piece)
      const text = piece.kind === 'leaf' ? piece.text : isBroken ? undefined : this.#flat(piece)
      if (text === undefined || isComment(piece)) return undefined
      out += (previous && this.#style.needsSpace(previous, piece) ? ' ' : '') + text
      previous = piece
    }
    return group.open + out + group.close
  }

  // Clause by clause: one that fits stays on its line.
  #lines(group: Group<T>, indent: number): readonly string[] {
    const room = WIDTH - indent * STEP.length
    return splitClauses(group, this.#style).flatMap((clause) => {
      const { pieces, comment } = this.#withoutLastComment(clause)
      const flat = this.#style.mayBeFlat(clause)
        ? this.#flat({ ...clause, pieces, open: '', close: '' })
        : undefined
      const isShort = group.open === '' && flat !== undefined && flat.length <= room
      return isShort
        ? [comment === '' ? flat : `${flat} ${comment}`]
        : this.#breakClause(clause, indent)
    })
  }

  // A comment that stays on its line does not make the line a long one.
  #withoutLastComment(clause: Group<T>) {
    const { pieces } = clause
    const [previous, last] = pieces.slice(-2)
    const stays =
      previous !== undefined &&
      last?.kind === 'leaf' &&
      isComment(last) &&
      this.#style.startsLine(last, clause, previous) === null
    return stays ? { pieces: pieces.slice(0, -1), comment: last.text } : { pieces, comment: '' }
  }

  #breakClause(clause: Group<T>, indent: number): readonly string[] {
    const lines: string[] = []
    // What follows continues the clause, except in a bracket, where all lines are alike.
    const continued = clause.open === '(' ? '' : STEP
    let line = ''
    const flush = () => {
      if (line.trim() !== '') lines.push(line)
      line = continued
    }
    clause.pieces.forEach((piece, index) => {
      const previous = clause.pieces[index - 1]
      if (previous && this.#style.startsLine(piece, clause, previous)) flush()
      const isBare = line.trim() === ''
      const gap = !isBare && previous && this.#style.needsSpace(previous, piece) ? ' ' : ''
      const depth = indent + (continued !== '' && line.startsWith(continued) ? 1 : 0)
      line += gap + (piece.kind === 'leaf' ? piece.text : this.print(piece, depth, line.length))
      if (this.#style.endsLine(piece, clause)) flush()
    })
    flush()
    return lines
  }
}

function splitClauses<T extends Token>(
  group: Group<T>,
  style: LayoutStyle<T>,
): readonly Group<T>[] {
  const clauses: Piece<T>[][] = []
  group.pieces.forEach((piece, index) => {
    const previous = group.pieces[index - 1]
    const isNew =
      !previous || style.startsLine(piece, group, previous, group.pieces[index + 1]) === 'clause'
    if (isNew) clauses.push([piece])
    else clauses.at(-1)!.push(piece)
  })
  return clauses.map((pieces) => ({ ...group, pieces }))
}
