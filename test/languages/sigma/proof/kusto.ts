// A small interpreter of the Kusto conditions that the backend prints, written apart from it. A text
// column is never null; a number that is missing is, and is unequal to every number, while an order of
// size with it has no answer, and neither has its negation. Sources: learn.microsoft.com, Kusto "Null
// values", "String operators", "ipv4_is_in_range()", read 2026-11.

import { isInNetwork, parseAddress, parseNetwork } from '#languages/cidr.ts'
import { compileRegex } from '#languages/regex.ts'
import { readTimePart } from '#languages/sigma/test.ts'
import type { TimePart } from '#languages/predicate.ts'
import { holds } from './lucene.ts'

export type KustoValue = string | number | boolean | null
export type KustoRow = ReadonlyMap<string, KustoValue>
type Of = (row: KustoRow) => KustoValue
type Condition = (row: KustoRow) => boolean | null

/** Columns that hold numbers; all others hold text. */
export function interpretKusto(
  text: string,
  numbers: ReadonlySet<string>,
): (row: KustoRow) => boolean {
  const reader = new Reader(text, numbers)
  const holds = truth(reader.expression())
  reader.end()
  return (row) => holds(row) === true
}

const TOKEN =
  /\s+|"(?:\\.|[^"\\])*"|\['(?:\\.|[^'\\])*'\]|-?\d+(?:\.\d+)?|[A-Za-z_]\w*~?|[=!]~|[=!<>]=|[<>(),*]/y

class Reader {
  readonly #tokens: string[] = []
  readonly #numbers: ReadonlySet<string>
  #at = 0

  constructor(text: string, numbers: ReadonlySet<string>) {
    this.#numbers = numbers
    for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length;) {
      const at = TOKEN.lastIndex
      const token = TOKEN.exec(text)?.[0]
      if (token === undefined) throw new Error(`no token at ${text.slice(at, at + 20)}`)
      if (token.trim() !== '') this.#tokens.push(token)
    }
  }

  end(): void {
    const left = this.#tokens.slice(this.#at)
    if (left.length > 0) throw new Error(`left over: ${left.join(' ')}`)
  }

  expression(): Of {
    const first = this.#conjunction()
    if (this.#tokens[this.#at] !== 'or') return first
    const items = [truth(first)]
    while (this.#take('or')) items.push(truth(this.#conjunction()))
    return (row) => {
      const values = items.map((item) => item(row))
      return values.includes(true) ? true : values.includes(null) ? null : false
    }
  }

  #conjunction(): Of {
    const first = this.#comparison()
    if (this.#tokens[this.#at] !== 'and') return first
    const items = [truth(first)]
    while (this.#take('and')) items.push(truth(this.#comparison()))
    return (row) => {
      const values = items.map((item) => item(row))
      return values.includes(false) ? false : values.includes(null) ? null : true
    }
  }

  #comparison(): Of {
    if (this.#take('*')) return this.#anyColumn()
    return this.#operation(this.#primary())
  }

  /** `* contains "x"`: the test of every column. */
  #anyColumn(): Of {
    let value: KustoValue = ''
    const holds = truth(this.#operation(() => value))
    return (row) =>
      [...row.values()].some((own) => {
        value = own === null ? '' : String(own)
        return holds(row) === true
      })
  }

  #operation(left: Of): Of {
    const operator = this.#tokens[this.#at] ?? ''
    if (operator === 'matches') {
      this.#at++
      this.#need('regex')
      return this.#regex(left)
    }
    const compare = COMPARISONS[operator]
    if (compare !== undefined) {
      this.#at++
      const right = this.#primary()
      return (row) => compare(left(row), right(row))
    }
    if (operator !== 'in' && operator !== 'in~') return left
    this.#at++
    this.#need('(')
    const items = this.#list()
    const equals = COMPARISONS[operator === 'in' ? '==' : '=~']!
    return (row) => items.some((item) => equals(left(row), item(row)) === true)
  }

  #regex(left: Of): Of {
    const pattern = this.#primary()(new Map())
    const flags = /^\(\?([ims]+)\)/.exec(String(pattern))
    const body = String(pattern).slice(flags?.[0].length ?? 0)
    const compiled = compileRegex(body, (flags?.[1] ?? '').split('') as ('i' | 'm' | 's')[])
    if ('refusal' in compiled) throw new Error(compiled.refusal)
    return (row) => compiled.test(textOf(left(row)))
  }

  #primary(): Of {
    const token = this.#tokens[this.#at++]
    if (token === undefined) throw new Error('the end')
    if (token === '(') {
      const inner = this.expression()
      this.#need(')')
      return inner
    }
    if (token.startsWith('"')) {
      const text = unquote(token.slice(1, -1))
      return () => text
    }
    if (/^-?\d/.test(token)) return () => Number(token)
    if (token === 'true' || token === 'false') return () => token === 'true'
    if (token.startsWith('[')) return this.#column(unquote(token.slice(2, -2)))
    return this.#take('(') ? this.#call(token) : this.#column(token)
  }

  #column(name: string): Of {
    const isNumber = this.#numbers.has(name)
    return (row) => row.get(name) ?? (isNumber ? null : '')
  }

  #call(name: string): Of {
    const given = this.#list()
    const apply = CALLS[name]
    if (apply === undefined) throw new Error(`no function ${name}`)
    return (row) => apply(given.map((of) => of(row)))
  }

  #list(): readonly Of[] {
    const items = [this.expression()]
    while (this.#take(',')) items.push(this.expression())
    this.#need(')')
    return items
  }

  #take(token: string): boolean {
    const isHere = this.#tokens[this.#at] === token
    if (isHere) this.#at++
    return isHere
  }

  #need(token: string): void {
    if (!this.#take(token)) throw new Error(`expected ${token}, not ${this.#tokens[this.#at]}`)
  }
}

/** Only what is true or false may be one: a text alone is an error to Kusto. */
function truth(of: Of): Condition {
  return (row) => {
    const value = of(row)
    if (value === null || typeof value === 'boolean') return value
    throw new Error(`${typeof value} where a condition is needed`)
  }
}

function unquote(text: string): string {
  const signs: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }
  return text.replaceAll(/\\(.)/gs, (_, sign: string) => signs[sign] ?? sign)
}

function textOf(value: KustoValue): string {
  if (typeof value !== 'string') throw new Error(`${typeof value} where a text is needed`)
  return value
}

type Compare = (a: KustoValue, b: KustoValue) => boolean | null

function texts(compare: (a: string, b: string) => boolean, isCaseless: boolean): Compare {
  const fold = (value: KustoValue) => (isCaseless ? textOf(value).toLowerCase() : textOf(value))
  return (a, b) => compare(fold(a), fold(b))
}

function order(operator: string): Compare {
  return (a, b) => {
    if (a === null || b === null) return null
    if (typeof a !== 'number' || typeof b !== 'number') throw new Error('an order of texts')
    return holds(operator, a, b)
  }
}

function equal(a: KustoValue, b: KustoValue): boolean | null {
  if (a === null || b === null) return a === null && b === null ? null : false
  if (typeof a !== typeof b) throw new Error(`${typeof a} == ${typeof b}`)
  return a === b
}

const COMPARISONS: Readonly<Record<string, Compare>> = {
  '==': equal,
  '!=': (a, b) => {
    const same = equal(a, b)
    return same === null ? null : !same
  },
  '=~': texts((a, b) => a === b, true),
  '!~': texts((a, b) => a !== b, true),
  contains: texts((a, b) => a.includes(b), true),
  contains_cs: texts((a, b) => a.includes(b), false),
  startswith: texts((a, b) => a.startsWith(b), true),
  startswith_cs: texts((a, b) => a.startsWith(b), false),
  endswith: texts((a, b) => a.endsWith(b), true),
  endswith_cs: texts((a, b) => a.endsWith(b), false),
  '<': order('<'),
  '<=': order('<='),
  '>': order('>'),
  '>=': order('>='),
}

/** No address has no answer. */
function inRange(family: 4 | 6): (given: readonly KustoValue[]) => KustoValue {
  return ([address, network]) => {
    const parsed = parseNetwork(textOf(network!))
    if (parsed?.family !== family) throw new Error(`no network: ${String(network)}`)
    if (address === null || address === undefined) return null
    return parseAddress(textOf(address)) === undefined ? null : isInNetwork(textOf(address), parsed)
  }
}

const CALLS: Readonly<Record<string, (given: readonly KustoValue[]) => KustoValue>> = {
  not: ([value]) => (typeof value === 'boolean' ? !value : null),
  isempty: ([value]) => value === null || value === '',
  isnotempty: ([value]) => value !== null && value !== '',
  isnull: ([value]) => value === null,
  isnotnull: ([value]) => value !== null,
  tostring: ([value]) => (value === null ? '' : String(value)),
  coalesce: (given) => given.find((value) => value !== null && value !== '') ?? null,
  ipv4_is_in_range: inRange(4),
  ipv6_is_in_range: inRange(6),
  todatetime: ([value]) => value ?? null,
  datetime_part: ([part, value]) => {
    const known = part === 'week_of_year' ? 'week' : (part as TimePart)
    return readTimePart(String(value), known) ?? null
  },
}
