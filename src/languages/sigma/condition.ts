// The condition language: `not` binds tighter than `and`, `and` tighter than `or`; `1 of sel*`,
// `all of them`. Reads one text into a tree with places and reports everything that is wrong with it.
// Ends on every input: each step consumes a token, and nesting is bounded.

import { NESTING_MAX } from '#kernel/limits.ts'
import { nearest } from '#kernel/problem.ts'
import type { Range } from './source.ts'

export type Condition = Chain | Negation | Reference

export interface Chain extends Range {
  readonly kind: 'and' | 'or'
  readonly of: readonly Condition[]
}

export interface Negation extends Range {
  readonly kind: 'not'
  readonly of: Condition
}

export type Reference = Identifier | Selector

export interface Identifier extends Range {
  readonly kind: 'identifier'
  readonly name: string
}

export interface Selector extends Range {
  readonly kind: 'selector'
  readonly quantity: 'any' | 'all'
  /** `them`, or a name in which `*` stands for any characters. */
  readonly pattern: string
}

export type Report = (code: string, at: Range, message: string, hint?: string) => void

interface Token extends Range {
  readonly kind: 'word' | '(' | ')' | '|' | 'end' | 'bad'
  readonly text: string
}

/** Longer conditions exist in nobody's rules. */
export const CONDITION_CHARS_MAX = 16_384

/** Undefined when nothing sensible could be read; then at least one problem was reported. */
export function parseCondition(text: string, report: Report): Condition | undefined {
  const whole = { start: 0, end: text.length }
  if (text.length > CONDITION_CHARS_MAX) {
    const message = `A condition may be at most ${CONDITION_CHARS_MAX} characters long.`
    report('sigma/condition-too-long', whole, message)
    return undefined
  }
  return new ConditionParser(lex(text), report).parse()
}

/** The names a selector stands for, in their order. `them` leaves out names that begin with `_`. */
export function selectNames(pattern: string, names: Iterable<string>): readonly string[] {
  if (pattern === 'them') return [...names].filter((name) => !name.startsWith('_'))
  // Nearly all are a beginning and a star.
  const beginning = pattern.slice(0, -1)
  if (pattern.endsWith('*') && !beginning.includes('*')) {
    return [...names].filter((name) => name.startsWith(beginning))
  }
  const pieces = pattern.split('*').map((piece) => piece.replaceAll(/[^\w]/g, '\\$&'))
  const matcher = new RegExp(`^${pieces.join('.*')}$`)
  return [...names].filter((name) => matcher.test(name))
}

/** Every name and selector in the tree, in reading order. */
export function* references(condition: Condition): Generator<Reference> {
  if (condition.kind === 'identifier' || condition.kind === 'selector') {
    yield condition
  } else if (condition.kind === 'not') {
    yield* references(condition.of)
  } else {
    for (const operand of condition.of) yield* references(operand)
  }
}

const WORD = /[\p{L}\p{N}_*?.$@:-]/u
const OPERATORS = new Set(['and', 'or', 'not', 'of'])

function lex(text: string): readonly Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < text.length;) {
    const character = text[at]!
    const start = at
    if (/\s/.test(character)) {
      at++
      continue
    }
    if (character === '(' || character === ')' || character === '|') {
      tokens.push({ kind: character, text: character, start, end: ++at })
      continue
    }
    while (at < text.length && WORD.test(text[at]!)) at++
    const kind = at > start ? 'word' : 'bad'
    if (kind === 'bad') at++
    tokens.push({ kind, text: text.slice(start, at), start, end: at })
  }
  tokens.push({ kind: 'end', text: '', start: text.length, end: text.length })
  return tokens
}

class ConditionParser {
  readonly #tokens: readonly Token[]
  readonly #report: Report
  #at = 0
  #depth = 0

  constructor(tokens: readonly Token[], report: Report) {
    this.#tokens = tokens
    this.#report = report
  }

  parse(): Condition | undefined {
    const condition = this.#chain('or')
    const rest = this.#peek()
    if (condition === undefined || rest.kind === 'end') return condition
    this.#refuseRest(rest)
    return undefined
  }

  #refuseRest(rest: Token): void {
    if (rest.kind === '|') {
      const message = 'Aggregations after "|" were removed from Sigma conditions.'
      const hint = 'Write a correlation rule: type event_count or value_count, with group-by.'
      this.#report('sigma/condition-aggregation', rest, message, hint)
    } else if (rest.kind === ')') {
      this.#report('sigma/condition-syntax', rest, 'This parenthesis closes nothing.')
    } else {
      const message = `"and" or "or" is expected before "${rest.text}".`
      this.#report('sigma/condition-syntax', rest, message)
    }
  }

  #chain(operator: 'and' | 'or'): Condition | undefined {
    const next = () => (operator === 'or' ? this.#chain('and') : this.#negation())
    const first = next()
    if (first === undefined) return undefined
    const operands = [first]
    while (this.#isWord(operator)) {
      this.#at++
      const operand = next()
      if (operand === undefined) return undefined
      operands.push(operand)
    }
    if (operands.length === 1) return first
    return { kind: operator, of: operands, start: first.start, end: operands.at(-1)!.end }
  }

  #negation(): Condition | undefined {
    const nots: Token[] = []
    while (this.#isWord('not')) nots.push(this.#next())
    this.#depth += nots.length
    if (this.#depth > NESTING_MAX) return this.#tooDeep(nots[0]!)
    let condition = this.#primary()
    this.#depth -= nots.length
    for (const token of nots.toReversed()) {
      if (condition === undefined) return undefined
      condition = { kind: 'not', of: condition, start: token.start, end: condition.end }
    }
    return condition
  }

  #primary(): Condition | undefined {
    const token = this.#peek()
    if (token.kind === '(') return this.#group(token)
    if (token.kind !== 'word' || OPERATORS.has(token.text.toLowerCase())) {
      return this.#refuseOperand(token)
    }
    this.#at++
    if (this.#isWord('of')) return this.#selector(token)
    if (/[*?]/.test(token.text)) {
      const hint = `Write "1 of ${token.text}" or "all of ${token.text}".`
      this.#report('sigma/condition-syntax', token, 'A pattern needs "1 of" or "all of".', hint)
      return undefined
    }
    return { kind: 'identifier', name: token.text, start: token.start, end: token.end }
  }

  #group(open: Token): Condition | undefined {
    if (++this.#depth > NESTING_MAX) return this.#tooDeep(open)
    this.#at++
    const inner = this.#chain('or')
    this.#depth--
    if (inner === undefined) return undefined
    const close = this.#peek()
    if (close.kind !== ')') {
      if (close.kind === 'end') {
        this.#report('sigma/condition-syntax', open, 'This parenthesis is never closed.')
      } else {
        this.#refuseRest(close)
      }
      return undefined
    }
    this.#at++
    return { ...inner, start: open.start, end: close.end }
  }

  #selector(quantity: Token): Condition | undefined {
    const of = this.#next()
    const target = this.#peek()
    if (target.kind !== 'word') {
      const message = 'A name, a pattern such as "selection*", or "them" is expected after "of".'
      this.#report('sigma/condition-syntax', target.kind === 'end' ? of : target, message)
      return undefined
    }
    this.#at++
    const range = { start: quantity.start, end: target.end }
    const word = quantity.text.toLowerCase()
    if (word !== '1' && word !== 'any' && word !== 'all') {
      const message = `"${quantity.text} of" is not part of Sigma: only 1, any and all are.`
      const near = nearest(word, ['any', 'all'])
      const hint = near ? `Did you mean "${near} of"?` : 'Spell the combinations out with and/or.'
      this.#report('sigma/condition-quantity', quantity, message, hint)
      return undefined
    }
    const isThem = target.text.toLowerCase() === 'them'
    const pattern = isThem ? 'them' : target.text
    return { kind: 'selector', quantity: word === 'all' ? 'all' : 'any', pattern, ...range }
  }

  #refuseOperand(token: Token): undefined {
    const found = token.kind === 'end' ? 'the condition ends' : `"${token.text}" stands`
    const message = `A search identifier is expected where ${found}.`
    this.#report('sigma/condition-syntax', token, message)
    return undefined
  }

  #tooDeep(token: Token): undefined {
    const message = `Nested deeper than ${NESTING_MAX} levels.`
    this.#report('sigma/condition-too-deep', token, message)
    return undefined
  }

  #peek(): Token {
    return this.#tokens[this.#at]!
  }

  #next(): Token {
    return this.#tokens[this.#at++]!
  }

  #isWord(word: string): boolean {
    const token = this.#peek()
    return token.kind === 'word' && token.text.toLowerCase() === word
  }
}
