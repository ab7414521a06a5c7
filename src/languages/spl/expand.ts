// A search with its macros written out, as Splunk reads it, and where each part of it came from.
// What no table defines, and what calls itself, stays a call.

import type { Mention, Range } from '#languages/query.ts'
import { lexSpl } from './lex.ts'
import { expandMacro, readMacroCall, type MacroReader } from './macro.ts'

export interface Expansion {
  readonly text: string
  /** Where something of the expansion stands in what was written: the outermost call for a macro's. */
  place<T extends Range>(found: T): T
  /** The macros that something of the expansion stands in, outermost first, where they were called. */
  macrosAround(found: Range): readonly Mention[]
}

/** What a macro became: a range of the expansion, and the call in the text that was written. */
interface Piece extends Range {
  readonly name: string
  readonly call: Range
}

export function expandSearch(text: string, reader: MacroReader): Expansion {
  const pieces: Piece[] = []
  const written: string[] = []
  let length = 0
  const write = (part: string) => {
    written.push(part)
    length += part.length
  }
  const visit = (source: string, inside: MacroReader, call: Range | undefined): void => {
    let from = 0
    for (const token of lexSpl(source)) {
      const macro = token.kind === 'macro' ? readMacroCall(token) : undefined
      const found = macro && expandMacro(macro, inside)
      if (!macro || !found) continue
      write(source.slice(from, token.start))
      from = token.end
      const own = call ?? { start: token.start, end: token.end }
      const at = pieces.length
      const start = length
      visit(found.text, found.reader, own)
      pieces.splice(at, 0, { name: macro.name, call: own, start, end: length })
    }
    write(source.slice(from))
  }
  visit(text, reader, undefined)

  const outermost = pieces.filter((piece, at) => piece.call !== pieces[at - 1]?.call)
  let by = 0
  // How much longer the calls are than what they became, up to the end of each.
  const shifts = outermost.map(({ start, end, call }) => {
    by += call.end - call.start - (end - start)
    return { end, by }
  })
  const around = ({ start, end }: Range) =>
    pieces.filter((piece) => piece.start <= start && end <= piece.end)
  return {
    text: written.join(''),
    macrosAround: (found) => around(found).map(({ name, call }) => ({ name, ...call })),
    place(found) {
      const [outer] = around(found)
      if (outer) return { ...found, start: outer.call.start, end: outer.call.end }
      const before = shifts.findLast(({ end }) => end <= found.start)?.by ?? 0
      return { ...found, start: found.start + before, end: found.end + before }
    },
  }
}
