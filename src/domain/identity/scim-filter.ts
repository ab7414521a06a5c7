// Filters and paths of SCIM (RFC 7644 sections 3.4.2.2 and 3.5.2) as trees: what a directory may ask for,
// read by hand, with an end to how long and how deep it goes. What a name stands for is decided by whoever
// carries the tree out; here it is a word in lower case.

import { invalid, withoutSchema, type ScimType } from './scim.ts'

export const OPERATORS = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const
export type Operator = (typeof OPERATORS)[number]

export type FilterValue = string | number | boolean | null

export type Filter =
  | { readonly kind: 'and' | 'or'; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'not'; readonly part: Filter }
  | { readonly kind: 'present'; readonly name: string }
  | {
      readonly kind: 'compare'
      readonly name: string
      readonly operator: Operator
      readonly value: FilterValue
    }
  /** One value of a list fits `part`, whose names are those of the value. */
  | { readonly kind: 'some'; readonly name: string; readonly part: Filter }

/** `emails[type eq "work"].value`: the list, which of its values, which part of them. */
export interface Path {
  readonly name: string
  readonly which: Filter | undefined
  /** Empty for all of it. */
  readonly part: string
}

const LENGTH_MAX = 4_000
const DEPTH_MAX = 16
const TERMS_MAX = 50

/** Throws `ScimRefusal` `invalidFilter`. */
export function readFilter(text: string): Filter {
  const reader = new FilterReader(text, 'invalidFilter')
  const filter = reader.readAlternatives(0, false)
  reader.expectEnd()
  return filter
}

/** Throws `ScimRefusal` `invalidPath`. */
export function readPath(text: string): Path {
  const reader = new FilterReader(text, 'invalidPath')
  const path = reader.readPath()
  reader.expectEnd()
  return path
}

/** What holds for a thing whose `name` is `value`. */
export function equals(name: string, value: string): Filter {
  return { kind: 'compare', name, operator: 'eq', value }
}

const TOKEN =
  /\s*(?:([()[\]])|("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.]))|([A-Za-z$][\w.:$-]*))/y

type Token =
  | { readonly kind: 'mark' | 'word'; readonly text: string }
  | { readonly kind: 'value'; readonly value: FilterValue }
  | { readonly kind: 'end' }

class FilterReader {
  readonly #text: string
  readonly #refusal: ScimType
  #at = 0
  #terms = 0
  #next: Token

  constructor(text: string, refusal: ScimType) {
    this.#text = text.trimEnd()
    this.#refusal = refusal
    if (this.#text.length > LENGTH_MAX) this.#refuse(`is longer than ${LENGTH_MAX} characters`)
    this.#next = this.#lex()
  }

  /** `isInside`: of the values of a list, which hold no lists. */
  readAlternatives(depth: number, isInside: boolean): Filter {
    let left = this.#readAll(depth, isInside)
    while (this.#takeWord('or')) {
      left = { kind: 'or', left, right: this.#readAll(depth, isInside) }
    }
    return left
  }

  readPath(): Path {
    const name = this.#takeName()
    if (!this.#takeMark('[')) {
      const [base = '', ...parts] = name.startsWith('urn:') ? [name] : name.split('.')
      return { name: base, which: undefined, part: parts.join('.') }
    }
    const which = this.readAlternatives(1, true)
    if (this.#next.kind !== 'mark' || this.#next.text !== ']') this.#refuse('lacks a ]')
    // The part behind the bracket begins with a dot, which is no word.
    const part = /^\.([A-Za-z][\w-]*)/.exec(this.#text.slice(this.#at))?.[1] ?? ''
    this.#at += part === '' ? 0 : part.length + 1
    this.#next = this.#lex()
    return { name, which, part: part.toLowerCase() }
  }

  expectEnd(): void {
    if (this.#next.kind !== 'end') this.#refuse('goes on where it should end')
  }

  #readAll(depth: number, isInside: boolean): Filter {
    let left = this.#readTerm(depth, isInside)
    while (this.#takeWord('and')) {
      left = { kind: 'and', left, right: this.#readTerm(depth, isInside) }
    }
    return left
  }

  #readTerm(depth: number, isInside: boolean): Filter {
    if (depth > DEPTH_MAX) this.#refuse(`is nested deeper than ${DEPTH_MAX}`)
    if (++this.#terms > TERMS_MAX) this.#refuse(`has more than ${TERMS_MAX} parts`)
    if (this.#isWord('not')) {
      this.#advance()
      if (!this.#takeMark('(')) this.#refuse('lacks a ( behind not')
      return { kind: 'not', part: this.#readGroup(depth + 1, isInside) }
    }
    if (this.#takeMark('(')) return this.#readGroup(depth + 1, isInside)
    const name = this.#takeName()
    if (!isInside && this.#takeMark('[')) {
      const part = this.readAlternatives(depth + 1, true)
      if (!this.#takeMark(']')) this.#refuse('lacks a ]')
      return { kind: 'some', name, part }
    }
    return this.#readComparison(name)
  }

  #readGroup(depth: number, isInside: boolean): Filter {
    const filter = this.readAlternatives(depth, isInside)
    if (!this.#takeMark(')')) this.#refuse('lacks a )')
    return filter
  }

  #readComparison(name: string): Filter {
    if (this.#takeWord('pr')) return { kind: 'present', name }
    const operator = OPERATORS.find((one) => this.#isWord(one))
    if (operator === undefined) return this.#refuse(`knows ${OPERATORS.join(', ')} and pr`)
    this.#advance()
    return { kind: 'compare', name, operator, value: this.#takeValue() }
  }

  #takeValue(): FilterValue {
    const token = this.#next
    const known = token.kind === 'word' ? WORDS.get(token.text.toLowerCase()) : undefined
    if (token.kind !== 'value' && known === undefined) {
      return this.#refuse('compares with a text in ", a number, true, false or null')
    }
    this.#advance()
    return token.kind === 'value' ? token.value : known!
  }

  /** Lower case, without the schema of the standard before it. */
  #takeName(): string {
    const token = this.#next
    if (token.kind !== 'word') return this.#refuse('lacks the name of an attribute')
    this.#advance()
    return withoutSchema(token.text).toLowerCase()
  }

  #takeMark(mark: string): boolean {
    const isThere = this.#next.kind === 'mark' && this.#next.text === mark
    if (isThere) this.#advance()
    return isThere
  }

  #takeWord(word: string): boolean {
    const isThere = this.#isWord(word)
    if (isThere) this.#advance()
    return isThere
  }

  #isWord(word: string): boolean {
    return this.#next.kind === 'word' && this.#next.text.toLowerCase() === word
  }

  #advance(): void {
    this.#next = this.#lex()
  }

  #lex(): Token {
    if (this.#text.slice(this.#at).trim() === '') return { kind: 'end' }
    TOKEN.lastIndex = this.#at
    const [whole, mark, quoted, number, word] = TOKEN.exec(this.#text) ?? []
    if (whole === undefined) return this.#refuse(`cannot be read from character ${this.#at + 1} on`)
    this.#at += whole.length
    if (mark !== undefined) return { kind: 'mark', text: mark }
    if (quoted !== undefined) return { kind: 'value', value: this.#unquote(quoted) }
    if (number !== undefined) return { kind: 'value', value: Number(number) }
    return { kind: 'word', text: word! }
  }

  // What no attribute can hold finds nothing; a NUL would end a pattern early.
  #unquote(text: string): string {
    try {
      const value = JSON.parse(text) as string
      return value.includes('\0') ? this.#refuse('holds a character that no text has') : value
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      return this.#refuse('holds a text that cannot be read')
    }
  }

  #refuse(what: string): never {
    const noun = this.#refusal === 'invalidFilter' ? 'The filter' : 'The path'
    return invalid(`${noun} ${what}.`, this.#refusal)
  }
}

const WORDS: ReadonlyMap<string, FilterValue> = new Map<string, FilterValue>([
  ['true', true],
  ['false', false],
  ['null', null],
])

/** Whether a value of a list fits, as the parts of it say; texts have no case. */
export function fits(filter: Filter, parts: Readonly<Record<string, FilterValue>>): boolean {
  switch (filter.kind) {
    case 'and':
      return fits(filter.left, parts) && fits(filter.right, parts)
    case 'or':
      return fits(filter.left, parts) || fits(filter.right, parts)
    case 'not':
      return !fits(filter.part, parts)
    case 'present':
      return (parts[filter.name] ?? null) !== null
    case 'some':
      return false
    case 'compare':
      return compares(filter.operator, parts[filter.name] ?? null, filter.value)
  }
}

function compares(operator: Operator, actual: FilterValue, wanted: FilterValue): boolean {
  const [a, b] = [bare(actual), bare(wanted)]
  if (operator === 'eq') return a === b
  if (operator === 'ne') return a !== b
  if (typeof a !== 'string' || typeof b !== 'string') return false
  switch (operator) {
    case 'co':
      return a.includes(b)
    case 'sw':
      return a.startsWith(b)
    case 'ew':
      return a.endsWith(b)
    case 'gt':
      return a > b
    case 'ge':
      return a >= b
    case 'lt':
      return a < b
    case 'le':
      return a <= b
  }
}

// Some directories write "True" for true.
function bare(value: FilterValue): FilterValue {
  if (typeof value !== 'string') return value
  const lower = value.toLowerCase()
  return lower === 'true' ? true : lower === 'false' ? false : lower
}
