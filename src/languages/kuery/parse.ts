// Parses a Kibana query: `or` binds looser than `and`, `and` looser than `not`. Recursive descent
// with recovery: every problem of a query at once, each with what was expected. Never throws; depth
// and length are capped, so it always ends.

import { LineMap, type Checked, type Problem } from '#kernel/problem.ts'
import { NESTING_MAX, QUERY_CHARS_MAX } from '#kernel/limits.ts'
import type { Range } from '#languages/query.ts'
import { lexKuery, type KueryToken, type KueryTokenKind } from './lex.ts'
import type { KueryNode, KueryOperator, KueryText, KueryValues } from './tree.ts'

export function parseKuery(text: string): Checked<KueryNode> {
  const map = new LineMap(text)
  if (text.length > QUERY_CHARS_MAX) {
    const message = `This query has ${text.length} characters; at most ${QUERY_CHARS_MAX} are read.`
    return { problems: [{ code: 'kuery/too-long', severity: 'error', message, ...map.span(0, 0) }] }
  }
  const parser = new Parser(lexKuery(text), map)
  const value = parser.query()
  return value === undefined ? { problems: parser.problems } : { value, problems: parser.problems }
}

const OPENS: ReadonlySet<KueryTokenKind> = new Set(['open', 'open_nested'])

class Parser {
  readonly problems: Problem[] = []
  readonly #tokens: readonly KueryToken[]
  readonly #map: LineMap
  #at = 0
  #depth = 0

  constructor(tokens: readonly KueryToken[], map: LineMap) {
    this.#tokens = tokens
    this.#map = map
  }

  /** An empty query matches everything and is no problem; its tree is undefined. */
  query(): KueryNode | undefined {
    if (this.#peek().kind === 'end') return undefined
    let node = this.#or()
    while (this.#peek().kind !== 'end') {
      const stray = this.#next()
      this.#problem(
        'kuery/unexpected',
        stray,
        `Nothing is open that “${shown(stray)}” could close.`,
      )
      const more = this.#peek().kind === 'end' ? undefined : this.#or()
      if (more) node = node ? join('and', [node, more]) : more
    }
    return node
  }

  #or(): KueryNode | undefined {
    return this.#chain('or', () => this.#and())
  }

  #and(): KueryNode | undefined {
    return this.#chain('and', () => this.#not())
  }

  #chain(kind: 'and' | 'or', part: () => KueryNode | undefined): KueryNode | undefined {
    const items: KueryNode[] = []
    const first = part()
    if (first) items.push(first)
    while (this.#joins(kind)) {
      const item = part()
      if (item) items.push(item)
    }
    return items.length > 1 ? join(kind, items) : items[0]
  }

  // Two tests side by side are read as if joined by `and`, and said to be a problem.
  #joins(kind: 'and' | 'or'): boolean {
    if (this.#peek().kind === kind) this.#next()
    else if (kind === 'and' && this.#startsTest()) this.#missingJoin()
    else return false
    return true
  }

  #not(): KueryNode | undefined {
    if (this.#peek().kind !== 'not') return this.#primary()
    const keyword = this.#next()
    const item = this.#nested(() => this.#not())
    return item && { kind: 'not', item, start: keyword.start, end: item.end }
  }

  #primary(): KueryNode | undefined {
    const token = this.#peek()
    if (token.kind === 'open') return this.#group(() => this.#or())
    const text = this.#text()
    if (!text) return this.#expected('a field, a value or “(”')
    if (this.#peek().kind !== 'operator') {
      return { kind: 'free', values: text, start: text.start, end: text.end }
    }
    const operator = this.#next().text as KueryOperator
    if (operator === ':' && this.#peek().kind === 'open_nested') {
      const item = this.#group(() => this.#or())
      return item && { kind: 'nested', field: text, item, start: text.start, end: this.#last.end }
    }
    const values = this.#values(operator)
    return (
      values && { kind: 'test', field: text, operator, values, start: text.start, end: values.end }
    )
  }

  #values(operator: KueryOperator): KueryValues | undefined {
    if (operator === ':' && this.#peek().kind === 'open') return this.#group(() => this.#anyValue())
    return this.#text() ?? this.#expected(`a value after “${operator}”`)
  }

  #anyValue(): KueryValues | undefined {
    return this.#valueChain('or', () => this.#valueChain('and', () => this.#oneValue()))
  }

  #valueChain(keyword: 'and' | 'or', part: () => KueryValues | undefined): KueryValues | undefined {
    const items: KueryValues[] = []
    const first = part()
    if (first) items.push(first)
    while (this.#peek().kind === keyword) {
      this.#next()
      const item = part()
      if (item) items.push(item)
    }
    if (items.length < 2) return items[0]
    return { kind: keyword === 'or' ? 'any' : 'all', items, ...around(items) }
  }

  #oneValue(): KueryValues | undefined {
    if (this.#peek().kind === 'open') return this.#group(() => this.#anyValue())
    if (this.#peek().kind === 'not') {
      const keyword = this.#next()
      const item = this.#nested(() => this.#oneValue())
      return item && { kind: 'none', item, start: keyword.start, end: item.end }
    }
    return this.#text() ?? this.#expected('a value')
  }

  #group<T>(inner: () => T | undefined): T | undefined {
    const open = this.#next()
    const closing = open.kind === 'open' ? 'close' : 'close_nested'
    const value = this.#nested(inner)
    if (this.#peek().kind === closing) this.#next()
    else {
      const sign = closing === 'close' ? '(' : '{'
      this.#problem('kuery/unclosed', open, `This “${sign}” is never closed.`)
    }
    return value
  }

  #nested<T>(inner: () => T | undefined): T | undefined {
    if (this.#depth >= NESTING_MAX) {
      this.#problem('kuery/too-deep', this.#peek(), `More than ${NESTING_MAX} levels deep.`)
      this.#at = this.#tokens.length - 1
      return undefined
    }
    this.#depth++
    const value = inner()
    this.#depth--
    return value
  }

  // Words that stand side by side are one value: `message: quick fox`. The last of them is left
  // alone when an operator follows, for then it is the field of a test whose `and` is missing.
  #text(): KueryText | undefined {
    const first = this.#peek()
    if (first.kind === 'quoted') {
      if (!first.isClosed)
        this.#problem('kuery/unclosed-quote', first, 'This quote is never closed.')
      this.#next()
      return {
        kind: 'text',
        isQuoted: true,
        parts: first.parts,
        start: first.start,
        end: first.end,
      }
    }
    if (first.kind !== 'word') return undefined
    const parts = [...this.#next().parts]
    while (this.#peek().kind === 'word' && this.#tokens[this.#at + 1]?.kind !== 'operator') {
      const [head = '', ...rest] = this.#next().parts
      parts[parts.length - 1] += ` ${head}`
      parts.push(...rest)
    }
    return { kind: 'text', isQuoted: false, parts, start: first.start, end: this.#last.end }
  }

  #startsTest(): boolean {
    const { kind } = this.#peek()
    return kind === 'word' || kind === 'quoted' || kind === 'not' || OPENS.has(kind)
  }

  #missingJoin(): void {
    this.#problem(
      'kuery/missing-and-or',
      this.#peek(),
      `Two tests stand side by side before “${shown(this.#peek())}”.`,
      'Write “and” or “or” between them.',
    )
  }

  // An opening brace or an operator with nothing before it is stepped over, so that parsing ends.
  #expected(what: string): undefined {
    const found = this.#peek()
    const where = found.kind === 'end' ? 'the query ends here' : `found “${shown(found)}”`
    this.#problem('kuery/expected', found, `Expected ${what}; ${where}.`)
    if (found.kind === 'operator' || found.kind === 'open_nested') this.#next()
    return undefined
  }

  #problem(code: string, range: Range, message: string, hint?: string): void {
    const span = this.#map.span(range.start, range.end)
    this.problems.push({ code, severity: 'error', message, ...span, ...(hint && { hint }) })
  }

  #peek(): KueryToken {
    return this.#tokens[this.#at]!
  }

  get #last(): KueryToken {
    return this.#tokens[Math.max(0, this.#at - 1)]!
  }

  #next(): KueryToken {
    const token = this.#peek()
    if (token.badEscapeAt >= 0) {
      const range = { start: token.badEscapeAt, end: token.badEscapeAt + 1 }
      const hint = String.raw`Write \ for a backslash, or put the value in quotes.`
      this.#problem('kuery/bad-escape', range, 'This backslash escapes nothing.', hint)
    }
    if (token.kind !== 'end') this.#at++
    return token
  }
}

function join(kind: 'and' | 'or', items: readonly KueryNode[]): KueryNode {
  return { kind, items, ...around(items) }
}

function around(items: readonly Range[]): Range {
  return { start: items[0]!.start, end: items.at(-1)!.end }
}

function shown(token: KueryToken): string {
  return token.text || token.parts.join('*')
}
