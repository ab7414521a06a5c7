// The parser's place in the tokens, and where its problems are kept. Comments are stepped over;
// problems of the tokens themselves are reported when they are consumed, once.

import type { LineMap, Problem } from '#kernel/problem.ts'
import { NESTING_MAX } from '#kernel/limits.ts'
import type { Range } from '#languages/query.ts'
import type { EqlToken } from './lex.ts'

export class Cursor {
  readonly problems: Problem[] = []
  readonly #tokens: readonly EqlToken[]
  readonly #map: LineMap
  #at = 0
  #depth = 0

  constructor(tokens: readonly EqlToken[], map: LineMap) {
    this.#map = map
    this.#tokens = tokens.filter((token) => {
      if (token.kind === 'comment' && token.problem)
        this.problem('eql/unclosed-comment', token, token.problem)
      return token.kind !== 'comment'
    })
  }

  peek(ahead = 0): EqlToken {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]!
  }

  next(): EqlToken {
    const token = this.peek()
    if (token.problem) this.problem('eql/bad-token', token, token.problem)
    if (token.kind !== 'end') this.#at++
    return token
  }

  /** Whether an unquoted token with this text stands here (or `ahead` of here). */
  isAt(text: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.text === text && token.kind !== 'string' && !token.isQuoted && token.kind !== 'end'
  }

  take(text: string): boolean {
    const isHere = this.isAt(text)
    if (isHere) this.next()
    return isHere
  }

  skipTo(...texts: readonly string[]): void {
    while (this.peek().kind !== 'end' && !texts.some((text) => this.isAt(text))) this.next()
  }

  /** `sequence where …` is an event query of the category “sequence”. */
  isSequenceStart(): 'sequence' | 'sample' | 'join' | undefined {
    for (const word of ['sequence', 'sample', 'join'] as const) {
      if (this.isAt(word) && !this.isAt('where', 1)) return word
    }
    return undefined
  }

  lastEnd(): number {
    return this.#tokens[Math.max(0, this.#at - 1)]!.end
  }

  /** Runs `inner` one level deeper; too deep is a problem that ends the parsing. */
  nested<T>(inner: () => T | undefined): T | undefined {
    if (this.#depth >= NESTING_MAX) {
      this.problem('eql/too-deep', this.peek(), `More than ${NESTING_MAX} levels deep.`)
      this.#at = this.#tokens.length - 1
      return undefined
    }
    this.#depth++
    const value = inner()
    this.#depth--
    return value
  }

  expected(what: string, hint?: string): undefined {
    const found = this.peek()
    const where = found.kind === 'end' ? 'the query ends here' : `found “${found.text}”`
    this.problem('eql/expected', found, `Expected ${what}; ${where}.`, hint)
    return undefined
  }

  problem(code: string, range: Range, message: string, hint?: string): void {
    this.#add('error', code, range, message, hint)
  }

  warn(code: string, range: Range, message: string, hint?: string): void {
    this.#add('warning', code, range, message, hint)
  }

  #add(
    severity: Problem['severity'],
    code: string,
    range: Range,
    message: string,
    hint?: string,
  ): void {
    const span = this.#map.span(range.start, range.end)
    this.problems.push({
      code,
      severity,
      message,
      ...span,
      ...(hint === undefined ? {} : { hint }),
    })
  }
}
