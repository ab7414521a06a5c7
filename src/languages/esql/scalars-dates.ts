// ES|QL's functions of dates. Source: elastic.co/docs, ES|QL "Date-time functions" 9.x, read 2026-11.

import { Refusal, unsupported, type Value } from '#languages/evaluation.ts'
import { readDate } from '#languages/elastic-documents.ts'
import { dayName, difference, formatDate, monthName, parseDate, partOf, truncate } from './dates.ts'
import type { EsqlScalar, GivenTypes } from './scalars.ts'
import { numberFrom, textFrom, type EsqlType } from './values.ts'

/** A date, or a text that is one. */
function dateFrom(value: Value | undefined, type: EsqlType | undefined, name: string): number {
  if (type === 'date') return numberFrom(value, name)
  const at = typeof value === 'string' ? readDate(value) : null
  if (at === null) throw new Refusal('type-mismatch', `${name} needs a date.`)
  return at
}

export const DATE_SCALARS: readonly (readonly [string, EsqlScalar])[] = [
  [
    'date_extract',
    {
      type: 'long',
      apply: ([part, date], { types }) =>
        partOf(dateFrom(date, types[1], 'DATE_EXTRACT'), textFrom(part, 'DATE_EXTRACT')),
    },
  ],
  ['date_trunc', { type: 'date', apply: dateTrunc }],
  ['bucket', { type: (types) => (types[0] === 'date' ? 'date' : 'double'), apply: bucket }],
  [
    'date_diff',
    {
      type: 'long',
      apply: ([unit, from, to], { types }) =>
        difference(
          textFrom(unit, 'DATE_DIFF'),
          dateFrom(from, types[1], 'DATE_DIFF'),
          dateFrom(to, types[2], 'DATE_DIFF'),
        ),
    },
  ],
  ['date_format', { type: 'keyword', apply: dateFormat }],
  ['date_parse', { type: 'date', apply: dateParse }],
  [
    'day_name',
    {
      type: 'keyword',
      apply: ([date], { types }) => dayName(dateFrom(date, types[0], 'DAY_NAME')),
    },
  ],
  [
    'month_name',
    {
      type: 'keyword',
      apply: ([date], { types }) => monthName(dateFrom(date, types[0], 'MONTH_NAME')),
    },
  ],
]

function dateTrunc([, date]: readonly Value[], { types, spans: [span] }: GivenTypes): Value {
  if (span === undefined)
    throw new Refusal('type-mismatch', 'DATE_TRUNC needs a span such as 1 hour.')
  return truncate(dateFrom(date, types[1], 'DATE_TRUNC'), span)
}

/** Only with the size of a bucket: a number of buckets depends on rounding that is not documented. */
function bucket(given: readonly Value[], { types, spans: [, span] }: GivenTypes): Value {
  if (given.length > 2) throw unsupported('BUCKET with a number of buckets')
  if (span !== undefined) return truncate(dateFrom(given[0], types[0], 'BUCKET'), span)
  const size = numberFrom(given[1], 'BUCKET')
  return Math.floor(numberFrom(given[0], 'BUCKET') / size) * size
}

function dateFormat([a, b]: readonly Value[], { types }: GivenTypes): Value {
  const isPlain = b === undefined
  const at = dateFrom(isPlain ? a : b, types[isPlain ? 0 : 1], 'DATE_FORMAT')
  return isPlain ? new Date(at).toISOString() : formatDate(at, textFrom(a, 'DATE_FORMAT'))
}

function dateParse([a, b]: readonly Value[]): Value {
  if (b === undefined) return readDate(textFrom(a, 'DATE_PARSE'))
  return parseDate(textFrom(b, 'DATE_PARSE'), textFrom(a, 'DATE_PARSE'))
}
