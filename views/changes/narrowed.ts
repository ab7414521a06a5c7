// Two spellings of one value, cut down to where they differ: a reviewer looks for that in a query or a
// text of many lines, and would not find it at its beginning.

const CONTEXT_CHARS = 24
const LINES_MAX = 8

export type Pair = readonly [from: string, to: string]

/** The lines that differ; in a single line, what differs with a little of what stands around it. */
export function narrowed(from: string, to: string, charsMax: number): Pair {
  const lines: Pair = /\n/.test(from + to) ? differingLines(from, to) : [from, to]
  if (lines[0].length <= charsMax && lines[1].length <= charsMax) return lines
  if (/\n/.test(lines[0] + lines[1])) return lines
  return differingPart(...lines, charsMax)
}

/** Without what both begin and end with, line by line. */
function differingLines(from: string, to: string): Pair {
  const [before, after] = [from.split('\n'), to.split('\n')]
  const { head, tail } = sameEnds(before, after)
  const left = (lines: readonly string[]) => {
    const all = lines.slice(head, lines.length - tail)
    const more = all.length - LINES_MAX
    return more <= 0 ? all.join('\n') : [...all.slice(0, LINES_MAX), `… ${more} more`].join('\n')
  }
  return [left(before), left(after)]
}

function differingPart(from: string, to: string, charsMax: number): Pair {
  const { head, tail } = sameEnds(from, to)
  const begin = Math.max(0, head - CONTEXT_CHARS)
  const left = (text: string) => {
    const end = Math.min(text.length, text.length - tail + CONTEXT_CHARS, begin + charsMax)
    const part = text.slice(begin, end)
    return `${begin > 0 ? '…' : ''}${part}${end < text.length ? '…' : ''}`
  }
  return [left(from), left(to)]
}

interface Sequence {
  readonly length: number
  readonly [index: number]: string | undefined
}

/** How much both have in common at their beginning, and of the rest at their end. */
function sameEnds(a: Sequence, b: Sequence) {
  const most = Math.min(a.length, b.length)
  let head = 0
  while (head < most && a[head] === b[head]) head++
  let tail = 0
  while (tail < most - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++
  return { head, tail }
}
