// Alerts of the detection engine: documents of their index, searched and counted by a field.

import type { Json } from '#kernel/json.ts'
import { compileQuery, fieldsOf, type Members } from '#standins/opensearch/query.ts'
import { matchingDocuments, search } from '#standins/opensearch/search.ts'
import type { Stack } from './stack.ts'

export function searchAlerts(stack: Stack, space: string, body: Members): Json {
  const index = `.alerts-security.alerts-${space}`
  const { aggs, ...rest } = body
  const found = search(stack, index, rest) as Members
  if (aggs === undefined) return found
  const check = compileQuery(rest['query'])
  const fields = matchingDocuments(stack, index)
    .map(({ source }) => fieldsOf(source))
    .filter((one) => check(one))
  const aggregations = Object.fromEntries(
    Object.entries(aggs as Record<string, { terms: { field: string; size?: number } }>).map(
      ([name, { terms }]) => {
        const groups = Map.groupBy(fields, (one) => String(one.get(terms.field)))
        const buckets = [...groups].map(([key, of]) => ({ key, doc_count: of.length }))
        buckets.sort((a, b) => b.doc_count - a.doc_count)
        const size = terms.size ?? 10
        const others = buckets.slice(size).reduce((sum, { doc_count: count }) => sum + count, 0)
        return [name, { sum_other_doc_count: others, buckets: buckets.slice(0, size) }]
      },
    ),
  )
  return { ...found, aggregations }
}
