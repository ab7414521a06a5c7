// The query DSL of a Lucene or a Kibana query. Kibana's language is known to Kibana alone, which writes the
// DSL in the browser; this does the same. Source: elastic.co/docs, "Kibana Query Language", read 2026-11.

import type { TargetQuery } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import { hasErrors } from '#kernel/problem.ts'
import type { Json } from '#kernel/json.ts'
import { parseKuery } from '#languages/kuery/parse.ts'
import {
  isAny,
  isWildcard,
  plainText,
  type KueryNode,
  type KueryTest,
  type KueryText,
  type KueryValues,
} from '#languages/kuery/tree.ts'

/** Throws `invalid` for a Kibana query that cannot be read. */
export function queryDsl({ language, text }: TargetQuery): Json {
  if (language === 'lucene') return { query_string: { query: text, analyze_wildcard: true } }
  const { value, problems } = parseKuery(text)
  if (hasErrors(problems)) {
    throw new AppError('invalid', 'This query cannot be read.', { details: { problems } })
  }
  return value === undefined ? { match_all: {} } : ofNode(value)
}

function ofNode(node: KueryNode): Json {
  switch (node.kind) {
    case 'or':
      return anyOf(node.items.map(ofNode))
    case 'and':
      return { bool: { filter: node.items.map(ofNode) } }
    case 'not':
      return { bool: { must_not: [ofNode(node.item)] } }
    case 'nested':
      return {
        nested: { path: plainText(node.field), query: ofNode(node.item), score_mode: 'none' },
      }
    case 'free':
      return ofValues(node.values, anywhere)
    case 'test':
      return node.operator === ':'
        ? ofValues(node.values, (value) => matches(node.field, value))
        : ofRange(node)
  }
}

function anyOf(should: readonly Json[]): Json {
  return { bool: { should, minimum_should_match: 1 } }
}

function ofValues(values: KueryValues, of: (value: KueryText) => Json): Json {
  switch (values.kind) {
    case 'text':
      return of(values)
    case 'any':
      return anyOf(values.items.map((item) => ofValues(item, of)))
    case 'all':
      return { bool: { filter: values.items.map((item) => ofValues(item, of)) } }
    case 'none':
      return { bool: { must_not: [ofValues(values.item, of)] } }
  }
}

function matches(field: KueryText, value: KueryText): Json {
  const name = plainText(field)
  if (!value.isQuoted && isAny(value)) return { exists: { field: name } }
  if (isWildcard(field)) {
    if (isWildcard(value) && !value.isQuoted) return queryString(value, [name])
    const type = value.isQuoted ? 'phrase' : 'best_fields'
    return { multi_match: { type, query: plainText(value), fields: [name], lenient: true } }
  }
  if (value.isQuoted) return { match_phrase: { [name]: plainText(value) } }
  return isWildcard(value) ? queryString(value, [name]) : { match: { [name]: plainText(value) } }
}

function anywhere(value: KueryText): Json {
  if (!value.isQuoted && isWildcard(value)) return queryString(value)
  const type = value.isQuoted ? 'phrase' : 'best_fields'
  return { multi_match: { type, query: plainText(value), lenient: true } }
}

/** Only the wildcards between the parts are ones. */
function queryString(value: KueryText, fields?: readonly string[]): Json {
  const query = value.parts
    .map((part) =>
      part.replaceAll(/[+\-=&|!(){}[\]^"~*?:\\/\s]/g, String.raw`\$&`).replaceAll(/[<>]/g, '?'),
    )
    .join('*')
  return { query_string: { query, analyze_wildcard: true, ...(fields && { fields }) } }
}

const BOUNDS = { '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte', ':': 'gte' } as const

function ofRange({ field, operator, values }: KueryTest): Json {
  return ofValues(values, (value) => ({
    range: { [plainText(field)]: { [BOUNDS[operator]]: plainText(value) } },
  }))
}
