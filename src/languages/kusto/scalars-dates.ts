// Kusto's functions of dates, all in UTC. Source: learn.microsoft.com, Kusto "Datetime functions", read
// 2026-11.

import { unsupported } from '#languages/evaluation.ts'
import type { KustoScalar } from './scalars.ts'
import type { KustoType, KustoValue } from './values.ts'

type Entry = readonly [string, KustoScalar]

const DAY_MS = 86_400_000

function date(name: string, type: KustoType, apply: (at: Date, more: KustoValue) => number): Entry {
  return [
    name,
    {
      type,
      apply: ([at, more = null]) => (typeof at === 'number' ? apply(new Date(at), more) : null),
    },
  ]
}

const year = (at: Date, offset = 0) => Date.UTC(at.getUTCFullYear() + offset, 0, 1)
const month = (at: Date, offset = 0) => Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + offset, 1)
const day = (at: Date, offset = 0) => (Math.floor(at.getTime() / DAY_MS) + offset) * DAY_MS
/** Weeks begin on Sunday. */
const week = (at: Date, offset = 0) => day(at, offset * 7 - at.getUTCDay())
const by = (more: KustoValue) => (typeof more === 'number' ? more : 0)
/** The last tenth of a microsecond is finer than what is kept here. */
const before = (at: number) => at - 1
const dayOfYear = (at: Date) => Math.floor((at.getTime() - year(at)) / DAY_MS) + 1

/** ISO 8601: the week of the year's first Thursday is the first. */
function weekOfYear(at: Date): number {
  const thursday = new Date(at.getTime() + (4 - (at.getUTCDay() || 7)) * DAY_MS)
  return Math.floor((dayOfYear(thursday) - 1) / 7) + 1
}

const PARTS: Readonly<Record<string, (at: Date) => number>> = {
  year: (at) => at.getUTCFullYear(),
  quarter: (at) => Math.floor(at.getUTCMonth() / 3) + 1,
  month: (at) => at.getUTCMonth() + 1,
  week_of_year: weekOfYear,
  day: (at) => at.getUTCDate(),
  dayofyear: dayOfYear,
  hour: (at) => at.getUTCHours(),
  minute: (at) => at.getUTCMinutes(),
  second: (at) => at.getUTCSeconds(),
  millisecond: (at) => at.getUTCMilliseconds(),
}

const SIZES: Readonly<Record<string, number>> = {
  millisecond: 1,
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: DAY_MS,
  week: 7 * DAY_MS,
}

export const DATE_FUNCTIONS: readonly Entry[] = [
  date('startofyear', 'datetime', (at, more) => year(at, by(more))),
  date('startofmonth', 'datetime', (at, more) => month(at, by(more))),
  date('startofweek', 'datetime', (at, more) => week(at, by(more))),
  date('startofday', 'datetime', (at, more) => day(at, by(more))),
  date('endofyear', 'datetime', (at, more) => before(year(at, by(more) + 1))),
  date('endofmonth', 'datetime', (at, more) => before(month(at, by(more) + 1))),
  date('endofweek', 'datetime', (at, more) => before(week(at, by(more) + 1))),
  date('endofday', 'datetime', (at, more) => before(day(at, by(more) + 1))),
  date('dayofweek', 'timespan', (at) => at.getUTCDay() * DAY_MS),
  date('dayofmonth', 'long', (at) => at.getUTCDate()),
  date('dayofyear', 'long', dayOfYear),
  date('hourofday', 'long', (at) => at.getUTCHours()),
  date('monthofyear', 'long', (at) => at.getUTCMonth() + 1),
  date('getmonth', 'long', (at) => at.getUTCMonth() + 1),
  date('getyear', 'long', (at) => at.getUTCFullYear()),
  date('week_of_year', 'long', weekOfYear),
  ['datetime_part', { type: 'long', apply: ([part, at]) => partOf(part, at) }],
  ['datetime_diff', { type: 'long', apply: ([unit, a, b]) => difference(unit, a, b) }],
  ['datetime_add', { type: 'datetime', apply: ([unit, count, at]) => add(unit, count, at) }],
  [
    'unixtime_seconds_todatetime',
    { type: 'datetime', apply: ([at]) => (typeof at === 'number' ? at * 1_000 : null) },
  ],
  [
    'unixtime_milliseconds_todatetime',
    { type: 'datetime', apply: ([at]) => (typeof at === 'number' ? at : null) },
  ],
  ['format_datetime', { type: 'string', apply: ([at, format]) => formatDate(at, wordOf(format)) }],
]

function wordOf(value: KustoValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

function partOf(part: KustoValue | undefined, at: KustoValue | undefined): KustoValue {
  const read = PARTS[wordOf(part).toLowerCase()]
  if (read === undefined) throw unsupported(`The part “${wordOf(part)}” of a date`)
  return typeof at === 'number' ? read(new Date(at)) : null
}

/** Borders crossed between the two, the later first. */
function difference(
  unit: KustoValue | undefined,
  a: KustoValue | undefined,
  b: KustoValue | undefined,
): KustoValue {
  if (typeof a !== 'number' || typeof b !== 'number') return null
  const name = wordOf(unit).toLowerCase()
  const [x, y] = [new Date(a), new Date(b)]
  const months = (at: Date) => at.getUTCFullYear() * 12 + at.getUTCMonth()
  if (name === 'year') return x.getUTCFullYear() - y.getUTCFullYear()
  if (name === 'quarter') return Math.floor(months(x) / 3) - Math.floor(months(y) / 3)
  if (name === 'month') return months(x) - months(y)
  if (name === 'week') return (week(x) - week(y)) / (7 * DAY_MS)
  const size = SIZES[name]
  if (size === undefined) throw unsupported(`The unit “${name}” of a difference`)
  return Math.floor(a / size) - Math.floor(b / size)
}

function add(
  unit: KustoValue | undefined,
  count: KustoValue | undefined,
  at: KustoValue | undefined,
): KustoValue {
  if (typeof at !== 'number' || typeof count !== 'number') return null
  const name = wordOf(unit).toLowerCase()
  const months: Readonly<Record<string, number>> = { month: 1, quarter: 3, year: 12 }
  const size = SIZES[name]
  if (size !== undefined) return at + count * size
  const step = months[name]
  if (step === undefined) throw unsupported(`The unit “${name}” of a date`)
  const from = new Date(at)
  const first = month(from, count * step)
  const last = new Date(month(new Date(first), 1) - DAY_MS).getUTCDate()
  return first + (Math.min(from.getUTCDate(), last) - 1) * DAY_MS + (at - day(from))
}

/** The letters with which Kusto writes dates; others stand for themselves where they are signs. */
function formatDate(at: KustoValue | undefined, format: string): KustoValue {
  if (typeof at !== 'number') return ''
  const own = new Date(at)
  const padded = (value: number, length: number) => String(value).padStart(length, '0')
  return format.replaceAll(/([A-Za-z])\1*/g, (all) => {
    switch (all[0]) {
      case 'y':
        return all.length > 2
          ? padded(own.getUTCFullYear(), 4)
          : padded(own.getUTCFullYear() % 100, 2)
      case 'M':
        return padded(own.getUTCMonth() + 1, all.length)
      case 'd':
        return padded(own.getUTCDate(), all.length)
      case 'H':
        return padded(own.getUTCHours(), all.length)
      case 'h':
        return padded(own.getUTCHours() % 12 || 12, all.length)
      case 'm':
        return padded(own.getUTCMinutes(), all.length)
      case 's':
        return padded(own.getUTCSeconds(), all.length)
      case 'f':
        return padded(own.getUTCMilliseconds(), 3).padEnd(7, '0').slice(0, all.length)
      case 't':
        return own.getUTCHours() < 12 ? 'AM' : 'PM'
      default:
        throw unsupported(`“${all}” in the format of a date`)
    }
  })
}
