// Expressions of templates, as Jinja writes them. They call nothing but the tables of template-values.ts;
// what is not known is refused when the template is compiled.

import {
  COMPARISONS,
  FILTERS,
  isIn,
  isTrue,
  METHODS,
  partOf,
  TESTS,
  textOf,
  type Call,
  type Names,
} from './template-values.ts'

export type Expression = (names: Names) => unknown

export class Unreadable extends Error {
  override readonly name = 'Unreadable'
}

/** Throws `Unreadable`. */
export function readExpression(text: string): Expression {
  const reader = new ExpressionReader(text)
  const expression = reader.ternary()
  reader.expectEnd()
  return expression
}

const TOKEN =
  /\s*(?:("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|(==|!=|<=|>=|[<>|~()[\],.=-]))/y
const NESTING_MAX = 32

class ExpressionReader {
  readonly #tokens: readonly string[]
  readonly #text: string
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
    this.#tokens = tokensOf(text)
  }

  expectEnd(): void {
    if (this.#at < this.#tokens.length) throw this.#unreadable()
  }

  ternary(): Expression {
    if (++this.#depth > NESTING_MAX) throw new Unreadable('is nested too deep')
    const value = this.#or()
    this.#depth--
    if (!this.#take('if')) return value
    const condition = this.#or()
    const other: Expression = this.#take('else') ? this.ternary() : () => undefined
    return (names) => (isTrue(condition(names)) ? value(names) : other(names))
  }

  #or(): Expression {
    let left = this.#and()
    while (this.#take('or')) {
      const [one, other] = [left, this.#and()]
      left = (names) => (isTrue(one(names)) ? one(names) : other(names))
    }
    return left
  }

  #and(): Expression {
    let left = this.#not()
    while (this.#take('and')) {
      const [one, other] = [left, this.#not()]
      left = (names) => (isTrue(one(names)) ? other(names) : one(names))
    }
    return left
  }

  #not(): Expression {
    if (!this.#take('not')) return this.#comparison()
    const inner = this.#not()
    return (names) => !isTrue(inner(names))
  }

  #comparison(): Expression {
    const left = this.#concatenation()
    if (this.#take('is')) {
      const isNot = this.#take('not')
      const test = TESTS.get(this.#tokens[this.#at] ?? '')
      if (test === undefined) throw this.#unreadable()
      this.#at++
      return (names) => test(left(names)) !== isNot
    }
    const isNot = this.#tokens[this.#at + 1] === 'in' && this.#take('not')
    if (this.#take('in')) {
      const list = this.#concatenation()
      return (names) => isIn(left(names), list(names)) !== isNot
    }
    const compare = COMPARISONS.get(this.#tokens[this.#at] ?? '')
    if (compare === undefined) return left
    this.#at++
    const right = this.#concatenation()
    return (names) => compare(left(names), right(names))
  }

  #concatenation(): Expression {
    const parts = [this.#filtered()]
    while (this.#take('~')) parts.push(this.#filtered())
    if (parts.length === 1) return parts[0]!
    return (names) => parts.map((part) => textOf(part(names))).join('')
  }

  #filtered(): Expression {
    let value = this.#postfix()
    while (this.#take('|')) value = this.#called(FILTERS, 'filter', value)
    return value
  }

  #postfix(): Expression {
    let value = this.#primary()
    for (;;) {
      const owner = value
      if (this.#take('[')) {
        const part = this.ternary()
        this.#expect(']')
        value = (names) => partOf(owner(names), part(names))
      } else if (this.#take('.')) {
        const name = this.#tokens[this.#at] ?? ''
        if (this.#tokens[this.#at + 1] === '(') value = this.#called(METHODS, 'method', owner)
        else {
          if (!/^\w+$/.test(name)) throw this.#unreadable()
          this.#at++
          value = (names) => partOf(owner(names), name)
        }
      } else return value
    }
  }

  #called(known: ReadonlyMap<string, Call>, kind: string, value: Expression): Expression {
    const name = this.#tokens[this.#at++] ?? ''
    const call = known.get(name)
    if (call === undefined) throw new Unreadable(`uses the ${kind} "${name}"`)
    const [given, named] = this.#take('(') ? this.#operands() : [[], []]
    return (names) =>
      call(
        value(names),
        given.map((one) => one(names)),
        Object.fromEntries(named.map(([key, one]) => [key, one(names)])),
      )
  }

  #operands(): readonly [readonly Expression[], readonly (readonly [string, Expression])[]] {
    const [given, named]: [Expression[], [string, Expression][]] = [[], []]
    while (!this.#take(')')) {
      const name = this.#tokens[this.#at]
      if (this.#tokens[this.#at + 1] === '=' && name !== undefined) {
        this.#at += 2
        named.push([name, this.ternary()])
      } else given.push(this.ternary())
      if (this.#tokens[this.#at] !== ')') this.#expect(',')
    }
    return [given, named]
  }

  #primary(): Expression {
    const token = this.#tokens[this.#at++]
    if (token === undefined) throw this.#unreadable()
    if (token === '(') {
      const inner = this.ternary()
      this.#expect(')')
      return inner
    }
    if (token === '[') return this.#listed()
    if (/^["']/.test(token)) {
      const text = unescaped(token.slice(1, -1))
      return () => text
    }
    if (/^\d/.test(token)) return () => Number(token)
    if (token === '-' && /^\d/.test(this.#tokens[this.#at] ?? '')) {
      const number = -Number(this.#tokens[this.#at++])
      return () => number
    }
    if (!/^[A-Za-z_]/.test(token)) throw this.#unreadable()
    if (CONSTANTS.has(token)) return () => CONSTANTS.get(token)
    return (names) => partOf(names, token)
  }

  #listed(): Expression {
    const items: Expression[] = []
    while (!this.#take(']')) {
      items.push(this.ternary())
      if (this.#tokens[this.#at] !== ']') this.#expect(',')
    }
    return (names) => items.map((item) => item(names))
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false
    this.#at++
    return true
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw this.#unreadable()
  }

  #unreadable(): Unreadable {
    return new Unreadable(`holds "${this.#text}", which cannot be read`)
  }
}

const CONSTANTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...['true', 'True'].map((name): [string, unknown] => [name, true]),
  ...['false', 'False'].map((name): [string, unknown] => [name, false]),
  ...['none', 'None'].map((name): [string, unknown] => [name, null]),
])

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  const end = text.trimEnd().length
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    if (match === null) {
      throw new Unreadable(`holds "${text.slice(from).trim()}", which cannot be read`)
    }
    tokens.push(match[1] ?? match[2] ?? match[3] ?? match[4]!)
  }
  return tokens
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/gs, (_all, one: string) => ESCAPES[one] ?? one)
}
