// How Elasticsearch's languages see a JSON document: fields by dotted path, each read as its mapping
// says. A field without a mapping keeps the type it has in JSON, and `@timestamp` is a date.
// Source: elastic.co/docs, Elasticsearch reference, "Field data types", `coerce`, `ignore_malformed`.

import {
  flatten,
  listOf,
  valuesOf,
  type EventRecord,
  type Fields,
  type Value,
} from './evaluation.ts'

export type ElasticType = 'keyword' | 'long' | 'double' | 'boolean' | 'date' | 'ip'
export type ElasticMapping = ReadonlyMap<string, ElasticType>

/** Dates are unix milliseconds; what a mapping cannot read is missing, as with `ignore_malformed`. */
export function readDocument(event: EventRecord, mapping: ElasticMapping): Fields {
  const fields = flatten(event)
  for (const [name, type] of mapping) {
    const value = fields.get(name)
    if (value === undefined || value === null) continue
    fields.set(name, listOf(valuesOf(value).flatMap((one) => readAs(one, type) ?? [])))
  }
  return fields
}

function readAs(value: Value, type: ElasticType): Value {
  switch (type) {
    case 'keyword':
    case 'ip':
      return String(value)
    case 'long':
    case 'double':
      return readNumber(value, type)
    case 'boolean':
      return (
        value === true || value === 'true' || (value === false || value === 'false' ? false : null)
      )
    case 'date':
      return typeof value === 'number' ? value : readDate(String(value))
  }
}

function readNumber(value: Value, type: 'long' | 'double'): number | null {
  const isNumeric =
    typeof value === 'string' && /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(value)
  const number = isNumeric ? Number(value) : typeof value === 'number' ? value : null
  return number === null || type === 'double' ? number : Math.trunc(number)
}

const DATE =
  /^\d{4}(?:-\d\d(?:-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?)?)?$/

/** `strict_date_optional_time`, and with a space as most logs write it; no zone is UTC. */
export function readDate(text: string): number | null {
  if (!DATE.test(text)) return null
  const iso = text
    .replace(' ', 'T')
    .replace(',', '.')
    .replace(/(\.\d{3})\d+/, '$1')
  const hasTime = iso.includes('T')
  const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/.test(iso.slice(10))
  const milliseconds = Date.parse(hasTime && !hasZone ? `${iso}Z` : iso)
  return Number.isNaN(milliseconds) ? null : milliseconds
}
