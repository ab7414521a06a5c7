// Types and values of ES|QL. Every column has one type; a field that no mapping describes has the type
// its values look like. Dates are unix milliseconds while they are computed with.
// Source: elastic.co/docs, ES|QL reference, "Data types", "Multivalued fields", read 2026-11.

import { compareText, Refusal, type Value } from '#languages/evaluation.ts'
import type { ElasticType } from '#languages/elastic-documents.ts'
import type { Range } from '#languages/query.ts'

/** `unknown` is a field without a mapping; `span` an interval such as `5 minutes`. */
export type EsqlType = ElasticType | 'null' | 'span' | 'unknown'

/** One value or none, for what takes no multivalues. */
export type Scalar = null | boolean | number | string

export function isScalar(value: Value): value is Scalar {
  return value === null || typeof value !== 'object'
}

/** `unknown` where the types do not say it. */
export function commonType(types: readonly EsqlType[]): EsqlType {
  const known = [...new Set(types)].filter((type) => type !== 'null')
  if (known.length === 0) return 'null'
  if (known.length === 1) return known[0]!
  const isNumeric = known.every((type) => type === 'long' || type === 'double')
  return isNumeric ? 'double' : 'unknown'
}

/** Null where one side is. Throws `Refusal` where the engine would not compare the two. */
export function orderOf(a: Scalar, b: Scalar, range?: Range): number | null {
  if (a === null || b === null) return null
  if (typeof a !== typeof b) {
    throw new Refusal(
      'type-mismatch',
      `A ${typeof a} cannot be compared with a ${typeof b}.`,
      range,
    )
  }
  if (typeof a === 'string') return compareText(a, b as string)
  return a === b ? 0 : a < b ? -1 : 1
}

export function textFrom(value: Value | undefined, what: string): string {
  if (typeof value === 'string') return value
  throw new Refusal('type-mismatch', `${what} needs a text here, not ${nameOf(value)}.`)
}

export function numberFrom(value: Value | undefined, what: string): number {
  if (typeof value === 'number') return value
  throw new Refusal('type-mismatch', `${what} needs a number here, not ${nameOf(value)}.`)
}

function nameOf(value: Value | undefined): string {
  return value === null || value === undefined ? 'nothing' : `a ${typeof value}`
}

/** How a value is written where it becomes text. */
export function writeValue(value: Scalar, type: EsqlType): string | null {
  if (value === null) return null
  if (type === 'date' && typeof value === 'number') return new Date(value).toISOString()
  if (type === 'double' && typeof value === 'number' && Number.isInteger(value)) {
    return Math.abs(value) < 1e7 ? `${value}.0` : writeLarge(value)
  }
  return String(value)
}

/** Java writes doubles from ten million on with an exponent: `1.0E7`. */
function writeLarge(value: number): string {
  const [digits = '', exponent = '0'] = value.toExponential().split('e+')
  return `${digits.includes('.') ? digits : `${digits}.0`}E${exponent}`
}
