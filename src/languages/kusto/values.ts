// Types and values of Kusto while a query is evaluated. Dates are unix milliseconds, spans milliseconds,
// dynamic values are those of JSON. A string is never null: a missing one is empty.
// Source: learn.microsoft.com, Kusto "Scalar data types", "Null values", read 2026-11.

import { compareText, Refusal } from '#languages/evaluation.ts'
import { readDate } from '#languages/elastic-documents.ts'

export type KustoType = 'bool' | 'long' | 'real' | 'string' | 'datetime' | 'timespan' | 'dynamic'
/** Lists and objects are dynamic. */
export type KustoValue = null | boolean | number | string | readonly KustoValue[] | KustoBag
export interface KustoBag {
  readonly [key: string]: KustoValue
}
export type KustoRow = Map<string, KustoValue>

export interface KustoTable {
  readonly columns: ReadonlyMap<string, KustoType>
  readonly rows: readonly KustoRow[]
}

const TYPES: Readonly<Record<string, KustoType>> = {
  bool: 'bool',
  boolean: 'bool',
  int: 'long',
  long: 'long',
  real: 'real',
  double: 'real',
  decimal: 'real',
  string: 'string',
  guid: 'string',
  datetime: 'datetime',
  date: 'datetime',
  timespan: 'timespan',
  time: 'timespan',
  dynamic: 'dynamic',
}

/** Throws `Refusal`. */
export function typeNamed(name: string): KustoType {
  const type = TYPES[name]
  if (type === undefined)
    throw new Refusal('not-evaluated', `The type ${name} cannot be evaluated here.`)
  return type
}

export function missing(type: KustoType): KustoValue {
  return type === 'string' ? '' : null
}

export function isNumeric(type: KustoType): boolean {
  return type === 'long' || type === 'real'
}

/** What a value becomes where text is needed. */
export function textOf(value: KustoValue, type: KustoType): string {
  if (value === null) return ''
  if (typeof value === 'string') return value
  if (type === 'datetime' && typeof value === 'number') return writeDate(value)
  if (type === 'timespan' && typeof value === 'number') return writeSpan(value)
  if (typeof value === 'boolean')
    return type === 'dynamic' ? String(value) : value ? 'True' : 'False'
  if (typeof value === 'number')
    return type === 'real' && Number.isInteger(value) ? `${value}.0` : String(value)
  return JSON.stringify(value)
}

/** Seven digits of a second, as Kusto writes them. */
export function writeDate(at: number): string {
  return new Date(at).toISOString().replace('Z', '0000Z')
}

/** The beginning of the first year, a Monday: where bins of dates begin; others begin at zero. */
const ORIGIN_MS = -62_135_596_800_000

/** Where the bin of a value begins. */
export function binStart(value: number, size: number, type: KustoType): number {
  const origin = type === 'datetime' ? ORIGIN_MS : 0
  return Math.floor((value - origin) / size) * size + origin
}

const DAY_MS = 86_400_000

/** `1.02:03:04.5000000` */
export function writeSpan(milliseconds: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const rest = Math.abs(milliseconds)
  const days = Math.floor(rest / DAY_MS)
  const [hours, minutes, seconds] = [3_600_000, 60_000, 1_000].map((unit, at) =>
    Math.floor((rest % [DAY_MS, 3_600_000, 60_000][at]!) / unit),
  )
  const part =
    rest % 1_000 === 0 ? '' : `.${String(Math.round((rest % 1_000) * 10_000)).padStart(7, '0')}`
  const clock = `${two(hours!)}:${two(minutes!)}:${two(seconds!)}${part}`
  return `${milliseconds < 0 ? '-' : ''}${days > 0 ? `${days}.` : ''}${clock}`
}

const UNITS: Readonly<Record<string, number>> = {
  d: DAY_MS,
  day: DAY_MS,
  days: DAY_MS,
  h: 3_600_000,
  hr: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  minutes: 60_000,
  s: 1_000,
  sec: 1_000,
  second: 1_000,
  seconds: 1_000,
  ms: 1,
  milli: 1,
  millis: 1,
  millisecond: 1,
  milliseconds: 1,
}

/** `5m`, `1.5h`, `1.02:03:04`; null for what is no span. */
export function readSpan(text: string): number | null {
  const unit = /^(-?[\d.]+)\s*([a-z]+)$/i.exec(text)
  if (unit) {
    const size = UNITS[unit[2]!.toLowerCase()]
    return size === undefined ? null : Number(unit[1]) * size
  }
  const clock = /^(-?)(?:(\d+)\.)?(\d+):(\d\d)(?::(\d\d(?:\.\d+)?))?$/.exec(text)
  if (clock) {
    const [, sign, days = '0', hours = '0', minutes = '0', seconds = '0'] = clock
    const size = Number(days) * DAY_MS + Number(hours) * 3_600_000 + Number(minutes) * 60_000
    return (sign === '-' ? -1 : 1) * (size + Number(seconds) * 1_000)
  }
  return /^-?\d+$/.test(text) ? Number(text) * DAY_MS : null
}

/** Null for what is no date. */
export function readInstant(text: string): number | null {
  return readDate(text.trim())
}

/** Undefined where one is null or the two are of kinds that do not compare. */
export function orderOf(a: KustoValue, b: KustoValue): number | undefined {
  if (a === null || b === null || typeof a !== typeof b || typeof a === 'object') return undefined
  if (typeof a === 'string') return compareText(a, b as string)
  return a === b ? 0 : Number(a) < Number(b) ? -1 : 1
}
