// Elastic's EQL. `:` and `like~` compare without case; `?field` may be missing from the mapping.

import type { FieldTest, Leaf, Predicate, TextPattern } from '#languages/predicate.ts'
import { parseNetwork } from '#languages/cidr.ts'
import { withExpressions, withGuards } from './prepare.ts'
import { wholeValue } from './regex-dialect.ts'
import { hasWildcard, quote, write } from './text.ts'
import { attempt, print, Unsayable, type Dialect, type Printed } from './walk.ts'

export function printEql(predicate: Predicate): Printed {
  return attempt('EQL', () => `any where ${printEqlCondition(predicate)}`)
}

/** Without `any where`: the inside of a sequence. Throws `Unsayable`. */
export function printEqlCondition(predicate: Predicate): string {
  return print(withGuards(withExpressions(predicate, isInexact)), DIALECT)
}

const DIALECT: Dialect = {
  name: 'EQL',
  and: ' and ',
  or: ' or ',
  precedence: ['not', 'and', 'or'],
  isExplicit: true,
  leaf,
  not: (inner) => `not ${inner}`,
  negatedLeaf: (node) =>
    node.kind === 'test' && node.test.kind === 'null'
      ? `?${eqlField(node.field)} != null`
      : undefined,
  list: inList,
  constant: String,
}

const OPERATORS = { lt: '<', lte: '<=', gt: '>', gte: '>=' } as const

function leaf(node: Leaf): string {
  // A text alone is no condition to Elasticsearch, and no function looks through all fields.
  if (node.kind === 'keyword') throw new Unsayable('a search through all fields')
  const { test } = node
  const field = eqlField(node.field)
  switch (test.kind) {
    case 'text':
      return text(field, test.pattern, test.isCased)
    case 'number':
    case 'boolean':
      return `${field}:${test.value}`
    case 'null':
      return `(?${field} == null)`
    case 'exists':
      return `?${field} != null`
    case 'regex': {
      const operator = test.flags.includes('i') ? 'regex~' : 'regex'
      const flags = test.flags.filter((flag) => flag !== 'i')
      return `${field} ${operator} ${quote(wholeValue(test.pattern, flags))}`
    }
    case 'cidr':
      return `cidrMatch(${field}, ${quote(test.network)})`
    case 'compare':
      return `${field} ${OPERATORS[test.op]} ${test.value}`
    case 'time':
      throw new Unsayable('a part of a date')
    case 'fieldref':
      return compared(field, eqlField(test.other), test.how)
    case 'verbatim':
      return test.template.replaceAll('{field}', field).replaceAll('{id}', test.id)
  }
}

function text(field: string, pattern: TextPattern, isCased: boolean): string {
  if (pattern.length === 0) return `${field}==""`
  // A column of addresses takes no `:`; where there are no letters the two are the same.
  if (isAddress(pattern)) return `${field}==${eqlText(pattern)}`
  if (!isCased) return `${field}:${eqlText(pattern)}`
  return hasWildcard(pattern)
    ? `${field} like ${eqlText(pattern)}`
    : `${field}==${eqlText(pattern)}`
}

function isAddress(pattern: TextPattern): boolean {
  if (pattern.length !== 1 || typeof pattern[0] !== 'string') return false
  return !/[a-z/]/i.test(pattern[0]) && parseNetwork(pattern[0]) !== undefined
}

/** Over a missing field a function is neither true nor false, and so is its negation: asked first. */
function compared(field: string, other: string, how: string): string {
  return `(?${field} != null and ?${other} != null and ${fieldref(field, other, how)})`
}

function fieldref(field: string, other: string, how: string): string {
  switch (how) {
    case 'startswith':
      return `startsWith~(${field}, ${other})`
    case 'endswith':
      return `endsWith~(${field}, ${other})`
    case 'contains':
      return `stringContains~(${field}, ${other})`
    default:
      return `startsWith~(${field}, ${other}) and endsWith~(${other}, ${field})`
  }
}

function inList(tests: readonly FieldTest[]): string | undefined {
  const values = tests.map(({ test }) => {
    if (test.kind === 'number') return String(test.value)
    return test.kind === 'text' && !test.isCased ? eqlText(test.pattern) : undefined
  })
  if (values.some((value) => value === undefined)) return undefined
  return `${eqlField(tests[0]!.field)} like~ (${values.join(', ')})`
}

function isInexact(pattern: TextPattern): boolean {
  return pattern.some((part) => typeof part === 'string' && /[*?]/.test(part))
}

/** EQL has no escape for a star or a question mark in a pattern: a star matches more, not less. */
function eqlText(pattern: TextPattern): string {
  return quote(write(pattern, (plain) => plain))
}

export function eqlField(field: string): string {
  return /^[\w.@-]+$/.test(field) ? field : `\`${field.replaceAll('`', '``')}\``
}
