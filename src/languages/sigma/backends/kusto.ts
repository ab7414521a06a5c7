// Kusto, as Sentinel and Defender run it. `=~`, `contains`, `startswith`, `endswith` and `in~` compare
// without case. A text column is never null: a missing value is the empty text.

import {
  leaves,
  type FieldTest,
  type Leaf,
  type Predicate,
  type TextPattern,
  type TimePart,
} from '#languages/predicate.ts'
import { parseNetwork } from '#languages/cidr.ts'
import { withOneType } from './prepare.ts'
import { quote, shapeOf, textIn, toRegex, withoutOuterStars } from './text.ts'
import { attempt, print, Unsayable, type Dialect, type Printed } from './walk.ts'

/** Without a table the condition alone, for whoever puts it behind a `where`. */
export function printKusto(predicate: Predicate, table?: string): Printed {
  return attempt('Kusto', () => {
    const condition = print(withOneType(predicate), DIALECT)
    return table === undefined ? condition : `${table}\n| where ${condition}`
  })
}

const DIALECT: Dialect = {
  name: 'Kusto',
  and: ' and ',
  or: ' or ',
  precedence: ['not', 'and', 'or'],
  isExplicit: true,
  leaf,
  // An order of size with a missing number, and a network with no address, have no answer, and then
  // their negation has none either.
  not: (inner, of) => {
    if (mayBeNull(of)) return `not(coalesce(${inner}, false))`
    return of.kind === 'or' && of.isExpansion ? `not${inner}` : `not(${inner})`
  },
  list: inList,
  constant: String,
}

function mayBeNull(predicate: Predicate): boolean {
  return leaves(predicate).some(({ test }) => /^(?:cidr|compare|time)$/.test(test.kind))
}

const OPERATORS = { lt: '<', lte: '<=', gt: '>', gte: '>=', eq: '==' } as const
const PARTS: Readonly<Record<TimePart, string>> = {
  minute: 'minute',
  hour: 'hour',
  day: 'day',
  week: 'week_of_year',
  month: 'month',
  year: 'year',
}

function leaf(node: Leaf): string {
  if (node.kind === 'keyword') return keyword(node)
  const { test } = node
  const field = kustoField(node.field)
  switch (test.kind) {
    case 'text':
      return text(field, test.pattern, test.isCased)
    case 'number':
      return numberTest(node.field, test.value)
    case 'boolean':
      return `tostring(${field}) =~ "${test.value}"`
    case 'null':
      return `isempty(${field})`
    case 'exists':
      return `isnotempty(${field})`
    case 'regex':
      return `${field} matches regex ${quote(flagged(test.pattern, test.flags))}`
    case 'cidr': {
      const family = parseNetwork(test.network)?.family ?? 4
      return `ipv${family}_is_in_range(${field}, ${quote(test.network)})`
    }
    case 'compare': {
      const number = INSIDE.test(node.field) ? `todouble(${field})` : field
      return `${number} ${OPERATORS[test.op]} ${test.value}`
    }
    case 'time': {
      const part = `datetime_part("${PARTS[test.part]}", todatetime(${field}))`
      return `${part} ${OPERATORS[test.op]} ${test.value}`
    }
    case 'fieldref': {
      const how = {
        equals: '=~',
        startswith: 'startswith',
        endswith: 'endswith',
        contains: 'contains',
      }
      // A missing text is empty, and every text begins with nothing.
      const other = kustoField(test.other)
      return `(isnotempty(${other}) and ${field} ${how[test.how]} ${other})`
    }
    case 'verbatim':
      return test.template.replaceAll('{field}', field).replaceAll('{id}', test.id)
  }
}

function text(field: string, pattern: TextPattern, isCased: boolean): string {
  const value = quote(textIn(pattern))
  const cased = isCased ? '_cs' : ''
  switch (shapeOf(pattern)) {
    case 'plain':
      return `${field} ${isCased ? '==' : '=~'} ${value}`
    case 'prefix':
      return `${field} startswith${cased} ${value}`
    case 'suffix':
      return `${field} endswith${cased} ${value}`
    case 'infix':
      return `${field} contains${cased} ${value}`
    case 'any':
      return `isnotempty(${field})`
    case 'other':
      return `${field} matches regex ${quote(`(?${isCased ? 's' : 'is'})${toRegex(pattern)}`)}`
  }
}

/** In any column: a text alone is no condition. */
function keyword(node: Leaf): string {
  const { test } = node
  if (test.kind === 'number' || test.kind === 'boolean')
    return `* contains ${quote(String(test.value))}`
  if (test.kind === 'verbatim') return test.template.replaceAll('{id}', test.id)
  if (test.kind === 'regex') return `* matches regex ${quote(flagged(test.pattern, test.flags))}`
  if (test.kind !== 'text') throw new Unsayable('a keyword that is no plain text')
  const cased = test.isCased ? '_cs' : ''
  const pattern = withoutOuterStars(test.pattern)
  if (pattern.every((part) => typeof part === 'string')) {
    return `* contains${cased} ${quote(textIn(pattern))}`
  }
  const body = toRegex(pattern).slice(1, -1)
  return `* matches regex ${quote(flagged(body, test.isCased ? ['s'] : ['i', 's']))}`
}

function flagged(pattern: string, flags: readonly string[]): string {
  return flags.length > 0 ? `(?${flags.join('')})${pattern}` : pattern
}

/** Plain texts as one list, in front of those with wildcards, which `in~` does not know. */
function inList(tests: readonly FieldTest[], isExpansion: boolean): string | undefined {
  const isPlain = ({ test }: FieldTest) => test.kind === 'text' && shapeOf(test.pattern) === 'plain'
  const plain = tests.filter(isPlain)
  const isMixed = plain.length > 0 && plain.length < tests.length
  if (!isMixed || isExpansion || tests.some(({ test }) => test.kind !== 'text'))
    return plainList(tests)
  const list = plainList(plain)
  const rest = tests.filter((one) => !isPlain(one)).map(leaf)
  return list === undefined ? undefined : [list, ...rest].join(' or ')
}

function plainList(tests: readonly FieldTest[]): string | undefined {
  const field = kustoField(tests[0]!.field)
  const isColumn = !INSIDE.test(tests[0]!.field)
  if (isColumn && tests.every(({ test }) => test.kind === 'number')) {
    const numbers = tests.map(({ test }) => (test.kind === 'number' ? String(test.value) : ''))
    return `${field} in (${numbers.join(', ')})`
  }
  const values = tests.map(({ test }) => {
    if (test.kind === 'number') return quote(String(test.value))
    if (test.kind !== 'text' || test.isCased || shapeOf(test.pattern) !== 'plain') return undefined
    return quote(textIn(test.pattern))
  })
  if (values.some((value) => value === undefined)) return undefined
  return `${field} in~ (${values.join(', ')})`
}

/** `bag(Column).a.b`, `json(Column).a.b`, `xml(Column).Name`: how pipelines name what is inside one. */
const INSIDE = /^(bag|json|xml)\((\w+)\)((?:\.[^.()"\\]+)*)$/

/** A column whose name is more than a word stands in brackets; quotes alone would be a text. */
export function kustoField(field: string): string {
  const [, kind, column, path] = INSIDE.exec(field) ?? []
  if (kind !== undefined) return inside(kind, column!, path!.split('.').slice(1))
  return /^[A-Za-z_]\w*$/.test(field) ? field : `['${field.replaceAll(/[\\']/g, '\\$&')}']`
}

/** Always a text: a path into a dynamic value would be compared by its own rules. */
function inside(kind: string, column: string, path: readonly string[]): string {
  if (kind === 'xml')
    return `extract(${quote(`<Data Name="${path.join('.')}">([^<]*)<`)}, 1, ${column})`
  const steps = path.map((name) => (/^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${quote(name)}]`))
  return `tostring(${kind === 'json' ? `parse_json(${column})` : column}${steps.join('')})`
}

/** Numbers inside a column are texts there. */
function numberTest(field: string, value: number): string {
  return INSIDE.test(field)
    ? `${kustoField(field)} == "${value}"`
    : `${kustoField(field)} == ${value}`
}
