// Dates of ES|QL: parts, truncation, differences, formats. All in UTC.
// Source: elastic.co/docs, ES|QL "Date-time functions"; the names of parts are Java's ChronoField,
// the letters of formats those of its DateTimeFormatter, of which the common ones are known here.

import { Refusal, unsupported } from '#languages/evaluation.ts'

/** A calendar span counts months, any other milliseconds. */
export interface Span {
  readonly months: number
  readonly milliseconds: number
}

const DAY_MS = 86_400_000
const SPAN_MS: Readonly<Record<string, number>> = {
  millisecond: 1,
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: DAY_MS,
  week: 7 * DAY_MS,
}
const SPAN_MONTHS: Readonly<Record<string, number>> = { month: 1, quarter: 3, year: 12 }

export function spanOf(amount: number, unit: string): Span {
  const months = SPAN_MONTHS[unit]
  if (months !== undefined) return { months: amount * months, milliseconds: 0 }
  return { months: 0, milliseconds: amount * SPAN_MS[unit]! }
}

export function addSpan(at: number, { months, milliseconds }: Span, sign: 1 | -1): number {
  return addMonths(at, sign * months) + sign * milliseconds
}

/** The day stays where the month has it, else it is the month's last. */
function addMonths(at: number, months: number): number {
  if (months === 0) return at
  const date = new Date(at)
  const day = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() + months)
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  date.setUTCDate(Math.min(day, last))
  return date.getTime()
}

/** The beginning of the span that `at` lies in; weeks begin on Monday. */
export function truncate(at: number, { months, milliseconds }: Span): number {
  if (months > 0) {
    const date = new Date(at)
    const month = date.getUTCFullYear() * 12 + date.getUTCMonth()
    const first = Math.floor(month / months) * months
    return Date.UTC(Math.floor(first / 12), first % 12, 1)
  }
  if (milliseconds <= 0) throw new Refusal('bad-span', 'A span must be longer than nothing.')
  const week = 7 * DAY_MS
  // Unix time begins on a Thursday.
  const origin = milliseconds % week === 0 ? 4 * DAY_MS : 0
  return Math.floor((at - origin) / milliseconds) * milliseconds + origin
}

export function partOf(at: number, part: string): number {
  const date = new Date(at)
  switch (part.toLowerCase()) {
    case 'year':
      return date.getUTCFullYear()
    case 'month_of_year':
      return date.getUTCMonth() + 1
    case 'day_of_month':
      return date.getUTCDate()
    case 'day_of_week':
      return date.getUTCDay() || 7
    case 'day_of_year':
      return dayOfYear(at)
    case 'aligned_week_of_year':
      return Math.floor((dayOfYear(at) - 1) / 7) + 1
    case 'hour_of_day':
      return date.getUTCHours()
    case 'minute_of_hour':
      return date.getUTCMinutes()
    case 'minute_of_day':
      return date.getUTCHours() * 60 + date.getUTCMinutes()
    case 'second_of_minute':
      return date.getUTCSeconds()
    case 'second_of_day':
      return Math.floor((at - truncate(at, spanOf(1, 'day'))) / 1_000)
    case 'milli_of_second':
      return date.getUTCMilliseconds()
    case 'epoch_day':
      return Math.floor(at / DAY_MS)
    case 'instant_seconds':
      return Math.floor(at / 1_000)
    default:
      throw unsupported(`The part “${part}” of a date`)
  }
}

function dayOfYear(at: number): number {
  return Math.floor((at - Date.UTC(new Date(at).getUTCFullYear(), 0, 1)) / DAY_MS) + 1
}

const UNITS: Readonly<Record<string, string>> = {
  milliseconds: 'millisecond',
  ms: 'millisecond',
  seconds: 'second',
  ss: 'second',
  s: 'second',
  minutes: 'minute',
  mi: 'minute',
  n: 'minute',
  hours: 'hour',
  hh: 'hour',
  days: 'day',
  dd: 'day',
  d: 'day',
  weeks: 'week',
  wk: 'week',
  ww: 'week',
  months: 'month',
  mm: 'month',
  m: 'month',
  quarters: 'quarter',
  qq: 'quarter',
  q: 'quarter',
  years: 'year',
  yyyy: 'year',
  yy: 'year',
}

/** Whole units from `from` to `to`, negative when `to` is earlier. */
export function difference(unit: string, from: number, to: number): number {
  const lower = unit.toLowerCase()
  const name = UNITS[lower] ?? lower
  const milliseconds = SPAN_MS[name]
  if (milliseconds !== undefined) return Math.trunc((to - from) / milliseconds)
  const months = SPAN_MONTHS[name]
  if (months === undefined) throw unsupported(`The unit “${unit}” of a difference`)
  const sign = to < from ? -1 : 1
  const [first, last] = sign < 0 ? [to, from] : [from, to]
  let count = monthOf(last) - monthOf(first)
  if (addMonths(first, count) > last) count--
  return sign * Math.floor(count / months) || 0
}

function monthOf(at: number): number {
  const date = new Date(at)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = [
  'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October',
  'November', 'December',
] // prettier-ignore

export function dayName(at: number): string {
  return DAYS[new Date(at).getUTCDay()]!
}

export function monthName(at: number): string {
  return MONTHS[new Date(at).getUTCMonth()]!
}

const LETTERS = /'((?:[^']|'')*)'|([A-Za-z])\2*/g

export function formatDate(at: number, pattern: string): string {
  return pattern.replaceAll(LETTERS, (all: string, quoted: string | undefined) => {
    if (quoted !== undefined) return quoted === '' ? "'" : quoted.replaceAll("''", "'")
    return writePart(at, all)
  })
}

function writePart(at: number, letters: string): string {
  const write = WRITERS[letters]
  if (write === undefined) throw unsupported(`“${letters}” in the format of a date`)
  return write(new Date(at))
}

const two = (value: number) => String(value).padStart(2, '0')
const year = (date: Date) => String(date.getUTCFullYear()).padStart(4, '0')
const milli = (date: Date) => String(date.getUTCMilliseconds()).padStart(3, '0')
const WRITERS: Readonly<Record<string, (date: Date) => string>> = {
  yyyy: year,
  uuuu: year,
  yy: (date) => two(date.getUTCFullYear() % 100),
  M: (date) => String(date.getUTCMonth() + 1),
  MM: (date) => two(date.getUTCMonth() + 1),
  MMM: (date) => monthName(date.getTime()).slice(0, 3),
  MMMM: (date) => monthName(date.getTime()),
  d: (date) => String(date.getUTCDate()),
  dd: (date) => two(date.getUTCDate()),
  E: (date) => dayName(date.getTime()).slice(0, 3),
  EEE: (date) => dayName(date.getTime()).slice(0, 3),
  EEEE: (date) => dayName(date.getTime()),
  H: (date) => String(date.getUTCHours()),
  HH: (date) => two(date.getUTCHours()),
  h: (date) => String(date.getUTCHours() % 12 || 12),
  hh: (date) => two(date.getUTCHours() % 12 || 12),
  a: (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  mm: (date) => two(date.getUTCMinutes()),
  ss: (date) => two(date.getUTCSeconds()),
  S: (date) => milli(date).slice(0, 1),
  SSS: milli,
  X: () => 'Z',
  XXX: () => 'Z',
}

const READERS: Readonly<Record<string, string>> = {
  yyyy: String.raw`(?<year>\d{4})`,
  uuuu: String.raw`(?<year>\d{4})`,
  MM: String.raw`(?<month>\d\d)`,
  M: String.raw`(?<month>\d\d?)`,
  dd: String.raw`(?<day>\d\d)`,
  d: String.raw`(?<day>\d\d?)`,
  HH: String.raw`(?<hour>\d\d)`,
  H: String.raw`(?<hour>\d\d?)`,
  mm: String.raw`(?<minute>\d\d)`,
  ss: String.raw`(?<second>\d\d)`,
  SSS: String.raw`(?<milli>\d{3})`,
  X: '(?:Z)',
  XXX: '(?:Z)',
}

/** Null when the text does not follow the pattern. */
export function parseDate(text: string, pattern: string): number | null {
  const places = pattern.split(/('(?:[^']|'')*'|([A-Za-z])\2*)/g).filter((_, at) => at % 3 !== 2)
  const source = places
    .map((piece, at) => (at % 2 === 0 ? literal(piece) : readerOf(piece)))
    .join('')
  const found = new RegExp(`^${source}$`).exec(text)?.groups
  if (found === undefined) return null
  const number = (name: string, missing: number) => Number(found[name] ?? missing)
  const [month, day] = [number('month', 1), number('day', 1)]
  const at = Date.UTC(
    number('year', 1970),
    month - 1,
    day,
    number('hour', 0),
    number('minute', 0),
    number('second', 0),
  )
  const isReal = new Date(at).getUTCMonth() === month - 1 && new Date(at).getUTCDate() === day
  return isReal ? at + number('milli', 0) : null
}

function readerOf(piece: string): string {
  if (piece.startsWith("'")) return literal(piece.slice(1, -1).replaceAll("''", "'") || "'")
  const reader = READERS[piece]
  if (reader === undefined) throw unsupported(`“${piece}” in the format of a date`)
  return reader
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.|?*+()[\]{}]/g, String.raw`\$&`)
}
