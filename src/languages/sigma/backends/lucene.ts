// Lucene query strings, as Elasticsearch, Kibana and OpenSearch read them.

import type { FieldTest, Leaf, Predicate, TextPattern } from '#languages/predicate.ts'
import { wholeValue } from './regex-dialect.ts'
import { write } from './text.ts'
import { attempt, print, Unsayable, type Dialect, type Printed } from './walk.ts'

export function printLucene(predicate: Predicate): Printed {
  return attempt('Lucene', () => print(predicate, DIALECT))
}

const DIALECT: Dialect = {
  name: 'Lucene',
  and: ' AND ',
  or: ' OR ',
  precedence: ['not', 'and', 'or'],
  isExplicit: true,
  leaf,
  not: (inner) => `NOT ${inner}`,
  negatedLeaf: (node) =>
    node.kind === 'test' && node.test.kind === 'null'
      ? `_exists_:${luceneField(node.field)}`
      : undefined,
  list: inList,
  constant: (value) => (value ? '*:*' : '(NOT *:*)'),
}

const OPERATORS = { lt: '<', lte: '<=', gt: '>', gte: '>=' } as const

function leaf(node: Leaf): string {
  if (node.kind === 'keyword') return keyword(node)
  const { test } = node
  const field = luceneField(node.field)
  switch (test.kind) {
    case 'text':
      if (test.isCased) throw new Unsayable('text that regards case: the mapping decides that')
      return `${field}:${text(test.pattern)}`
    case 'number':
    case 'boolean':
      return `${field}:${test.value}`
    case 'null':
      return `(NOT _exists_:${field})`
    case 'exists':
      return `_exists_:${field}`
    case 'regex':
      return `${field}:/${wholeValue(test.pattern, test.flags).replaceAll(/(?<!\\)((?:\\\\)*)\//g, '$1\\/')}/`
    case 'cidr':
      return `${field}:${escapeLucene(test.network)}`
    case 'compare':
      return `${field}:${OPERATORS[test.op]}${test.value}`
    case 'time':
      throw new Unsayable('a part of a date')
    case 'fieldref':
      throw new Unsayable('a comparison of two fields')
    case 'verbatim':
      return test.template.replaceAll('{field}', field).replaceAll('{id}', test.id)
  }
}

function text(pattern: TextPattern): string {
  return pattern.length === 0 ? '""' : write(pattern, escapeLucene)
}

function keyword(node: Leaf): string {
  const { test } = node
  if (test.kind === 'number' || test.kind === 'boolean') return String(test.value)
  if (test.kind !== 'text' || test.isCased) throw new Unsayable('a keyword that is no plain text')
  const body = write(test.pattern, escapeLucene)
  return `${body.startsWith('*') ? '' : '*'}${body}${/(?<!\\)\*$/.test(body) ? '' : '*'}`
}

function inList(tests: readonly FieldTest[]): string | undefined {
  const values = tests.map(({ test }) => {
    if (test.kind === 'number') return String(test.value)
    return test.kind === 'text' && !test.isCased ? text(test.pattern) : undefined
  })
  if (values.some((value) => value === undefined)) return undefined
  return `${luceneField(tests[0]!.field)}:(${values.join(' OR ')})`
}

function escapeLucene(value: string): string {
  return value
    .replaceAll(/[+\-=&|!(){}[\]<>^"~*?:\\/ ]/g, '\\$&')
    .replaceAll(/[\n\r\t\u3000]/g, (space) => `\\${space}`)
}

/** A star in a name stands for any, and is escaped all the same: bare it would be read as a value. */
function luceneField(field: string): string {
  return field.replaceAll(/[ :\\()"*?]/g, '\\$&')
}
