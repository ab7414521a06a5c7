// ES|QL's functions of multivalues. Source: elastic.co/docs, ES|QL "Multivalue functions" 9.x, read
// 2026-11.

import { listOf, Refusal, valuesOf, type Value } from '#languages/evaluation.ts'
import type { EsqlScalar } from './scalars.ts'
import { commonType, numberFrom, orderOf, textFrom, type EsqlType, type Scalar } from './values.ts'

const first = (types: readonly EsqlType[]): EsqlType => types[0] ?? 'null'

function many(
  name: string,
  type: EsqlScalar['type'],
  compute: (values: readonly Scalar[], ...more: readonly Value[]) => Value,
): readonly [string, EsqlScalar] {
  const apply = ([value, ...more]: readonly Value[]) =>
    compute(valuesOf(value) as readonly Scalar[], ...more)
  return [name, { type, takesMany: true, apply }]
}

const numbers = (values: readonly Scalar[], name: string) =>
  values.map((one) => numberFrom(one, name))
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const ascending = (a: Scalar, b: Scalar) => orderOf(a, b) ?? 0

export const MULTIVALUE_SCALARS: readonly (readonly [string, EsqlScalar])[] = [
  many('mv_append', commonType, (values, other = null) => listOf([...values, ...valuesOf(other)])),
  many('mv_avg', 'double', (values) => sum(numbers(values, 'MV_AVG')) / values.length),
  many('mv_concat', 'keyword', (values, delimiter) =>
    values.map((one) => textFrom(one, 'MV_CONCAT')).join(textFrom(delimiter, 'MV_CONCAT')),
  ),
  // Nothing is contained in everything, also in nothing.
  [
    'mv_contains',
    {
      type: 'boolean',
      takesMany: true,
      takesNull: true,
      apply: ([value, part]) => {
        const whole = new Set(valuesOf(value))
        return valuesOf(part).every((one) => whole.has(one))
      },
    },
  ],
  many('mv_count', 'long', (values) => values.length),
  many('mv_dedupe', first, (values) => listOf([...new Set(values)])),
  many('mv_first', first, (values) => values[0] ?? null),
  many('mv_last', first, (values) => values.at(-1) ?? null),
  many('mv_max', first, (values) => values.toSorted(ascending).at(-1) ?? null),
  many('mv_min', first, (values) => values.toSorted(ascending)[0] ?? null),
  many('mv_median', 'double', (values) => median(numbers(values, 'MV_MEDIAN'))),
  many('mv_slice', first, slice),
  many('mv_sort', first, (values, order = 'ASC') => {
    const sorted = values.toSorted(ascending)
    return listOf(String(order).toUpperCase() === 'DESC' ? sorted.toReversed() : sorted)
  }),
  many('mv_sum', first, (values) => sum(numbers(values, 'MV_SUM'))),
  many('mv_zip', 'keyword', zip),
]

export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)]!
  return (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** From `start` to `end`, both counted from 0 and included; negative ones from the end. */
function slice(values: readonly Scalar[], start: Value = null, end: Value = start): Value {
  const [from, to] = [numberFrom(start, 'MV_SLICE'), numberFrom(end, 'MV_SLICE')]
  const [begin, last] = [from < 0 ? values.length + from : from, to < 0 ? values.length + to : to]
  if (begin > last && from >= 0 === to >= 0) {
    throw new Refusal('wrong-arguments', 'MV_SLICE needs a start that is not behind its end.')
  }
  return listOf(values.slice(Math.max(0, begin), last + 1))
}

/** The rest of the longer one stands alone. */
function zip(values: readonly Scalar[], other: Value = null, delimiter: Value = ','): Value {
  const others = valuesOf(other)
  const separator = textFrom(delimiter, 'MV_ZIP')
  const length = Math.max(values.length, others.length)
  const pairs = Array.from({ length }, (_, at) => {
    const [a, b] = [values[at], others[at]]
    if (a === undefined || b === undefined) return a ?? b ?? null
    return `${textFrom(a, 'MV_ZIP')}${separator}${textFrom(b, 'MV_ZIP')}`
  })
  return listOf(pairs)
}
