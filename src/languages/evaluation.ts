// What the evaluators of the query languages share: a query runs over JSON events in memory and gives
// rows, or a problem that names what is not supported. Never a wrong row: whoever meets something it
// does not know exactly throws `Refusal`, and `refusable` makes a problem of it.
// Rows, groups and time are bounded; the clock is the caller's.

import { LineMap, type Checked, type Problem } from '#kernel/problem.ts'
import type { Range } from './query.ts'

/** One event as it stands in NDJSON. Nested objects are read by dotted path, lists are multivalues. */
export type EventRecord = Readonly<Record<string, unknown>>

/** A field's value. Lists have at least two values and no list inside; a list of one is its value. */
export type Value = null | boolean | number | string | readonly Value[]

/** One row's fields, in the order they came. */
export type Fields = Map<string, Value>

export interface Answer {
  readonly columns: readonly string[]
  readonly rows: readonly Readonly<Record<string, Value>>[]
}

export interface EvaluateOptions {
  /** Unix milliseconds; what the query calls now. */
  readonly now: number
  /** Asked now and then; true ends the evaluation with a refusal. */
  readonly isExpired?: () => boolean
  readonly caps?: Partial<EvaluationCaps>
}

export interface EvaluationCaps {
  /** Rows read or held at once. */
  readonly rows: number
  /** Groups of one aggregation, sequences under way, values of one list. */
  readonly groups: number
}

const CAPS: EvaluationCaps = { rows: 1_000_000, groups: 100_000 }
const ROWS_BETWEEN_CHECKS = 1_024

/** Ends an evaluation; the message is a sentence for the query's author. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: string
  readonly range: Range | undefined

  /** `code` is the second half of the problem's code. */
  constructor(code: string, message: string, range?: Range) {
    super(message)
    this.code = code
    this.range = range
  }
}

/** What the query asks for is known to exist and not known here. */
export function unsupported(what: string, range?: Range): Refusal {
  return new Refusal('not-evaluated', `${what} cannot be evaluated here.`, range)
}

/** Runs `work`; its refusal becomes the one problem of the answer. */
export function refusable<T>(area: string, text: string, work: () => Checked<T>): Checked<T> {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { problems: [problemOf(area, text, error)] }
  }
}

function problemOf(area: string, text: string, { code, message, range }: Refusal): Problem {
  const place = range === undefined ? {} : new LineMap(text).span(range.start, range.end)
  return { code: `${area}/${code}`, severity: 'error', message, ...place }
}

/** Counts what one evaluation uses. */
export class Budget {
  readonly #caps: EvaluationCaps
  readonly #isExpired: () => boolean
  #steps = 0

  constructor(options: EvaluateOptions) {
    this.#caps = { ...CAPS, ...options.caps }
    this.#isExpired = options.isExpired ?? (() => false)
  }

  /** To be called for every row a command touches. */
  step(): void {
    this.#steps++
    if (this.#steps % ROWS_BETWEEN_CHECKS === 0 && this.#isExpired()) {
      throw new Refusal('out-of-time', 'The query did not end within its time.')
    }
  }

  holdRows(count: number): void {
    if (count > this.#caps.rows) {
      throw new Refusal('too-many-rows', `The query holds more than ${this.#caps.rows} rows.`)
    }
  }

  holdGroups(count: number): void {
    if (count > this.#caps.groups) {
      throw new Refusal('too-many-groups', `The query makes more than ${this.#caps.groups} groups.`)
    }
  }

  /** The rows as an array, counted. */
  collect<Row>(rows: Iterable<Row>): Row[] {
    const held: Row[] = []
    for (const row of rows) {
      this.step()
      held.push(row)
      this.holdRows(held.length)
    }
    return held
  }
}

const DEPTH_MAX = 32

/** An event's fields by dotted path; a flat key wins over a nested one of the same name. */
export function flatten(event: EventRecord): Fields {
  const fields: Fields = new Map()
  const flat: [string, Value][] = []
  for (const key of Object.keys(event)) {
    const value = event[key]
    if (typeof value !== 'object' || value === null) flat.push([key, scalarOf(value)])
    else visit(fields, key, value, 0)
  }
  for (const [key, value] of flat) fields.set(key, value)
  return fields
}

function visit(fields: Fields, path: string, value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) add(fields, path, scalarOf(value))
  else if (depth >= DEPTH_MAX) return
  else if (Array.isArray(value)) {
    for (const item of value) visit(fields, path, item, depth + 1)
  } else {
    for (const [key, item] of Object.entries(value)) {
      visit(fields, `${path}.${key}`, item, depth + 1)
    }
  }
}

function add(fields: Fields, path: string, value: Value): void {
  const known = fields.get(path)
  fields.set(path, known === undefined ? value : listOf([...valuesOf(known), ...valuesOf(value)]))
}

function scalarOf(value: unknown): Value {
  const isScalar =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return isScalar ? value : null
}

/** None is null, one is itself. */
export function listOf(values: readonly Value[]): Value {
  return values.length === 0 ? null : values.length === 1 ? values[0]! : values
}

/** The values of a field; null has none. */
export function valuesOf(value: Value | undefined): readonly Value[] {
  if (value === null || value === undefined) return []
  return typeof value === 'object' ? value : [value]
}

/** By code points, as engines order UTF-8: code units differ where surrogates meet the rest. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (x === y) continue
    const isSurrogate = (unit: number) => unit >= 0xd800 && unit < 0xe000
    if (isSurrogate(x) !== isSurrogate(y)) return isSurrogate(x) ? 1 : -1
    return x - y
  }
  return a.length - b.length
}

/** Rows as plain objects, with the columns in the order they first appear. */
export function answerOf(rows: readonly Fields[]): Answer {
  const columns = new Set<string>()
  for (const row of rows) for (const name of row.keys()) columns.add(name)
  return { columns: [...columns], rows: rows.map(plainRow) }
}

export function plainRow(row: Fields): Readonly<Record<string, Value>> {
  const plain = Object.create(null) as Record<string, Value>
  for (const [name, value] of row) plain[name] = value
  return plain
}

/** `and` and `or` of three values: one part decides, else null stays what is not known. */
export function junction<Row>(
  kind: 'and' | 'or',
  parts: readonly ((row: Row) => boolean | null)[],
): (row: Row) => boolean | null {
  const decisive = kind === 'or'
  return (row) => {
    let result: boolean | null = !decisive
    for (const part of parts) {
      const value = part(row)
      if (value === decisive) return decisive
      if (value === null) result = null
    }
    return result
  }
}
