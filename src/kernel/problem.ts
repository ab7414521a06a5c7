// Answers about input (rules, queries, configuration) are data: all problems at once, each with a
// code, a place and a hint. Never thrown.

export type Severity = 'error' | 'warning' | 'info'

/** Lines and columns are 1-based, columns in UTF-16 code units, the end exclusive. */
export interface Span {
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

/** `code` is `area/kebab-name` and is never renamed: waivers and scripts name it. */
export interface Problem extends Partial<Span> {
  readonly code: string
  readonly severity: Severity
  readonly message: string
  readonly hint?: string
}

/** What a parser, checker or converter answers: a value if one could be made, and every problem. */
export interface Checked<T> {
  readonly value?: T
  readonly problems: readonly Problem[]
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error')
}

/** Maps offsets (UTF-16 code units from 0) of one text to lines and columns. */
export class LineMap {
  readonly #starts: number[] = [0]
  readonly #length: number

  constructor(text: string) {
    this.#length = text.length
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      this.#starts.push(at + 1)
    }
  }

  position(offset: number): { readonly line: number; readonly column: number } {
    const at = Math.max(0, Math.min(offset, this.#length))
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#starts[middle]! <= at) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: at - this.#starts[low]! + 1 }
  }

  span(start: number, end: number): Span {
    const from = this.position(start)
    const to = this.position(Math.max(start, end))
    return { line: from.line, column: from.column, endLine: to.line, endColumn: to.column }
  }
}

/**
 * The candidate nearest to `word` for a "did you mean" hint, or undefined when none is near
 * enough (more than a third of the word would change). Case does not count.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase()
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase(), bestDistance)
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

// Damerau-Levenshtein with adjacent swaps, cut off at `limit`: typing errors are mostly one step.
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(row[j - 1]! + 1, previous[j]! + 1, previous[j - 1]! + (same ? 0 : 1))
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (isSwap) cost = Math.min(cost, before[j - 2]! + 1)
      row.push(cost)
    }
    ;[before, previous] = [previous, row]
  }
  return previous[b.length]!
}
