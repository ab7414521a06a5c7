// A hand-written parser's place in its tokens, and where its problems are kept: shared by the
// languages whose tokens are cut beforehand. Comments are stepped over; what is wrong with a token
// itself is reported once, when the token is consumed. Depth is bounded here for all of them.

import { NESTING_MAX } from '#kernel/limits.ts'
import type { LineMap, Problem } from '#kernel/problem.ts'
import type { Range } from './query.ts'

export interface Token extends Range {
  readonly kind: string
  /** What the token says, unescaped and unquoted; keywords in lower case. */
  readonly text: string
  /** What is wrong with the token itself, for a person; null when nothing is. */
  readonly problem: string | null
  /** Quoted: never a keyword or a sign, whatever it says. */
  readonly isQuoted: boolean
}

export class Cursor<T extends Token> {
  readonly problems: Problem[] = []
  readonly #area: string
  readonly #tokens: readonly T[]
  readonly #map: LineMap
  #at = 0
  #depth = 0
  #expectedAt = -1

  /** `tokens` end with one of kind `end`; `area` is the first half of every problem code. */
  constructor(area: string, tokens: readonly T[], map: LineMap) {
    this.#area = area
    this.#map = map
    this.#tokens = tokens.filter((token) => {
      const isComment = token.kind === 'comment'
      if (isComment && token.problem) this.problem('unclosed-comment', token, token.problem)
      return !isComment
    })
  }

  peek(ahead = 0): T {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]!
  }

  next(): T {
    const token = this.peek()
    if (token.problem) this.problem('bad-token', token, token.problem)
    if (token.kind !== 'end') this.#at++
    return token
  }

  get isAtEnd(): boolean {
    return this.peek().kind === 'end'
  }

  /** Whether an unquoted token with this text stands here (or `ahead` of here). */
  isAt(text: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.text === text && !token.isQuoted && token.kind !== 'end'
  }

  take(text: string): boolean {
    const isHere = this.isAt(text)
    if (isHere) this.next()
    return isHere
  }

  /** Gives up on what stands here, without a word, up to one of `texts` or the end. */
  skipTo(...texts: readonly string[]): void {
    while (!this.isAtEnd && !texts.some((text) => this.isAt(text))) this.#at++
  }

  lastEnd(): number {
    return this.#tokens[Math.max(0, this.#at - 1)]!.end
  }

  /** Runs `inner` one level deeper; too deep is a problem that ends the parsing. */
  nested<R>(inner: () => R | undefined): R | undefined {
    if (this.#depth >= NESTING_MAX) {
      this.problem('too-deep', this.peek(), `More than ${NESTING_MAX} levels deep.`)
      this.#at = this.#tokens.length - 1
      return undefined
    }
    this.#depth++
    const value = inner()
    this.#depth--
    return value
  }

  /** Says what would have been right here; only the first of two at one place is worth reading. */
  expected(what: string, hint?: string): undefined {
    const found = this.peek()
    if (this.#expectedAt === found.start) return undefined
    this.#expectedAt = found.start
    const where = found.kind === 'end' ? 'the query ends here' : `found “${found.text}”`
    this.problem('expected', found, `Expected ${what}; ${where}.`, hint)
    return undefined
  }

  problem(name: string, range: Range, message: string, hint?: string): void {
    this.#add('error', name, range, message, hint)
  }

  warn(name: string, range: Range, message: string, hint?: string): void {
    this.#add('warning', name, range, message, hint)
  }

  #add(severity: Problem['severity'], name: string, range: Range, message: string, hint?: string) {
    const span = this.#map.span(range.start, range.end)
    const code = `${this.#area}/${name}`
    this.problems.push({
      code,
      severity,
      message,
      ...span,
      ...(hint === undefined ? {} : { hint }),
    })
  }
}
