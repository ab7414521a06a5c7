// ES|QL's conversions between types; each takes several values, and what cannot be read is null.
// Source: elastic.co/docs, ES|QL "Type conversion functions" 9.x, read 2026-11.

import { parseAddress } from '#languages/cidr.ts'
import { listOf, unsupported, valuesOf, type Value } from '#languages/evaluation.ts'
import { readDate } from '#languages/elastic-documents.ts'
import type { EsqlScalar, GivenTypes } from './scalars.ts'
import { writeValue, type EsqlType, type Scalar } from './values.ts'

type Convert = (value: Exclude<Scalar, null>, from: EsqlType) => Scalar

function conversion(
  names: string,
  type: EsqlType,
  convert: Convert,
): readonly (readonly [string, EsqlScalar])[] {
  const apply = ([value, ...more]: readonly Value[], { types: [from = 'unknown'] }: GivenTypes) => {
    if (more.length > 0) throw unsupported('A conversion with options')
    const values = valuesOf(value) as readonly Exclude<Scalar, null>[]
    return listOf(values.map((one) => convert(one, from)).filter((one) => one !== null))
  }
  return names.split(' ').map((name) => [name, { type, takesMany: true, apply }] as const)
}

export const TYPE_SCALARS: readonly (readonly [string, EsqlScalar])[] = [
  ...conversion('to_boolean to_bool', 'boolean', (value) => {
    if (typeof value === 'boolean') return value
    return typeof value === 'number' ? value !== 0 : value.toLowerCase() === 'true'
  }),
  ...conversion('to_string to_str', 'keyword', (value, from) =>
    writeValue(value, typeOf(value, from)),
  ),
  ...conversion('to_double to_dbl', 'double', toNumber),
  ...conversion('to_long', 'long', (value) => toWhole(value, 2 ** 63)),
  ...conversion('to_integer to_int', 'long', (value) => toWhole(value, 2 ** 31)),
  ...conversion('to_datetime to_dt', 'date', (value) => {
    if (typeof value === 'boolean') return null
    return typeof value === 'number' ? value : readDate(value)
  }),
  ...conversion('to_ip', 'ip', (value) =>
    typeof value === 'string' && parseAddress(value) !== undefined ? value : null,
  ),
  ...conversion('to_version to_ver', 'keyword', (value) => {
    throw unsupported(`A version such as ${String(value)}`)
  }),
]

function typeOf(value: Scalar, from: EsqlType): EsqlType {
  if (from !== 'unknown' || typeof value !== 'number') return from
  return Number.isInteger(value) ? 'long' : 'double'
}

function toNumber(value: Exclude<Scalar, null>): number | null {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  return /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?\s*$/i.test(value) ? Number(value) : null
}

/** Rounded half up, as Java rounds; beyond the type there is no value. */
function toWhole(value: Exclude<Scalar, null>, limit: number): number | null {
  const number = toNumber(value)
  if (number === null) return null
  const whole = Math.round(number)
  return whole >= -limit && whole < limit ? whole : null
}
