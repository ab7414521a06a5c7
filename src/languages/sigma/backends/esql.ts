// Elastic's ES|QL. It compares with case and with three-valued logic: a test of a missing field is
// null, and so is its negation. So texts are compared in lower case, and what is negated is first
// made two-valued, as a rule means it.

import {
  leaves,
  not as negated,
  type FieldTest,
  type Leaf,
  type Predicate,
  type TextPattern,
  type TimePart,
} from '#languages/predicate.ts'
import { withOneType } from './prepare.ts'
import { wholeValue } from './regex-dialect.ts'
import { quote, shapeOf, textIn, write } from './text.ts'
import { attempt, print, Unsayable, type Dialect, type Printed } from './walk.ts'

export function printEsql(predicate: Predicate, index = '*'): Printed {
  const from = `from ${index} metadata _id, _index, _version`
  return attempt('ES|QL', () => `${from} | where ${printEsqlCondition(predicate)}`)
}

/** The condition alone. Throws `Unsayable`. */
export function printEsqlCondition(predicate: Predicate): string {
  return print(pushed(withOneType(predicate)), DIALECT)
}

const DIALECT: Dialect = {
  name: 'ES|QL',
  and: ' and ',
  or: ' or ',
  precedence: ['not', 'and', 'or'],
  isExplicit: false,
  leaf,
  not: (inner, of) => {
    if (of.kind === 'not' || isTwoValued(of)) return `not ${inner}`
    return `not coalesce(${inner}, false)`
  },
  negatedLeaf: (node) => {
    if (node.kind !== 'test') return undefined
    if (node.test.kind === 'null') return `${esqlField(node.field)} is not null`
    return node.test.kind === 'exists' ? `${esqlField(node.field)} is null` : undefined
  },
  list: inList,
  constant: String,
}

function isTwoValued(predicate: Predicate): boolean {
  return predicate.kind === 'constant' || predicate.kind === 'keyword'
}

/**
 * A full-text search may stand only directly in the condition, not inside a function: a negation over
 * one is pushed down until it stands before the search itself.
 */
function pushed(predicate: Predicate): Predicate {
  if (predicate.kind === 'and' || predicate.kind === 'or') {
    return { ...predicate, of: predicate.of.map(pushed) }
  }
  if (predicate.kind !== 'not' || !hasKeyword(predicate.of)) return predicate
  const inner = predicate.of
  if (inner.kind === 'not') return pushed(inner.of)
  if (inner.kind !== 'and' && inner.kind !== 'or') return predicate
  return {
    kind: inner.kind === 'and' ? 'or' : 'and',
    of: inner.of.map((operand) => pushed(negated(operand))),
  }
}

function hasKeyword(predicate: Predicate): boolean {
  return leaves(predicate).some((one) => one.kind === 'keyword')
}

const OPERATORS = { lt: '<', lte: '<=', gt: '>', gte: '>=', eq: '==' } as const
const PARTS: Readonly<Record<TimePart, string>> = {
  minute: 'minute_of_hour',
  hour: 'hour_of_day',
  day: 'day_of_month',
  week: 'aligned_week_of_year',
  month: 'month_of_year',
  year: 'year',
}

function leaf(node: Leaf): string {
  if (node.kind === 'keyword') return keyword(node)
  const { test } = node
  const field = esqlField(node.field)
  switch (test.kind) {
    case 'text':
      return text(field, test.pattern, test.isCased)
    case 'number':
    case 'boolean':
      return `${field}==${test.value}`
    case 'null':
      return `${field} is null`
    case 'exists':
      return `${field} is not null`
    case 'regex':
      return `${field} rlike ${quote(wholeValue(test.pattern, test.flags))}`
    case 'cidr':
      return `cidr_match(${field}, ${quote(test.network)})`
    case 'compare':
      return `${field} ${OPERATORS[test.op]} ${test.value}`
    case 'time':
      return `date_extract("${PARTS[test.part]}", ${dateOf(field, test.part)})${OPERATORS[test.op]}${test.value}`
    case 'fieldref':
      return fieldref(`to_lower(${field})`, `to_lower(${esqlField(test.other)})`, test.how)
    case 'verbatim':
      return test.template.replaceAll('{field}', field).replaceAll('{id}', test.id)
  }
}

/** A week is that of its Thursday (ISO 8601), counted in sevens from the first of January. */
function dateOf(field: string, part: TimePart): string {
  const date = `to_datetime(${field})`
  return part === 'week' ? `date_trunc(1 week, ${date}) + 3 days` : date
}

function fieldref(field: string, other: string, how: string): string {
  if (how === 'startswith') return `starts_with(${field}, ${other})`
  if (how === 'endswith') return `ends_with(${field}, ${other})`
  return how === 'contains' ? `locate(${field}, ${other}) > 0` : `${field}==${other}`
}

function text(field: string, pattern: TextPattern, isCased: boolean): string {
  const shape = shapeOf(pattern)
  if (shape === 'any') return `${field} is not null`
  const subject = isCased ? field : `to_lower(${field})`
  const fold = (plain: string) => (isCased ? plain : plain.toLowerCase())
  const quoted = quote(fold(textIn(pattern)))
  if (shape === 'plain') return `${subject}==${quoted}`
  if (shape === 'prefix') return `starts_with(${subject}, ${quoted})`
  if (shape === 'suffix') return `ends_with(${subject}, ${quoted})`
  return `${subject} like ${quote(write(pattern, (plain) => escapeLike(fold(plain))))}`
}

/** In a pattern a backslash escapes, so it is doubled once for the pattern, once for the string. */
function escapeLike(plain: string): string {
  return plain.replaceAll(/[\\*?]/g, '\\$&')
}

/** A full-text search over all fields the index searches by default. */
function keyword(node: Leaf): string {
  const { test } = node
  if (test.kind === 'number' || test.kind === 'boolean') return `qstr(${quote(String(test.value))})`
  if (test.kind !== 'text' || test.isCased) throw new Unsayable('a keyword that is no plain text')
  const escaped = write(test.pattern, (plain) =>
    plain.replaceAll(/[+\-=&|!(){}[\]<>^"~*?:\\/ ]/g, '\\$&'),
  )
  return `qstr(${quote(`*${escaped}*`.replace(/^\*\*/, '*').replace(/(?<!\\)\*\*$/, '*'))})`
}

function inList(tests: readonly FieldTest[]): string | undefined {
  const isNumbers = tests.every(({ test }) => test.kind === 'number')
  const values = tests.map(({ test }) => {
    if (test.kind === 'number' && isNumbers) return String(test.value)
    if (test.kind !== 'text' || test.isCased || shapeOf(test.pattern) !== 'plain') return undefined
    return quote(textIn(test.pattern).toLowerCase())
  })
  if (values.some((value) => value === undefined)) return undefined
  const field = esqlField(tests[0]!.field)
  return `${isNumbers ? field : `to_lower(${field})`} in (${values.join(', ')})`
}

export function esqlField(field: string): string {
  const isPlain = field.split('.').every((part) => /^[A-Za-z_@][\w@]*$/.test(part))
  return isPlain ? field : `\`${field.replaceAll('`', '``')}\``
}
