// Time in SPL: seconds since 1970, here in UTC. Spans, snapping, and the letters of `strftime`.
// Source: Splunk Search Reference, "Date and time format variables", "Time modifiers", read 2026-11.

import { Refusal, unsupported } from '#languages/evaluation.ts'

export interface SplSpan {
  readonly count: number
  readonly unit: 's' | 'mon'
}

const SECONDS: readonly (readonly [names: string, seconds: number])[] = [
  ['s sec secs second seconds', 1],
  ['m min mins minute minutes', 60],
  ['h hr hrs hour hours', 3_600],
  ['d day days', 86_400],
  ['w week weeks', 604_800],
]
const MONTHS: readonly (readonly [names: string, months: number])[] = [
  ['mon month months', 1],
  ['q qtr qtrs quarter quarters', 3],
  ['y yr yrs year years', 12],
]

/** `5m`, `1h`, `2mon`; a bare number is seconds. Throws `Refusal`. */
export function readSpan(text: string): SplSpan {
  const match = /^(\d*)([a-z]*)$/i.exec(text)
  const count = Number(match?.[1] || 1)
  const unit = (match?.[2] || 's').toLowerCase()
  const within = (names: string) => names.split(' ').includes(unit)
  const seconds = SECONDS.find(([names]) => within(names))?.[1]
  if (match && seconds !== undefined) return { count: count * seconds, unit: 's' }
  const months = MONTHS.find(([names]) => within(names))?.[1]
  if (match && months !== undefined) return { count: count * months, unit: 'mon' }
  throw new Refusal('bad-span', `“${text}” is no span of time.`)
}

/** The beginning of the span that `at` lies in. Spans of weeks begin on Thursdays, as bins do. */
export function floorTo(at: number, { count, unit }: SplSpan): number {
  if (unit === 's') return Math.floor(at / count) * count
  const date = new Date(at * 1_000)
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth()
  const first = Math.floor(month / count) * count
  return Date.UTC(Math.floor(first / 12), first % 12, 1) / 1_000
}

export function addTo(at: number, { count, unit }: SplSpan, sign: 1 | -1): number {
  if (unit === 's') return at + sign * count
  const date = new Date(at * 1_000)
  const day = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() + sign * count)
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  date.setUTCDate(Math.min(day, last))
  return date.getTime() / 1_000
}

/** `-7d@d`, `@w1`, `+30m`, `now`, or seconds. Throws `Refusal`. */
export function relativeTime(now: number, modifier: string): number {
  if (modifier === 'now' || modifier === 'now()') return now
  if (/^\d+(?:\.\d+)?$/.test(modifier)) return Number(modifier)
  if (!/^(?:[-+]\w+|@\w+)+$/.test(modifier)) throw unsupported(`The time “${modifier}”`)
  let at = now
  for (const [, sign, what = ''] of modifier.matchAll(/([-+@])(\w+)/g)) {
    at = sign === '@' ? snap(at, what) : addTo(at, readSpan(what), sign === '+' ? 1 : -1)
  }
  return at
}

/** Weeks begin on Sunday, `@w1` on Monday. */
function snap(at: number, unit: string): number {
  const week = /^w(?:eek)?([0-7]?)$/.exec(unit)
  if (!week) return floorTo(at, readSpan(unit))
  const day = Math.floor(at / 86_400)
  // The first day of Unix time is a Thursday, day 4 of its week.
  const weekday = (day + 4) % 7
  const wanted = Number(week[1] || 0) % 7
  return (day - ((weekday - wanted + 7) % 7)) * 86_400
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTH_NAMES = [
  'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October',
  'November', 'December',
] // prettier-ignore
const two = (value: number) => String(value).padStart(2, '0')
const hour12 = (date: Date) => date.getUTCHours() % 12 || 12
const yearStart = (date: Date) => Date.UTC(date.getUTCFullYear(), 0, 1)
const dayOfYear = (date: Date) => Math.floor((date.getTime() - yearStart(date)) / 86_400_000) + 1

const WRITERS: Readonly<Record<string, (date: Date, seconds: number) => string>> = {
  '%': () => '%',
  A: (date) => DAYS[date.getUTCDay()]!,
  a: (date) => DAYS[date.getUTCDay()]!.slice(0, 3),
  B: (date) => MONTH_NAMES[date.getUTCMonth()]!,
  b: (date) => MONTH_NAMES[date.getUTCMonth()]!.slice(0, 3),
  d: (date) => two(date.getUTCDate()),
  e: (date) => String(date.getUTCDate()).padStart(2),
  F: (date) => date.toISOString().slice(0, 10),
  H: (date) => two(date.getUTCHours()),
  I: (date) => two(hour12(date)),
  j: (date) => String(dayOfYear(date)).padStart(3, '0'),
  k: (date) => String(date.getUTCHours()).padStart(2),
  M: (date) => two(date.getUTCMinutes()),
  m: (date) => two(date.getUTCMonth() + 1),
  N: (date) => String(date.getUTCMilliseconds()).padStart(3, '0'),
  p: (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  Q: (date) => String(date.getUTCMilliseconds()).padStart(3, '0'),
  S: (date) => two(date.getUTCSeconds()),
  s: (_date, seconds) => String(Math.floor(seconds)),
  T: (date) => date.toISOString().slice(11, 19),
  V: (date) => two(isoWeek(date)),
  w: (date) => String(date.getUTCDay()),
  Y: (date) => String(date.getUTCFullYear()),
  y: (date) => two(date.getUTCFullYear() % 100),
  Z: () => 'UTC',
  z: () => '+0000',
}

function isoWeek(date: Date): number {
  const thursday = new Date(date.getTime() + (4 - (date.getUTCDay() || 7)) * 86_400_000)
  return Math.floor((dayOfYear(thursday) - 1) / 7) + 1
}

export function writeTime(seconds: number, format: string): string {
  const date = new Date(seconds * 1_000)
  if (Number.isNaN(date.getTime())) throw unsupported(`The time ${seconds}`)
  return format.replaceAll(/%(\d?)([A-Za-z%])/g, (all: string, digits: string, letter: string) => {
    const writer = WRITERS[letter]
    if (writer === undefined || (digits !== '' && !/[NQ]/.test(letter))) {
      throw unsupported(`“${all}” in the format of a time`)
    }
    const written = writer(date, seconds)
    return digits === '' ? written : written.padEnd(9, '0').slice(0, Number(digits))
  })
}

const READERS: Readonly<Record<string, string>> = {
  '%': '%',
  b: String.raw`(?<name>[A-Za-z]{3})`,
  B: String.raw`(?<name>[A-Za-z]+)`,
  d: String.raw`(?<day>\d\d?)`,
  F: String.raw`(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)`,
  H: String.raw`(?<hour>\d\d?)`,
  I: String.raw`(?<hour>\d\d?)`,
  M: String.raw`(?<minute>\d\d)`,
  m: String.raw`(?<month>\d\d?)`,
  N: String.raw`(?<fraction>\d{1,9})`,
  p: '(?<half>[AaPp][Mm])',
  Q: String.raw`(?<fraction>\d{1,9})`,
  S: String.raw`(?<second>\d\d)`,
  s: String.raw`(?<epoch>-?\d+)`,
  T: String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`,
  Y: String.raw`(?<year>\d{4})`,
  y: String.raw`(?<short>\d\d)`,
  Z: '(?<zone>[A-Za-z]+)',
  z: String.raw`(?<offset>Z|[-+]\d\d:?\d\d)`,
}

/** Undefined when the text does not begin as the format says; what follows does not matter. */
export function readTime(text: string, format: string): number | undefined {
  const source = format.replaceAll(
    /%\d?([A-Za-z%])|[\\^$.|?*+()[\]{}]/g,
    (all, letter?: string) => {
      if (letter === undefined) return `\\${all}`
      const reader = READERS[letter]
      if (reader === undefined) throw unsupported(`“${all}” in the format of a time`)
      return reader
    },
  )
  const found = new RegExp(`^\\s*${source}`).exec(text)?.groups
  if (found === undefined) return undefined
  if (found.epoch !== undefined) return Number(found.epoch)
  if (found.zone !== undefined && !/^(?:utc|gmt|z)$/i.test(found.zone)) {
    throw unsupported(`The time zone ${found.zone}`)
  }
  return secondsOf(found)
}

function secondsOf(found: Readonly<Record<string, string | undefined>>): number | undefined {
  const number = (name: string, missing: number) => Number(found[name] ?? missing)
  const named = MONTH_NAMES.findIndex(
    (one) => found.name && one.toLowerCase().startsWith(found.name.toLowerCase()),
  )
  const month = found.name === undefined ? number('month', 1) - 1 : named
  const year = found.short === undefined ? number('year', 1970) : 2000 + Number(found.short)
  const half = found.half === undefined ? 0 : (number('hour', 0) % 12) - number('hour', 0)
  const noon = found.half?.toLowerCase() === 'pm' ? 12 : 0
  const hour = number('hour', 0) + half + noon
  const at = Date.UTC(year, month, number('day', 1), hour, number('minute', 0), number('second', 0))
  if (month < 0 || new Date(at).getUTCMonth() !== month) return undefined
  const [, sign, hours = '0', minutes = '0'] =
    /^([-+])(\d\d):?(\d\d)$/.exec(found.offset ?? '') ?? []
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 3_600 + Number(minutes) * 60)
  return at / 1_000 - offset + Number(`0.${found.fraction ?? '0'}`)
}
