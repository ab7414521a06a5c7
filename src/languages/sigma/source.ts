// One text under examination: turns offsets into places and gathers what is wrong with it. Reading a
// file never stops at the first problem, so every reader writes into one of these.

import { LineMap, type Problem, type Severity, type Span } from '#kernel/problem.ts'

/** Offsets into the text, UTF-16 code units from 0, end exclusive. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** A file of a hundred thousand mistakes is one mistake; the rest would only hide it. */
const PROBLEMS_MAX = 500

export class Source {
  readonly text: string
  readonly problems: Problem[] = []
  #lines: LineMap | undefined

  constructor(text: string) {
    this.text = text
  }

  span(range: Range): Span {
    this.#lines ??= new LineMap(this.text)
    return this.#lines.span(range.start, range.end)
  }

  error(code: string, range: Range, message: string, hint?: string): void {
    this.report('error', code, range, message, hint)
  }

  warn(code: string, range: Range, message: string, hint?: string): void {
    this.report('warning', code, range, message, hint)
  }

  report(severity: Severity, code: string, range: Range, message: string, hint?: string): void {
    if (this.problems.length >= PROBLEMS_MAX) return
    const problem: Problem = { code, severity, message, ...this.span(range) }
    this.problems.push(hint === undefined ? problem : { ...problem, hint })
  }
}
